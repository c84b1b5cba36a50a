//! The page on which a payer says where coins are to go.

use askama::Template;

use super::super::assets::{self, Asset};
use super::super::brand::Shop;
use super::super::links::web_url;
use super::super::messages::{Filling, Lang, Messages};
use super::super::refund::{RefundPage, Step, Wrong};
use super::super::text::Text;
use super::super::wording;
use super::{LanguageLink, finish, language_links};
use crate::app::coin_refunds::PAGE_PATH;
use crate::app::coin_refunds::address::BadAddress;

#[derive(Template)]
#[template(path = "checkout/refund.html")]
struct Page<'a> {
    m: Messages,
    lang: Lang,
    title: String,
    style: &'static Asset,
    sandbox: bool,
    languages: Vec<LanguageLink>,
    view: &'a RefundPage,
    kind: &'static str,
    tone: &'static str,
    heading: Text,
    help: Option<Text>,
    reference: String,
    own: String,
}

impl Page<'_> {
    fn amount(&self) -> Filling {
        amount(&self.m, self.view)
    }

    fn groups(&self, address: &str) -> Vec<String> {
        wording::address_groups(address)
    }

    fn short(&self, hash: &str) -> String {
        wording::short_hash(hash)
    }

    fn web_url(&self, url: &Option<String>) -> Option<String> {
        url.as_deref().and_then(web_url)
    }

    fn wrong(&self, wrong: &Wrong) -> Text {
        self.m.text(match wrong {
            Wrong::Address(BadAddress::NotAnAddress) => "refund-address-malformed",
            Wrong::Address(BadAddress::Checksum) => "refund-address-mistyped",
            Wrong::Address(BadAddress::NotAPayers) => "refund-address-ours",
            Wrong::NotNow => "refund-not-now",
        })
    }
}

fn amount(m: &Messages, view: &RefundPage) -> Filling {
    m.ltr("amount", format!("{} {}", view.amount.digits, view.amount.symbol))
}

/// The whole page.
pub fn render(view: &RefundPage, lang: Lang) -> String {
    let m = Messages { lang };
    let reference = wording::reference(view.number);
    let amount = || amount(&m, view);
    let (kind, tone, heading, help) = match &view.step {
        Step::Enter { .. } => {
            let help = m.fill("refund-help", &[m.name("merchant", &view.merchant), amount()]);
            ("refund-enter", "wait", "refund-heading", Some(help))
        }
        Step::Sure { .. } => ("refund-sure", "wait", "refund-sure-heading", Some(m.text("refund-sure-help"))),
        Step::Confirmed { .. } => {
            ("refund-confirmed", "wait", "refund-confirmed-heading", Some(m.fill("refund-confirmed-help", &[amount()])))
        }
        Step::Done { .. } => {
            ("refund-done", "good", "refund-done-heading", Some(m.fill("refund-done-help", &[amount()])))
        }
        Step::Failed => {
            let help = m.fill("refund-failed-help", &[m.ltr("reference", &reference)]);
            ("refund-failed", "bad", "refund-failed-heading", Some(help))
        }
    };
    let heading = m.text(heading);
    let own = format!("{PAGE_PATH}{}", view.token);
    finish(Page {
        m,
        lang,
        title: heading.plain(),
        style: &assets::STYLE,
        sandbox: view.sandbox,
        languages: language_links(|lang| format!("{own}?lang={}", lang.code())),
        view,
        kind,
        tone,
        heading,
        help,
        reference,
        own,
    })
}

#[derive(Template)]
#[template(path = "checkout/refund_gone.html")]
struct Gone {
    m: Messages,
    lang: Lang,
    title: String,
    style: &'static Asset,
    sandbox: bool,
    languages: Vec<LanguageLink>,
    tone: &'static str,
    heading: Text,
    help: Option<Text>,
    shop: Option<Shop>,
}

/// The page of a link that leads nowhere.
pub fn gone(sandbox: bool, lang: Lang, shop: Option<Shop>) -> String {
    let m = Messages { lang };
    let heading = m.text("refund-gone-heading");
    finish(Gone {
        m,
        lang,
        title: heading.plain(),
        style: &assets::STYLE,
        sandbox,
        languages: language_links(|lang| format!("?lang={}", lang.code())),
        tone: "bad",
        heading,
        help: Some(m.text("refund-gone-help")),
        shop,
    })
}
