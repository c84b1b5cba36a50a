//! `/login/passkey` and `/login/code/passkey`: a passkey alone, and as the second step. Both have a challenge for the page's script.

use axum::http::StatusCode;

use super::passkeys::{site_of, to_script, wrong_to_script};
use super::sign_in::{code_again, form_again, go_on, wait};
use crate::app::accounts::passkey_sign_in::{Answered, challenge as options, enter};
use crate::app::accounts::sessions::Person;
use crate::app::accounts::sign_in::Refused;
use crate::dashboard::ask::Ask;
use crate::dashboard::cookies;
use crate::dashboard::gate::LOG_IN;
use crate::dashboard::pages::Answer;

pub async fn challenge(ask: Ask) -> Answer {
    to_sign(&ask, None).await
}

pub async fn second_challenge(ask: Ask) -> Answer {
    match ask.half.clone() {
        Some(half) => to_sign(&ask, Some(&half)).await,
        None => Ok(ask.go(LOG_IN)),
    }
}

async fn to_sign(ask: &Ask, half: Option<&Person>) -> Answer {
    match site_of(ask) {
        Some(site) => to_script(StatusCode::OK, options(ask.app(), &site, half, &ask.csrf).await?),
        None => wrong_to_script(&ask.w().text("passkey-number").plain()),
    }
}

fn answered(ask: &Ask) -> Answered {
    Answered {
        token: ask.csrf.clone(),
        answer: ask.form.raw("credential").to_owned(),
        browser: ask.browser(),
        mark: cookies::get(ask.app(), &ask.headers, cookies::MARK).map(ToOwned::to_owned),
    }
}

pub async fn post(ask: Ask) -> Answer {
    let Some(site) = site_of(&ask) else { return form_again(&ask, ask.w().text("passkey-number")) };
    match enter(ask.app(), &site, None, answered(&ask)).await {
        Ok(entered) => go_on(&ask, &entered),
        Err(Refused::Wait(millis)) => wait(&ask, millis),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(refused) => form_again(&ask, super::refused(&ask, &refused, "passkey-wrong")),
    }
}

pub async fn second(ask: Ask) -> Answer {
    let Some(half) = ask.half.clone() else { return Ok(ask.go(LOG_IN)) };
    let Some(site) = site_of(&ask) else { return code_again(&ask, &half, ask.w().text("passkey-number")).await };
    match enter(ask.app(), &site, Some(&half), answered(&ask)).await {
        Ok(entered) => go_on(&ask, &entered),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(refused) => code_again(&ask, &half, super::refused(&ask, &refused, "passkey-wrong")).await,
    }
}
