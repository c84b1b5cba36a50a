//! Passkeys (WebAuthn, by `webauthn-rs`): adding and removing. A device is asked to sign a challenge that is kept here, bound to the browser that
//! asked, for minutes, and taken once. Signing in: `passkey_sign_in`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::UserId;
use domain::time::MINUTE;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Host, Url};
use webauthn_rs::prelude::{
    Passkey, PasskeyRegistration, RegisterPublicKeyCredential, Uuid, Webauthn, WebauthnBuilder,
};

use super::notices::{Notice, tell};
use super::second_factor::{code_hash, new_codes};
use super::sessions::Person;
use super::token_hash;
use crate::app::acts::{Actor, record};
use crate::app::{App, SharedApp};
use crate::store::passkeys::{self, PasskeyRow};
use crate::store::{StoreError, Tx, recovery_codes, sessions, users};

/// A device has so long to answer.
const LASTS: i64 = 5 * MINUTE;
/// Enough for every device of a person.
pub const AT_MOST: usize = 20;
pub const MAX_NAME: usize = 60;

/// What a challenge is for: an answer to one is none to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Add,
    /// After the password.
    Second,
    /// Instead of the password.
    SignIn,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Add => "add",
            Purpose::Second => "second",
            Purpose::SignIn => "sign_in",
        }
    }
}

/// The site that passkeys are of: the base URL's host and origin. None when the host is an IP address, of which there are no passkeys. A sandbox
/// answers under `localhost` too, and is that site there.
pub fn site(app: &App, host: Option<&str>) -> Option<Webauthn> {
    let own = Url::parse(&app.base_url).ok()?;
    let asked = host.filter(|_| app.sandbox).and_then(|host| Url::parse(&format!("{}://{host}", own.scheme())).ok());
    let origin = asked.filter(|url| url.domain() == Some("localhost")).unwrap_or(own);
    WebauthnBuilder::new(origin.domain()?, &origin).ok()?.rp_name("Lockgate").build().ok()
}

/// The address at which a sandbox has passkeys though it is open at an IP address.
pub fn elsewhere(app: &App) -> Option<String> {
    let mut own = Url::parse(&app.base_url).ok()?;
    let is_loopback = match own.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(_) => false,
    };
    (app.sandbox && is_loopback).then_some(())?;
    own.set_host(Some("localhost")).ok()?;
    Some(own.origin().ascii_serialization())
}

/// A person as his devices know him.
pub(super) fn handle(user: &UserId) -> Uuid {
    Uuid::from_u128(user.ulid().0)
}

pub(super) fn credential_text(id: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

pub(super) fn unusable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unusable(error.to_string())
}

pub(super) fn parsed(row: &PasskeyRow) -> Result<Passkey, StoreError> {
    serde_json::from_str(&row.passkey).map_err(|_| StoreError::Damaged {
        table: "passkeys",
        column: "passkey",
        id: row.id.clone(),
        value: "?".into(),
    })
}

/// Keeps what was asked, for the browser that `token` is the form token of.
pub(super) async fn ask(app: &App, token: &str, purpose: Purpose, state: &impl Serialize) -> Result<(), StoreError> {
    let (bound_to, now) = (token_hash(token), app.now());
    let state = serde_json::to_string(state).map_err(unusable)?;
    let put = move |tx: &Tx<'_>| passkeys::put_challenge(tx, &bound_to, purpose.name(), &state, (now, now.plus(LASTS)));
    app.store.write(put).await
}

/// What was asked, once.
pub(super) async fn asked<S: DeserializeOwned>(
    app: &App,
    token: &str,
    purpose: Purpose,
) -> Result<Option<S>, StoreError> {
    let (bound_to, now) = (token_hash(token), app.now());
    let taken = app.store.write(move |tx| passkeys::take_challenge(tx, &bound_to, purpose.name(), now)).await?;
    taken.map(|state| serde_json::from_str(&state).map_err(unusable)).transpose()
}

pub async fn list(app: &App, user: &UserId) -> Result<Vec<PasskeyRow>, StoreError> {
    app.store.read(|tx| passkeys::of_user(tx, user)).await
}

/// What the browser is to ask a device for. Who asks has proven his password. `None` when he has enough of them.
pub async fn begin(app: &App, site: &Webauthn, person: &Person, token: &str) -> Result<Option<Value>, StoreError> {
    let rows = list(app, &person.user.id).await?;
    if rows.len() >= AT_MOST {
        return Ok(None);
    }
    let known = rows.iter().map(|row| Ok(parsed(row)?.cred_id().clone())).collect::<Result<Vec<_>, StoreError>>()?;
    let (id, email) = (handle(&person.user.id), &person.user.email);
    let (options, state) = site.start_passkey_registration(id, email, email, Some(known)).map_err(unusable)?;
    ask(app, token, Purpose::Add, &state).await?;
    let mut options = serde_json::to_value(options).map_err(unusable)?;
    // kept by the device under the person's name, so that it signs in without an address being typed
    let selection = &mut options["publicKey"]["authenticatorSelection"];
    selection["residentKey"] = "required".into();
    selection["requireResidentKey"] = true.into();
    Ok(Some(options))
}

/// What came of adding one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// Not what was asked for, too late, or known already.
    No,
    Yes,
    /// It is the first second step: with recovery codes, which are shown this once.
    First(Vec<String>),
}

/// Adds the passkey of a device's answer.
pub async fn add(
    app: &SharedApp,
    site: &Webauthn,
    person: &Person,
    (token, name, answer): (&str, &str, &str),
) -> Result<Added, StoreError> {
    let Some(state) = asked::<PasskeyRegistration>(app, token, Purpose::Add).await? else { return Ok(Added::No) };
    let answer = serde_json::from_str::<RegisterPublicKeyCredential>(answer);
    let Some(passkey) = answer.ok().and_then(|answer| site.finish_passkey_registration(&answer, &state).ok()) else {
        return Ok(Added::No);
    };
    let now = app.now();
    let row = PasskeyRow {
        id: app.random.id("psk", now.0),
        user_id: person.user.id.clone(),
        credential_id: credential_text(passkey.cred_id()),
        name: name.to_owned(),
        passkey: serde_json::to_string(&passkey).map_err(unusable)?,
        created_at: now,
        last_used_at: None,
    };
    let (app_again, keep, codes) = (app.clone(), person.session.token_hash.clone(), new_codes(app));
    let hashes: Vec<_> = codes.iter().map(|code| code_hash(app, code)).collect();
    let put = move |tx: &Tx<'_>| {
        let app = &*app_again;
        let Some(user) = users::enabled(tx, &row.user_id)? else { return Ok(Added::No) };
        let before = passkeys::of_user(tx, &user.id)?.len();
        if before >= AT_MOST || !passkeys::insert(tx, &row)? {
            return Ok(Added::No);
        }
        record(app, tx, &Actor(user.email.clone()), "passkey.add", format!("users {}", user.id), row.name.clone())?;
        tell(app, tx, &user.email, &Notice::PasskeyAdded { name: &row.name })?;
        if before > 0 || user.totp_secret.is_some() {
            return Ok(Added::Yes);
        }
        recovery_codes::replace(tx, &user.id, &hashes)?;
        sessions::end_others(tx, &user.id, &keep)?;
        Ok(Added::First(codes))
    };
    app.store.write(put).await
}

/// Removes one; who asks has proven his password. False when it is not his.
pub async fn remove(app: &SharedApp, person: &Person, id: &str) -> Result<bool, StoreError> {
    let (app_again, user, id) = (app.clone(), person.user.id.clone(), id.to_owned());
    let take = move |tx: &Tx<'_>| {
        let app = &*app_again;
        let Some(row) = passkeys::of_user(tx, &user)?.into_iter().find(|row| row.id == id) else { return Ok(false) };
        let Some(user) = users::by_id(tx, &user)? else { return Ok(false) };
        passkeys::remove(tx, &user.id, &row.id)?;
        let is_last = user.totp_secret.is_none() && passkeys::of_user(tx, &user.id)?.is_empty();
        if is_last {
            recovery_codes::replace(tx, &user.id, &[])?;
        }
        record(app, tx, &Actor(user.email.clone()), "passkey.remove", format!("users {}", user.id), row.name.clone())?;
        tell(app, tx, &user.email, &Notice::PasskeyRemoved { name: &row.name, is_last })?;
        Ok(true)
    };
    app.store.write(take).await
}
