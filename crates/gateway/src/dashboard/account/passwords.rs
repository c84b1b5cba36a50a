//! `/forgot`, `/reset`, `/account/password`.

use askama::Template;

use super::sign_in::KNOWN;
use super::sign_up::{Said, link_is_over, may_mail};
use crate::app::accounts::passwords;
use crate::app::accounts::sessions::Person;
use crate::app::accounts::sign_in::Refused;
use crate::dashboard::ask::Ask;
use crate::dashboard::cookies;
use crate::dashboard::frame::Frame;
use crate::dashboard::gate::LOG_IN;
use crate::dashboard::pages::{Answer, Failed};

#[derive(Template)]
#[template(path = "dashboard/account/forgot.html")]
struct ForgotPage {
    f: Frame,
}

pub async fn forgot_page(ask: Ask) -> Answer {
    ask.show(&ForgotPage { f: ask.frame(ask.w().text("forgot-title").plain()) })
}

/// The answer is the same for every address, and given before the address is looked up.
pub async fn forgot(ask: Ask) -> Answer {
    let (app, email) = (ask.app().clone(), ask.form.text("email").to_owned());
    may_mail(&ask, &email).await?;
    tokio::spawn(async move {
        if let Err(error) = passwords::forgot(&app, &email).await {
            error.log("A mail for a forgotten password could not be written");
        }
    });
    let w = ask.w();
    let (heading, help) = (w.text("forgot-done"), w.text("forgot-done-help"));
    ask.show(&Said { f: ask.frame(heading.plain()), heading, help, again: None })
}

#[derive(Template)]
#[template(path = "dashboard/account/reset.html")]
struct ResetPage {
    f: Frame,
    /// Of a link; empty when the old password is asked for.
    token: String,
    email: String,
    old_wrong: String,
    wrong: String,
    again_wrong: String,
}

fn reset_form(ask: &Ask, token: &str, email: &str, wrong: (String, String)) -> ResetPage {
    let f = ask.frame(ask.w().text("reset-title").plain());
    let (wrong, again_wrong) = wrong;
    ResetPage { f, token: token.to_owned(), email: email.to_owned(), old_wrong: String::new(), wrong, again_wrong }
}

pub async fn reset_page(ask: Ask) -> Answer {
    let token = ask.query("token");
    match passwords::of_link(ask.app(), token).await? {
        Some(user) => ask.show(&reset_form(&ask, token, &user.email, Default::default())),
        None => link_is_over(&ask),
    }
}

pub async fn reset_post(ask: Ask) -> Answer {
    let token = ask.form.text("token");
    let Some(user) = passwords::of_link(ask.app(), token).await? else { return link_is_over(&ask) };
    if let Err(wrong) = super::new_password(&ask, &user.email) {
        return ask.show_again(&reset_form(&ask, token, &user.email, wrong));
    }
    match passwords::reset(ask.app(), token, ask.form.secret("new-password")).await {
        Ok(Some(mark)) => {
            let mut response = ask.go_saying(LOG_IN, "flash-password-changed");
            cookies::set(ask.app(), &mut response, cookies::SESSION, "", 0);
            cookies::set(ask.app(), &mut response, cookies::MARK, &mark, KNOWN);
            Ok(response)
        }
        Ok(None) => link_is_over(&ask),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(_) => Err(Failed::Unavailable),
    }
}

pub async fn change_page(ask: Ask, person: Person) -> Answer {
    ask.show(&change_form(&ask, &person, Default::default()))
}

fn change_form(ask: &Ask, person: &Person, wrong: (String, String)) -> ResetPage {
    let page = reset_form(ask, "", &person.user.email, wrong);
    ResetPage { f: page.f.under(ask.w().text("nav-account").plain(), super::HOME), ..page }
}

pub async fn change_post(ask: Ask, person: Person) -> Answer {
    if let Err(wrong) = super::new_password(&ask, &person.user.email) {
        return ask.show_again(&change_form(&ask, &person, wrong));
    }
    let (old, new) = (ask.form.secret("password"), ask.form.secret("new-password"));
    match passwords::change(ask.app(), &person, old, new).await {
        Ok(()) => Ok(ask.go_saying(super::HOME, "flash-password-changed")),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(refused) => {
            let old_wrong = super::refused(&ask, &refused, "password-wrong").plain();
            ask.show_again(&ResetPage { old_wrong, ..change_form(&ask, &person, Default::default()) })
        }
    }
}
