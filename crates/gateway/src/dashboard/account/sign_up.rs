//! `/signup` and `/confirm`.

use askama::Template;

use crate::app::accounts::lower;
use crate::app::accounts::sign_in::Refused;
use crate::app::accounts::sign_up::{self, SignUp, sign_up};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
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

/// A page of one sentence.
#[derive(Template)]
#[template(path = "dashboard/account/said.html")]
pub(super) struct Said {
    pub f: Frame,
    pub heading: Text,
    pub help: Text,
    /// To whom the confirmation can be sent again.
    pub again: Option<String>,
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
    may_mail(&ask, address).await?;
    let new = SignUp {
        email: address.to_owned(),
        company: company.to_owned(),
        password: ask.form.secret("new-password"),
        locale: w.lang.code(),
    };
    match sign_up(ask.app(), new).await {
        Ok(()) => {}
        Err(sign_up::Failed::Busy) => return Err(Failed::Unavailable),
        Err(sign_up::Failed::Store(error)) => return Err(error.into()),
    }
    let (heading, help) = (w.text("signup-done"), w.text("signup-done-help"));
    ask.show(&Said { f: ask.frame(heading.plain()), heading, help, again: Some(lower(address)) })
}

/// Where the confirmation is sent again.
pub const AGAIN: &str = "/confirm/again";

#[derive(Template)]
#[template(path = "dashboard/account/confirm_again.html")]
struct AgainPage {
    f: Frame,
}

pub async fn again_page(ask: Ask) -> Answer {
    ask.show(&AgainPage { f: ask.frame(ask.w().text("confirm-again").plain()) })
}

/// The answer is the same for every address, and given before the address is looked up.
pub async fn again(ask: Ask) -> Answer {
    let (app, address) = (ask.app().clone(), ask.form.text("email").to_owned());
    may_mail(&ask, &address).await?;
    tokio::spawn(async move {
        if let Err(error) = sign_up::confirm_again(&app, &address).await {
            error.log("A mail that asks to confirm an address could not be written");
        }
    });
    let w = ask.w();
    let (heading, help) = (w.text("signup-done"), w.text("confirm-again-done-help"));
    ask.show(&Said { f: ask.frame(heading.plain()), heading, help, again: None })
}

#[derive(Template)]
#[template(path = "dashboard/account/confirm.html")]
struct ConfirmPage {
    f: Frame,
    token: String,
    email: String,
    wrong: String,
}

fn confirm_form(ask: &Ask, token: &str, email: String, wrong: String) -> ConfirmPage {
    ConfirmPage { f: ask.frame(ask.w().text("confirm-title").plain()), token: token.to_owned(), email, wrong }
}

/// A form, since programs that look into mails open links too.
pub async fn confirm_page(ask: Ask) -> Answer {
    let token = ask.query("token");
    match sign_up::of_link(ask.app(), token).await? {
        Some(user) => ask.show(&confirm_form(&ask, token, user.email, String::new())),
        None => confirmation_is_over(&ask),
    }
}

pub async fn confirm_post(ask: Ask) -> Answer {
    let token = ask.form.text("token");
    match sign_up::confirm(ask.app(), token, ask.form.secret("password"), ask.ip).await {
        Ok(Some(email)) => super::sign_in::enter(&ask, &email).await,
        Ok(None) => confirmation_is_over(&ask),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(refused) => {
            let email = sign_up::of_link(ask.app(), token).await?.map(|user| user.email);
            let wrong = super::refused(&ask, &refused, "password-wrong").plain();
            ask.show_again(&confirm_form(&ask, token, email.unwrap_or_default(), wrong))
        }
    }
}

/// Lets nobody have us fill another's mailbox.
pub(super) async fn may_mail(ask: &Ask, email: &str) -> Result<(), Failed> {
    match sign_up::may_mail(ask.app(), email, ask.ip).await {
        Ok(()) => Ok(()),
        Err(Refused::Wait(millis)) => {
            Err(Failed::TooManyRequests(u64::try_from(millis.div_euclid(1000) + 1).unwrap_or(1)))
        }
        Err(Refused::Store(error)) => Err(error.into()),
        Err(_) => Err(Failed::Unavailable),
    }
}

/// As [`link_is_over`], with the way to another.
fn confirmation_is_over(ask: &Ask) -> Answer {
    let w = ask.w();
    let (heading, help) = (w.text("link-over"), w.text("link-over-help"));
    ask.show_again(&Said { f: ask.frame(heading.plain()), heading, help, again: Some(String::new()) })
}

/// A link that is good no more.
pub(super) fn link_is_over(ask: &Ask) -> Answer {
    let w = ask.w();
    let (heading, help) = (w.text("link-over"), w.text("link-over-help"));
    ask.show_again(&Said { f: ask.frame(heading.plain()), heading, help, again: None })
}
