//! Views into HTML. What a template cannot say simply is worked out here first.

use askama::Template;

use super::assets::{self, Asset};
use super::brand::Shop;
use super::headers::ProviderScript;
use super::links::web_url;
use super::messages::{Lang, Messages};
use super::text::Text;
use super::view::{CardStep, Method, Notice, PageView, PlainPage, Progress, Quote, RrnError, State, UpiKind};
use super::wording::{self, kind, refresh_seconds, returns_by_itself, tone};

mod parts;
pub mod pay_link;
pub mod refund;

/// The page at which payers pay; its forms post to it too.
pub const PAGE_PATH: &str = "/widget/sale/create/";
/// Its event stream; each message is `{"version":N}`.
pub const EVENTS_PATH: &str = "/widget/sale/events/";

struct LanguageLink {
    lang: Lang,
    href: String,
}

#[derive(Template)]
#[template(path = "checkout/page.html")]
struct Page<'a> {
    m: Messages,
    lang: Lang,
    title: String,
    style: &'static Asset,
    /// Ours, in the order they run.
    scripts: Vec<&'static Asset>,
    /// Runs before the last of ours.
    provider_script: Option<ProviderScript>,
    sandbox: bool,
    languages: Vec<LanguageLink>,
    view: &'a PageView,
    kind: &'static str,
    tone: &'static str,
    heading: Text,
    help: Option<Text>,
    announce: String,
    reference: String,
    /// The page's own address: one that answers a form stands at another.
    own: String,
    events: String,
    stay: String,
    return_url: Option<String>,
    returns_by_itself: bool,
    is_over: bool,
    refresh: Option<String>,
    /// Where the payer is led at once.
    go: Option<String>,
    no_price: bool,
}

#[derive(Template)]
#[template(path = "checkout/plain.html")]
struct Plain {
    m: Messages,
    lang: Lang,
    title: String,
    style: &'static Asset,
    sandbox: bool,
    languages: Vec<LanguageLink>,
    page: PlainPage,
    tone: &'static str,
    heading: Text,
    help: Text,
    shop: Option<Shop>,
}

/// The whole page of an invoice.
pub fn render(view: &PageView, lang: Lang) -> String {
    let m = Messages { lang };
    let heading = wording::heading(&m, &view.state);
    let return_url = view.return_url.as_deref().and_then(web_url);
    let return_url = return_url.map(|url| if view.returns_to_us { format!("{url}&lang={}", lang.code()) } else { url });
    let returns_by_itself = return_url.is_some() && returns_by_itself(view);
    let refresh = match &return_url {
        Some(url) if returns_by_itself => Some(format!("5;url={url}")),
        _ => refresh_seconds(&view.state).map(|seconds| seconds.to_string()),
    };
    finish(Page {
        m,
        lang,
        title: wording::title(&m, view, &heading),
        style: &assets::STYLE,
        scripts: scripts(&view.state),
        provider_script: ProviderScript::of(view),
        sandbox: view.sandbox,
        languages: language_links(|lang| page_url(PAGE_PATH, &view.token, lang, view.stay)),
        view,
        kind: kind(&view.state),
        tone: tone(&view.state),
        help: wording::help(&m, view),
        announce: wording::announcement(&m, view, &heading),
        heading,
        reference: wording::reference(view.number),
        own: page_url(PAGE_PATH, &view.token, lang, view.stay),
        events: page_url(EVENTS_PATH, &view.token, lang, false),
        stay: page_url(PAGE_PATH, &view.token, lang, true),
        return_url,
        returns_by_itself,
        is_over: wording::is_over(&view.state),
        refresh,
        go: going(view),
        no_price: wording::says_no_price(view),
    })
}

fn scripts(state: &State) -> Vec<&'static Asset> {
    let mut scripts: Vec<&'static Asset> = vec![&assets::SCRIPT];
    if let State::Card(pay) = state {
        match pay.step {
            CardStep::Form { .. } => scripts.push(&assets::CARD_SCRIPT),
            CardStep::Fields { .. } => scripts.push(&assets::STRIPE_SCRIPT),
            CardStep::Continue { .. } | CardStep::Start { .. } => {}
        }
    }
    scripts
}

/// Only right after the press of a button that says so.
fn going(view: &PageView) -> Option<String> {
    match &view.state {
        State::Card(pay) if view.go => match &pay.step {
            CardStep::Continue { url, .. } => web_url(url),
            _ => None,
        },
        _ => None,
    }
}

/// A page that tells nothing of an invoice, at most whose it was; `query` leads to it again.
pub fn render_plain(page: PlainPage, sandbox: bool, lang: Lang, shop: Option<Shop>, query: &str) -> String {
    let m = Messages { lang };
    let (tone, heading, help) = match page {
        PlainPage::NotFound => ("bad", "not-found-heading", "not-found-help"),
        PlainPage::TooManyRequests => ("wait", "too-many-heading", "too-many-help"),
        PlainPage::Success => ("good", "success-heading", "success-help"),
        PlainPage::Cancel => ("bad", "cancel-heading", "cancel-help"),
        PlainPage::Pending => ("wait", "pending-heading", "pending-help"),
    };
    let heading = m.text(heading);
    finish(Plain {
        m,
        lang,
        title: heading.plain(),
        style: &assets::STYLE,
        sandbox,
        languages: language_links(|lang| format!("?{query}lang={}", lang.code())),
        page,
        tone,
        heading,
        help: m.text(help),
        shop,
    })
}

fn finish(template: impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        // Only a value's own `Display` can fail, and ours do not.
        tracing::error!(%error, "a payer's page could not be written");
        String::new()
    })
}

fn page_url(path: &str, token: &str, lang: Lang, stay: bool) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("token", token).append_pair("lang", lang.code());
    if stay {
        query.append_pair("stay", "1");
    }
    format!("{path}?{}", query.finish())
}

fn language_links(href: impl Fn(Lang) -> String) -> Vec<LanguageLink> {
    Lang::ALL.map(|lang| LanguageLink { lang, href: href(lang) }).into()
}
