//! `/signup` and `/confirm`.

use askama::Template;

use crate::app::accounts::sign_up::{self, SignUp, sign_up};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::gate::LOG_IN;
use crate::dashboard::pages::{Answer, Failed};
use crate::wire::email;

const MAX_COMPANY: usize = 100;

#[derive(Default)]
struct Wrong {
    email: String,
    company: String,
    new_password: String,
    again: String,
}

#[derive(Template)]
#[template(path = "dashboard/account/signup.html")]
struct Page {
    f: Frame,
    email: String,
    company: String,
    wrong: Wrong,
}

/// A page of one sentence, with at most one button.
#[derive(Template)]
#[template(path = "dashboard/account/said.html")]
pub(super) struct Said {
    pub f: Frame,
    pub heading: Text,
    pub help: Text,
    /// Where the button's form goes, what it holds, and what it says.
    pub form: Option<(&'static str, String, Text)>,
}

fn form(ask: &Ask, wrong: Wrong) -> Page {
    Page {
        f: ask.frame(ask.w().text("signup-title").plain()),
        email: ask.form.text("email").to_owned(),
        company: ask.form.text("company").to_owned(),
        wrong,
    }
}

pub async fn page(ask: Ask) -> Answer {
    ask.show(&form(&ask, Wrong::default()))
}

pub async fn post(ask: Ask) -> Answer {
    let (w, address, company) = (ask.w(), ask.form.text("email"), ask.form.text("company"));
    let mut wrong = Wrong::default();
    if !email::is_valid(address) {
        wrong.email = w.text("email-wrong").plain();
    }
    if company.is_empty() || company.chars().count() > MAX_COMPANY || company.chars().any(char::is_control) {
        wrong.company = w.text("company-wrong").plain();
    }
    if let Err((first, second)) = super::new_password(&ask, address) {
        (wrong.new_password, wrong.again) = (first, second);
    }
    let all = [&wrong.email, &wrong.company, &wrong.new_password, &wrong.again];
    if all.iter().any(|text| !text.is_empty()) {
        return ask.show_again(&form(&ask, wrong));
    }
    let new =
        SignUp { email: address.to_owned(), company: company.to_owned(), password: ask.form.secret("new-password") };
    match sign_up(ask.app(), new).await {
        Ok(()) => {}
        Err(sign_up::Failed::Busy) => return Err(Failed::Unavailable),
        Err(sign_up::Failed::Store(error)) => return Err(error.into()),
    }
    let (heading, help) = (w.text("signup-done"), w.text("signup-done-help"));
    ask.show(&Said { f: ask.frame(heading.plain()), heading, help, form: None })
}

/// A button, since programs that look into mails open links too.
pub async fn confirm_page(ask: Ask) -> Answer {
    let w = ask.w();
    let (heading, help) = (w.text("confirm-title"), w.text("confirm-help"));
    let form = Some(("/confirm", ask.query("token").to_owned(), w.text("confirm-button")));
    ask.show(&Said { f: ask.frame(heading.plain()), heading, help, form })
}

pub async fn confirm_post(ask: Ask) -> Answer {
    if sign_up::confirm(ask.app(), ask.form.text("token")).await? {
        return Ok(ask.go_saying(LOG_IN, "flash-confirmed"));
    }
    link_is_over(&ask)
}

/// A link that is good no more.
pub(super) fn link_is_over(ask: &Ask) -> Answer {
    let w = ask.w();
    let (heading, help) = (w.text("link-over"), w.text("link-over-help"));
    ask.show_again(&Said { f: ask.frame(heading.plain()), heading, help, form: None })
}
