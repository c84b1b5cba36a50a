//! Signing in with a passkey: alone, since the device has looked at its owner's finger or PIN, or as the second step after a password.

use domain::UserId;
use serde_json::{Value, json};
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential, Webauthn, WebauthnError};

use super::guesses::{count, counters, forgive};
use super::known_browser;
use super::notices::{Notice, tell};
use super::passkeys::{Purpose, ask, asked, credential_text, handle, list, parsed, unusable};
use super::sessions::{Browser, Person, begin};
use super::sign_in::{Entered, Refused};
use crate::app::acts::{Actor, record};
use crate::app::{App, SharedApp};
use crate::store::passkeys::{self, PasskeyRow};
use crate::store::{StoreError, Tx, sessions, users};

/// What the browser is to ask devices for: any passkey of this site, or one of those of who has given his password.
pub async fn challenge(app: &App, site: &Webauthn, half: Option<&Person>, token: &str) -> Result<Value, StoreError> {
    let (options, state) = site.start_discoverable_authentication().map_err(unusable)?;
    ask(app, token, purpose(half), &state).await?;
    let mut options = serde_json::to_value(options).map_err(unusable)?;
    if let Some(half) = half {
        let rows = list(app, &half.user.id).await?;
        let own = rows.iter().map(|row| json!({ "type": "public-key", "id": row.credential_id }));
        options["publicKey"]["allowCredentials"] = own.collect();
    }
    Ok(options)
}

fn purpose(half: Option<&Person>) -> Purpose {
    if half.is_some() { Purpose::Second } else { Purpose::SignIn }
}

/// A device's answer, and where it was given.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Of the browser's forms: what the challenge is bound to.
    pub token: String,
    /// JSON as the page's script writes it.
    pub answer: String,
    pub browser: Browser,
    /// The mark of a browser that has signed in before.
    pub mark: Option<String>,
}

/// Signs in who holds the passkey; with `half`, only the one who has given his password.
///
/// # Errors
/// As for a password. Whatever is wrong with an answer is not told.
pub async fn enter(
    app: &SharedApp,
    site: &Webauthn,
    half: Option<&Person>,
    answered: Answered,
) -> Result<Entered, Refused> {
    let Answered { token, answer, browser, mark } = answered;
    let account = half.map_or_else(|| "passkey".to_owned(), |half| format!("{} passkey", half.user.id));
    let (counters, now) = (counters(&account, browser.ip, None), app.now());
    let counted = counters.clone();
    app.store.write(move |tx| count(tx, &counted, now)).await?.map_err(Refused::Wait)?;
    // taken whatever the answer is: each challenge is good for one
    let state = asked(app, &token, purpose(half)).await?.ok_or(Refused::Wrong)?;
    let (row, after) = verified(app, site, half.map(|half| &half.user.id), state, &answer).await?;
    let known = mark.as_deref().and_then(|mark| known_browser::recognise(app, &row.user_id, mark)).is_some();
    let (app_again, id) = (app.clone(), row.user_id.clone());
    let half = half.map(|half| half.session.token_hash.clone());
    let set = move |tx: &Tx<'_>| {
        let app = &*app_again;
        // as they are now: who was disabled, and a passkey that was removed or used meanwhile
        let Some(user) = users::enabled(tx, &row.user_id)? else { return Err(Refused::Wrong) };
        if !passkeys::used(tx, &row, &after, app.now())? {
            return Err(Refused::Wrong);
        }
        forgive(tx, &counters)?;
        if let Some(half) = &half {
            sessions::end(tx, half)?;
        }
        if !known {
            let notice = Notice::NewBrowser { ip: browser.ip.to_string(), agent: browser.user_agent.clone() };
            tell(app, tx, &user.email, &notice)?;
        }
        Ok((begin(app, tx, &user, &browser, true)?, user.is_operator))
    };
    let (token, is_operator) = app.store.write(set).await?;
    Ok(Entered { token, mark: Some(known_browser::mark(app, &id)), is_complete: true, is_operator })
}

/// Whose passkey has signed what was asked, and its row as it is afterwards.
async fn verified(
    app: &SharedApp,
    site: &Webauthn,
    whose: Option<&UserId>,
    state: DiscoverableAuthentication,
    answer: &str,
) -> Result<(PasskeyRow, String), Refused> {
    let answer: PublicKeyCredential = serde_json::from_str(answer).map_err(|_| Refused::Wrong)?;
    let id = credential_text(answer.get_credential_id());
    let found = app.store.read(|tx| passkeys::by_credential(tx, &id)).await?;
    let is_his = |row: &PasskeyRow| {
        let named = answer.get_user_unique_id().map(|named| named == handle(&row.user_id).as_bytes());
        // a device that was told which passkeys are meant may leave the person out
        match whose {
            Some(user) => row.user_id == *user && named.unwrap_or(true),
            None => named.unwrap_or(false),
        }
    };
    let row = found.filter(is_his).ok_or(Refused::Wrong)?;
    let mut passkey = parsed(&row)?;
    match site.finish_discoverable_authentication_v2(&answer, state, &passkey) {
        Ok(result) => {
            passkey.update_credential(&result);
            let after = serde_json::to_string(&passkey).map_err(unusable)?;
            Ok((row, after))
        }
        Err(WebauthnError::CredentialPossibleCompromise) => {
            report(app, row).await?;
            Err(Refused::Wrong)
        }
        Err(_) => Err(Refused::Wrong),
    }
}

/// Its signature is right and its counter is not: there may be a copy of the passkey. Its owner is told.
async fn report(app: &SharedApp, row: PasskeyRow) -> Result<(), StoreError> {
    tracing::warn!(passkey = row.id, "a passkey's counter went backwards");
    let app_again = app.clone();
    let write = move |tx: &Tx<'_>| {
        let app = &*app_again;
        let Some(user) = users::enabled(tx, &row.user_id)? else { return Ok(()) };
        record(app, tx, &Actor(user.email.clone()), "passkey.refused", format!("users {}", user.id), row.name.clone())?;
        tell(app, tx, &user.email, &Notice::PasskeyRefused { name: &row.name })
    };
    app.store.write(write).await
}
