//! `/login` and `/logout`.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::CODE;
use crate::app::accounts::second_factor;
use crate::app::accounts::sessions::{LASTS, Person, sign_out};
use crate::app::accounts::sign_in::{Refused, Typed, sign_in};
use crate::checkout::text::Text;
use crate::dashboard::ask::{Ask, local_path};
use crate::dashboard::cookies;
use crate::dashboard::frame::Frame;
use crate::dashboard::gate::LOG_IN;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::{client, operator};

/// How long a browser is known.
pub const KNOWN: i64 = 400 * 86_400;

#[derive(Template)]
#[template(path = "dashboard/account/login.html")]
struct Page {
    f: Frame,
    email: String,
    next: String,
    wrong: Option<Text>,
}

fn form(ask: &Ask, wrong: Option<Text>) -> Page {
    let given = if ask.form.text("next").is_empty() { ask.query("next") } else { ask.form.text("next") };
    Page {
        f: ask.frame(ask.w().text("login-title").plain()),
        email: ask.form.text("email").to_owned(),
        next: local_path(given).unwrap_or_default().to_owned(),
        wrong,
    }
}

pub async fn page(ask: Ask) -> Answer {
    if let Some(person) = ask.person() {
        return Ok(ask.go(super::look::home(person)));
    }
    ask.show(&form(&ask, None))
}

pub async fn post(ask: Ask) -> Answer {
    enter(&ask, ask.form.text("email")).await
}

/// Signs in with the form's password.
pub(super) async fn enter(ask: &Ask, email: &str) -> Answer {
    let typed = Typed {
        email: email.to_owned(),
        password: ask.form.secret("password"),
        browser: ask.browser(),
        mark: cookies::get(ask.app(), &ask.headers, cookies::MARK).map(ToOwned::to_owned),
    };
    let entered = match sign_in(ask.app(), typed).await {
        Ok(entered) => entered,
        Err(Refused::Wrong) => return ask.show_again(&form(ask, Some(ask.w().text("login-wrong")))),
        Err(Refused::Unconfirmed) => return ask.show_again(&form(ask, Some(ask.w().text("login-unconfirmed")))),
        Err(Refused::Wait(millis)) => {
            let wrong = super::refused(ask, &Refused::Wait(millis), "");
            let mut response = ask.show_as(StatusCode::TOO_MANY_REQUESTS, &form(ask, Some(wrong)))?;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(millis.div_euclid(1000) + 1));
            return Ok(response);
        }
        Err(Refused::Busy) => return Err(Failed::Unavailable),
        Err(Refused::Store(error)) => return Err(error.into()),
    };
    let home = if entered.is_operator { operator::HOME } else { client::HOME };
    let there = local_path(ask.form.text("next")).unwrap_or(home);
    if entered.is_complete {
        return Ok(signed_in(ask, there, &entered.token, entered.mark.as_deref()));
    }
    let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", there).finish();
    Ok(signed_in(ask, &format!("{CODE}?{next}"), &entered.token, None))
}

fn signed_in(ask: &Ask, there: &str, token: &str, mark: Option<&str>) -> Response {
    let mut response = ask.go(there);
    cookies::set(ask.app(), &mut response, cookies::SESSION, token, LASTS.div_euclid(1000));
    if let Some(mark) = mark {
        cookies::set(ask.app(), &mut response, cookies::MARK, mark, KNOWN);
    }
    response
}

#[derive(Template)]
#[template(path = "dashboard/account/code.html")]
struct CodePage {
    f: Frame,
    next: String,
    wrong: Option<Text>,
}

fn code_form(ask: &Ask, wrong: Option<Text>) -> CodePage {
    let given = if ask.form.text("next").is_empty() { ask.query("next") } else { ask.form.text("next") };
    let next = local_path(given).unwrap_or_default().to_owned();
    CodePage { f: ask.frame(ask.w().text("code-title").plain()), next, wrong }
}

/// The second step, for who has given his password.
pub async fn code_page(ask: Ask) -> Answer {
    if ask.half.is_none() {
        return Ok(ask.go(LOG_IN));
    }
    ask.show(&code_form(&ask, None))
}

pub async fn code(ask: Ask) -> Answer {
    let Some(half) = ask.half.clone() else { return Ok(ask.go(LOG_IN)) };
    match second_factor::complete(ask.app(), &half, ask.form.text("code"), ask.browser()).await {
        Ok((token, mark)) => {
            let home = if half.user.is_operator { operator::HOME } else { client::HOME };
            let there = local_path(ask.form.text("next")).unwrap_or(home);
            Ok(signed_in(&ask, there, &token, Some(&mark)))
        }
        Err(Refused::Store(error)) => Err(error.into()),
        Err(refused) => {
            let wrong = super::refused(&ask, &refused, "code-wrong");
            ask.show_again(&code_form(&ask, Some(wrong)))
        }
    }
}

pub async fn out(ask: Ask, person: Person) -> Answer {
    sign_out(ask.app(), &person).await?;
    let mut response = ask.go_saying(LOG_IN, "flash-signed-out");
    cookies::set(ask.app(), &mut response, cookies::SESSION, "", 0);
    Ok(response)
}
