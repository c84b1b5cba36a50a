//! `/login` and `/logout`.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::CODE;
use super::passkeys::Here;
use crate::app::accounts::passkeys::list;
use crate::app::accounts::second_factor;
use crate::app::accounts::sessions::{LASTS, Person, sign_out};
use crate::app::accounts::sign_in::{Entered, Refused, Typed, sign_in};
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
    /// Asked to sign in before he confirmed his address.
    is_unconfirmed: bool,
    passkeys: Here,
}

pub(super) fn form_again(ask: &Ask, wrong: Text) -> Answer {
    ask.show_again(&form(ask, Some(wrong)))
}

fn form(ask: &Ask, wrong: Option<Text>) -> Page {
    let given = if ask.form.text("next").is_empty() { ask.query("next") } else { ask.form.text("next") };
    Page {
        f: ask.frame(ask.w().text("login-title").plain()),
        email: ask.form.text("email").to_owned(),
        next: local_path(given).unwrap_or_default().to_owned(),
        wrong,
        is_unconfirmed: false,
        passkeys: Here::of(ask),
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
        Err(Refused::Unconfirmed) => {
            let page = form(ask, Some(ask.w().text("login-unconfirmed")));
            return ask.show_again(&Page { is_unconfirmed: true, ..page });
        }
        Err(Refused::Wait(millis)) => return wait(ask, millis),
        Err(Refused::Busy) => return Err(Failed::Unavailable),
        Err(Refused::Store(error)) => return Err(error.into()),
    };
    go_on(ask, &entered)
}

/// The form again, for who has guessed too often.
pub(super) fn wait(ask: &Ask, millis: i64) -> Answer {
    let wrong = super::refused(ask, &Refused::Wait(millis), "");
    let mut response = ask.show_as(StatusCode::TOO_MANY_REQUESTS, &form(ask, Some(wrong)))?;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(millis.div_euclid(1000) + 1));
    Ok(response)
}

/// To where somebody wanted to go, or to the second step first.
pub(super) fn go_on(ask: &Ask, entered: &Entered) -> Answer {
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
    /// He has some.
    has_passkeys: bool,
    passkeys: Here,
}

async fn code_form(ask: &Ask, half: &Person, wrong: Option<Text>) -> Result<CodePage, Failed> {
    let has_passkeys = !list(ask.app(), &half.user.id).await?.is_empty();
    let given = if ask.form.text("next").is_empty() { ask.query("next") } else { ask.form.text("next") };
    let next = local_path(given).unwrap_or_default().to_owned();
    let f = ask.frame(ask.w().text("code-title").plain());
    Ok(CodePage { f, next, wrong, has_passkeys, passkeys: Here::of(ask) })
}

/// The second step, for who has given his password.
pub async fn code_page(ask: Ask) -> Answer {
    let Some(half) = &ask.half else { return Ok(ask.go(LOG_IN)) };
    ask.show(&code_form(&ask, half, None).await?)
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
        Err(refused) => code_again(&ask, &half, super::refused(&ask, &refused, "code-wrong")).await,
    }
}

pub(super) async fn code_again(ask: &Ask, half: &Person, wrong: Text) -> Answer {
    ask.show_again(&code_form(ask, half, Some(wrong)).await?)
}

pub async fn out(ask: Ask, person: Person) -> Answer {
    sign_out(ask.app(), &person).await?;
    let mut response = ask.go_saying(LOG_IN, "flash-signed-out");
    cookies::set(ask.app(), &mut response, cookies::SESSION, "", 0);
    Ok(response)
}
