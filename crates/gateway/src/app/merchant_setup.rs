//! What a merchant's people set up in the dashboard: the business, keys, addresses, callbacks. Each act is written down beside what it changes,
//! and what guards money or data is told by mail.

use domain::KeyId;
use domain::merchant::Merchant;
use domain::scope::Scopes;
use ipnet::IpNet;

use super::App;
use super::accounts::sessions::{Desk, Person};
use super::acts::{Actor, record_for};
use super::merchants::Office;
use super::news::tell_merchant as tell;
use crate::secrets::ApiKey;
use crate::store::merchants::{self, Profile};
use crate::store::{StoreError, Tx, deliveries};
use crate::wire::signature::WebhookSecret;

/// The acts of making a key, and of making one in the place of others.
pub const KEY_MADE: &str = "key.made";
pub const KEY_ROTATED: &str = "key.rotated";

/// Keys that work at the same time.
pub const MOST_KEYS: usize = 10;
/// Entries of an address list.
pub const MOST_ADDRESSES: usize = 100;

#[derive(Debug, thiserror::Error)]
pub enum SetupRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no such thing of this merchant's")]
    NotThere,
    #[error("there are as many as there may be")]
    TooMany,
}

/// A person, as the log names him.
pub fn actor(person: &Person) -> Actor {
    Actor(person.user.email.clone())
}

/// Writes an act at this merchant down.
pub(super) fn wrote(app: &App, tx: &Tx<'_>, desk: &Desk, act: &str, detail: String) -> Result<(), StoreError> {
    let (merchant, about) = (&desk.merchant.id, format!("merchants {}", desk.merchant.id));
    record_for(app, tx, &actor(&desk.person), merchant, act, (about, detail))
}

fn by(desk: &Desk) -> (&'static str, &str) {
    ("by", &desk.person.user.email)
}

fn said(profile: &Profile) -> String {
    let parts = [Some(profile.name.as_str()), profile.website.as_deref(), profile.country.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Company, website and country.
pub fn set_profile(app: &App, tx: &Tx<'_>, desk: &Desk, new: &Profile) -> Result<(), StoreError> {
    let old = merchants::profile(tx, &desk.merchant.id)?;
    if old == *new {
        return Ok(());
    }
    merchants::set_profile(tx, &desk.merchant.id, new)?;
    wrote(app, tx, desk, "profile.set", format!("{} to {}", said(&old), said(new)))
}

fn has_room_for_a_key(app: &App, tx: &Tx<'_>, merchant: &Merchant) -> Result<(), SetupRefused> {
    let now = app.now();
    let valid = merchants::keys(tx, &merchant.id)?.iter().filter(|key| key.is_valid(now)).count();
    if valid < MOST_KEYS { Ok(()) } else { Err(SetupRefused::TooMany) }
}

/// Makes one more API key with these scopes; without, one for everything in the place of the others for everything, which go on for a day.
pub fn make_key(app: &App, tx: &Tx<'_>, desk: &Desk, scopes: Option<Scopes>) -> Result<ApiKey, SetupRefused> {
    let merchant = &desk.merchant;
    has_room_for_a_key(app, tx, merchant)?;
    let Some(scopes) = scopes else { return Ok(rotate_key(app, tx, merchant, &actor(&desk.person))?) };
    let (key, _) = Office::of(app).add_scoped_key(tx, &merchant.id, scopes)?;
    wrote(app, tx, desk, KEY_MADE, begins(&key, scopes))?;
    tell(app, tx, merchant, "news-key-made", &[by(desk)])?;
    Ok(key)
}

/// How the log has a new key: whoever made it does not approve what it asks for.
fn begins(key: &ApiKey, scopes: Scopes) -> String {
    format!("{}… {}", key.hint(), scopes.text())
}

/// Makes a key for everything in the place of the others for everything, by whomever it is done.
pub fn rotate_key(app: &App, tx: &Tx<'_>, merchant: &Merchant, actor: &Actor) -> Result<ApiKey, StoreError> {
    let key = Office::of(app).rotate_key(tx, &merchant.id)?;
    let of = (format!("merchants {}", merchant.id), begins(&key, Scopes::ALL));
    record_for(app, tx, actor, &merchant.id, KEY_ROTATED, of)?;
    tell(app, tx, merchant, "news-key-rotated", &[("by", &actor.0)])?;
    Ok(key)
}

/// Ends a key at once.
pub fn revoke_key(app: &App, tx: &Tx<'_>, desk: &Desk, id: &KeyId) -> Result<(), SetupRefused> {
    end_key(app, tx, &desk.merchant, id, &actor(&desk.person))
}

/// Ends a key at once, by whomever it is done.
pub fn end_key(app: &App, tx: &Tx<'_>, merchant: &Merchant, id: &KeyId, actor: &Actor) -> Result<(), SetupRefused> {
    let now = app.now();
    let keys = merchants::keys(tx, &merchant.id)?;
    let key = keys.iter().find(|key| key.id == *id).ok_or(SetupRefused::NotThere)?;
    if !key.is_valid(now) {
        return Ok(());
    }
    merchants::revoke_key(tx, &merchant.id, id, now)?;
    let of = (format!("merchants {}", merchant.id), format!("{}…", key.hint));
    record_for(app, tx, actor, &merchant.id, "key.revoked", of)?;
    Ok(tell(app, tx, merchant, "news-key-ended", &[("key", &key.hint), ("by", &actor.0)])?)
}

/// Lets an address or range in.
pub fn add_address(app: &App, tx: &Tx<'_>, desk: &Desk, entry: &IpNet) -> Result<(), SetupRefused> {
    let id = &desk.merchant.id;
    let list = merchants::ips(tx, id)?.0;
    if list.contains(entry) {
        return Ok(());
    }
    if list.len() >= MOST_ADDRESSES {
        return Err(SetupRefused::TooMany);
    }
    merchants::add_ip(tx, id, entry)?;
    Ok(wrote(app, tx, desk, "address.added", entry.to_string())?)
}

pub fn remove_address(app: &App, tx: &Tx<'_>, desk: &Desk, entry: &IpNet) -> Result<(), SetupRefused> {
    if !merchants::remove_ip(tx, &desk.merchant.id, entry)? {
        return Err(SetupRefused::NotThere);
    }
    Ok(wrote(app, tx, desk, "address.removed", entry.to_string())?)
}

/// Where callbacks go from the next event on. What is on its way to the old URL goes to the new one.
pub fn set_callback(app: &App, tx: &Tx<'_>, desk: &Desk, url: Option<&str>) -> Result<(), StoreError> {
    let merchant = merchants::existing(tx, &desk.merchant.id)?;
    let old = merchant.callback_url.as_deref();
    if old == url {
        return Ok(());
    }
    merchants::set_callback(tx, &merchant.id, url)?;
    if let (Some(old), Some(new)) = (old, url) {
        deliveries::move_due(tx, &merchant.id, old, new)?;
    }
    // a merchant's URL may hold a secret: the log has the host only
    let host = |url: Option<&str>| {
        let host = url.and_then(|url| url::Url::parse(url).ok()?.host_str().map(ToOwned::to_owned));
        host.unwrap_or_else(|| "nowhere".into())
    };
    let (old, new) = (host(old), host(url));
    wrote(app, tx, desk, "callback.set", format!("{old} to {new}"))?;
    tell(app, tx, &merchant, "news-callback-moved", &[("new", &new), ("old", &old), by(desk)])
}

/// The webhook secret, to be shown. That it was shown is written down.
pub fn show_secret(app: &App, tx: &Tx<'_>, desk: &Desk) -> Result<WebhookSecret, StoreError> {
    let secret = Office::of(app).webhook_secret(tx, &desk.merchant.id)?;
    wrote(app, tx, desk, "secret.shown", String::new())?;
    Ok(secret)
}

/// Makes a new webhook secret; the one before signs too for a day.
pub fn rotate_secret(app: &App, tx: &Tx<'_>, desk: &Desk) -> Result<WebhookSecret, StoreError> {
    let secret = Office::of(app).rotate_webhook_secret(tx, &desk.merchant.id)?;
    wrote(app, tx, desk, "secret.rotated", String::new())?;
    tell(app, tx, &desk.merchant, "news-secret-rotated", &[by(desk)])?;
    Ok(secret)
}
