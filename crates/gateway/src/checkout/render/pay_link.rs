//! The page of a payment link into HTML.

use askama::Template;

use super::super::assets::{self, Asset};
use super::super::messages::{Lang, Messages};
use super::super::pay_link::{PayLinkPage, Step, Wrong};
use super::super::text::Text;
use super::{LanguageLink, finish, language_links};
use crate::app::payment_links::{Closed, PAGE_PATH};

#[derive(Template)]
#[template(path = "checkout/pay_link.html")]
struct Page<'a> {
    m: Messages,
    lang: Lang,
    title: String,
    style: &'static Asset,
    sandbox: bool,
    languages: Vec<LanguageLink>,
    view: &'a PayLinkPage,
    kind: &'static str,
    tone: &'static str,
    heading: Text,
    help: Option<Text>,
    own: String,
}

impl Page<'_> {
    fn wrong_amount(&self, wrong: &Option<Wrong>) -> Option<Text> {
        Some(self.m.text(match wrong.as_ref()? {
            Wrong::Amount => "link-amount-malformed",
            Wrong::Above => "link-amount-above",
            Wrong::Below => "link-amount-below",
            Wrong::Email | Wrong::NotNow => return None,
        }))
    }

    fn is(&self, wrong: &Option<Wrong>, which: &str) -> bool {
        match which {
            "email" => *wrong == Some(Wrong::Email),
            _ => *wrong == Some(Wrong::NotNow),
        }
    }

    /// What an open amount may be.
    fn bounds(&self) -> Option<Text> {
        let said = |amount: &String| format!("{amount} {}", self.view.currency);
        let (min, max) = (self.view.min.as_ref().map(said), self.view.max.as_ref().map(said));
        Some(match (min, max) {
            (Some(min), Some(max)) => self.m.fill("link-between", &[self.m.ltr("min", min), self.m.ltr("max", max)]),
            (Some(min), None) => self.m.fill("link-at-least", &[self.m.ltr("min", min)]),
            (None, Some(max)) => self.m.fill("link-at-most", &[self.m.ltr("max", max)]),
            (None, None) => return None,
        })
    }
}

/// The whole page.
pub fn render(view: &PayLinkPage, lang: Lang) -> String {
    let m = Messages { lang };
    let (kind, tone, heading, help) = match &view.step {
        Step::Enter { .. } => {
            ("link-enter", "wait", m.fill("link-heading", &[m.name("merchant", &view.merchant)]), None)
        }
        Step::Closed(Closed::Off) => ("link-off", "bad", m.text("link-off-heading"), Some(m.text("link-off-help"))),
        Step::Closed(Closed::Expired) => {
            ("link-expired", "bad", m.text("link-expired-heading"), Some(m.text("link-expired-help")))
        }
        Step::Closed(Closed::Paid) => {
            ("link-paid", "good", m.text("link-paid-heading"), Some(m.text("link-paid-help")))
        }
    };
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
        own,
    })
}
