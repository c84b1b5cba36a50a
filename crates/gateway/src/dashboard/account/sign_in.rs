//! `/login` and `/logout`.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};

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
const KNOWN: i64 = 400 * 86_400;

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
    let typed = Typed {
        email: ask.form.text("email").to_owned(),
        password: ask.form.secret("password"),
        browser: ask.browser(),
        mark: cookies::get(ask.app(), &ask.headers, cookies::MARK).map(ToOwned::to_owned),
    };
    let entered = match sign_in(ask.app(), typed).await {
        Ok(entered) => entered,
        Err(Refused::Wrong) => return ask.show_again(&form(&ask, Some(ask.w().text("login-wrong")))),
        Err(Refused::Unconfirmed) => return ask.show_again(&form(&ask, Some(ask.w().text("login-unconfirmed")))),
        Err(Refused::Wait(millis)) => {
            let seconds = millis.div_euclid(1000) + 1;
            let wrong = ask.w().fill("login-wait", &[ask.w().count("minutes", seconds.div_euclid(60) + 1)]);
            let mut response = ask.show_as(StatusCode::TOO_MANY_REQUESTS, &form(&ask, Some(wrong)))?;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
        Err(Refused::Busy) => return Err(Failed::Unavailable),
        Err(Refused::Store(error)) => return Err(error.into()),
    };
    let home = if entered.is_operator { operator::HOME } else { client::HOME };
    let mut response = ask.go(local_path(ask.form.text("next")).unwrap_or(home));
    cookies::set(ask.app(), &mut response, cookies::SESSION, &entered.token, LASTS.div_euclid(1000));
    cookies::set(ask.app(), &mut response, cookies::MARK, &entered.mark, KNOWN);
    Ok(response)
}

pub async fn out(ask: Ask, person: Person) -> Answer {
    sign_out(ask.app(), &person).await?;
    let mut response = ask.go_saying(LOG_IN, "flash-signed-out");
    cookies::set(ask.app(), &mut response, cookies::SESSION, "", 0);
    Ok(response)
}
