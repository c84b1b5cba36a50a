//! `/client/api`: keys, the addresses they may be used from, and code to begin with.

use askama::Template;
use domain::KeyId;
use domain::access::Permission::{ManageApi, ViewApi};
use domain::merchant::parse_ip_entry;
use domain::scope::{Scope, Scopes};
use zeroize::Zeroizing;

use super::samples::{self, NO_KEY, Sample};
use crate::app::accounts::sessions::Desk;
use crate::app::merchant_setup::{SetupRefused, add_address, make_key, remove_address, revoke_key};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
use crate::dashboard::viewer::Stamp;
use crate::store::{StoreError, Tx, merchants};

pub const PATH: &str = "/client/api";
/// Keys that have ended are shown so many.
const ENDED_SHOWN: usize = 5;

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, PATH, ViewApi, page),
        Route::merchant(Post, "/client/api/keys", ManageApi, make),
        Route::merchant(Post, "/client/api/keys/rotate", ManageApi, |ask, desk| new_key(ask, desk, None)),
        Route::merchant(Post, "/client/api/keys/{key}/revoke", ManageApi, revoke),
        Route::merchant(Post, "/client/api/addresses", ManageApi, add),
        Route::merchant(Post, "/client/api/addresses/remove", ManageApi, remove),
    ]
}

struct KeyLine {
    id: String,
    hint: String,
    made: Stamp,
    until: Option<Stamp>,
    is_valid: bool,
    /// What it may be used for.
    may: String,
}

/// Its message.
fn word(scope: Scope) -> &'static str {
    match scope {
        Scope::Sell => "scope-sell",
        Scope::Read => "scope-read",
        Scope::PayOut => "scope-pay-out",
        Scope::Callbacks => "scope-callbacks",
    }
}

fn words(ask: &Ask, scopes: Scopes) -> String {
    if scopes == Scopes::ALL {
        return ask.w().text("scope-all").plain();
    }
    scopes.iter().map(|scope| ask.w().text(word(scope)).plain()).collect::<Vec<_>>().join(" · ")
}

#[derive(Template)]
#[template(path = "dashboard/client/api.html")]
struct Page {
    f: Frame,
    may_edit: bool,
    /// The newest first.
    keys: Vec<KeyLine>,
    has_valid: bool,
    /// There are valid keys, and none that callbacks are signed with.
    unsigned: bool,
    /// A scope's name and its message.
    scopes: [(&'static str, &'static str); 4],
    /// Shown this once.
    made: Option<Zeroizing<String>>,
    addresses: Vec<String>,
    own: String,
    own_is_listed: bool,
    typed: String,
    wrong: String,
    base_url: String,
    samples: Vec<Sample>,
}

async fn build(ask: &Ask, desk: &Desk, made: Option<Zeroizing<String>>) -> Result<Page, Failed> {
    let (app, now, id) = (ask.app(), ask.app().now(), &desk.merchant.id);
    let read = |tx: &Tx<'_>| Ok::<_, StoreError>((merchants::keys(tx, id)?, merchants::ips(tx, id)?));
    let (keys, addresses) = app.store.read(read).await?;
    let (valid, ended): (Vec<_>, Vec<_>) = keys.into_iter().rev().partition(|key| key.is_valid(now));
    let has_valid = !valid.is_empty();
    let unsigned = has_valid && !valid.iter().any(|key| key.scopes.has(Scope::Callbacks));
    let line = |key: merchants::KeyRow| KeyLine {
        is_valid: key.is_valid(now),
        may: words(ask, key.scopes),
        made: ask.viewer.time(key.created_at),
        until: key.expires_at.map(|end| ask.viewer.time(end)),
        hint: key.hint,
        id: key.id.to_string(),
    };
    Ok(Page {
        f: ask.frame(ask.w().text("nav-api").plain()),
        may_edit: desk.access.may(ManageApi),
        keys: valid.into_iter().chain(ended.into_iter().take(ENDED_SHOWN)).map(line).collect(),
        has_valid,
        unsigned,
        scopes: Scope::ALL.map(|scope| (scope.name(), word(scope))),
        own: ask.ip.to_canonical().to_string(),
        own_is_listed: addresses.contains(ask.ip),
        addresses: addresses.0.iter().map(ToString::to_string).collect(),
        typed: String::new(),
        wrong: String::new(),
        base_url: app.base_url.clone(),
        samples: samples::create(app, &desk.merchant, made.as_ref().map_or(NO_KEY, |key| key.as_str())),
        made,
    })
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    ask.show(&build(&ask, &desk, None).await?)
}

async fn make(ask: Ask, desk: Desk) -> Answer {
    match Scopes::of(ask.form.all("scope").into_iter().filter_map(Scope::parse)) {
        Some(scopes) => new_key(ask, desk, Some(scopes)).await,
        None => Ok(ask.go_saying(PATH, "flash-bad-scope-none")),
    }
}

/// The page with the new key in it: only this answer ever has it. Without scopes, a key in the place of those for everything.
async fn new_key(ask: Ask, desk: Desk, scopes: Option<Scopes>) -> Answer {
    let (app, at) = (ask.app().clone(), desk.clone());
    match ask.app().store.write(move |tx| make_key(&app, tx, &at, scopes)).await {
        Ok(key) => {
            let made = Zeroizing::new(key.expose().to_owned());
            ask.show(&build(&ask, &desk, Some(made)).await?)
        }
        Err(SetupRefused::Store(error)) => Err(error.into()),
        Err(_) => Ok(ask.go_saying(PATH, "flash-bad-keys-enough")),
    }
}

async fn revoke(ask: Ask, desk: Desk) -> Answer {
    let key = KeyId::parse(ask.id("key")).map_err(|_| Failed::NotFound)?;
    let app = ask.app().clone();
    match ask.app().store.write(move |tx| revoke_key(&app, tx, &desk, &key)).await {
        Ok(()) => Ok(ask.go_saying(PATH, "flash-key-revoked")),
        Err(SetupRefused::Store(error)) => Err(error.into()),
        Err(_) => Err(Failed::NotFound),
    }
}

async fn add(ask: Ask, desk: Desk) -> Answer {
    let typed = ask.form.text("entry").to_owned();
    let wrong = match parse_ip_entry(&typed) {
        None => ask.w().text("wrong-address"),
        Some(entry) if entry.prefix_len() == 0 => ask.w().text("wrong-address-all"),
        Some(entry) => {
            let (app, at) = (ask.app().clone(), desk.clone());
            match ask.app().store.write(move |tx| add_address(&app, tx, &at, &entry)).await {
                Ok(()) => return Ok(ask.go_saying(PATH, "flash-address-added")),
                Err(SetupRefused::Store(error)) => return Err(error.into()),
                Err(_) => ask.w().text("wrong-address-enough"),
            }
        }
    };
    again(&ask, &desk, typed, wrong).await
}

async fn again(ask: &Ask, desk: &Desk, typed: String, wrong: Text) -> Answer {
    let page = Page { typed, wrong: wrong.plain(), ..build(ask, desk, None).await? };
    ask.show_again(&page)
}

async fn remove(ask: Ask, desk: Desk) -> Answer {
    let entry = parse_ip_entry(ask.form.text("entry")).ok_or(Failed::NotFound)?;
    let app = ask.app().clone();
    match ask.app().store.write(move |tx| remove_address(&app, tx, &desk, &entry)).await {
        Ok(()) => Ok(ask.go_saying(PATH, "flash-address-removed")),
        Err(SetupRefused::Store(error)) => Err(error.into()),
        Err(_) => Err(Failed::NotFound),
    }
}

/// A key of the merchant's.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, crate::dashboard::tests::Sample)> {
    use crate::app::merchants::Office;
    let sample: crate::dashboard::tests::Sample = |app, merchant| {
        Box::pin(async move {
            let office = Office::of(&app);
            let (_, id) = app.store.write(move |tx| office.add_key(tx, &merchant.id)).await.unwrap();
            format!("/client/api/keys/{id}/revoke")
        })
    };
    vec![("/client/api/keys/{key}/revoke", sample)]
}
