//! `/account/passkeys`: devices that sign a person in.

use askama::Template;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use webauthn_rs::prelude::Webauthn;

use crate::app::accounts::passkeys::{AT_MOST, Added, MAX_NAME, add, begin, elsewhere, list, remove, site};
use crate::app::accounts::passwords::prove;
use crate::app::accounts::sessions::Person;
use crate::app::accounts::sign_in::Refused;
use crate::checkout::headers::page_headers;
use crate::dashboard::ask::Ask;
use crate::dashboard::assets::{self, Asset};
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::passkeys::PasskeyRow;

pub const PATH: &str = "/account/passkeys";

/// Whether there are passkeys at the address that was asked, and what a page needs for them.
pub struct Here {
    pub works: bool,
    /// Where there are, if not here.
    pub elsewhere: Option<String>,
    pub script: &'static Asset,
}

impl Here {
    pub fn of(ask: &Ask) -> Here {
        let works = site_of(ask).is_some();
        Here { works, elsewhere: elsewhere(ask.app()).filter(|_| !works), script: &assets::PASSKEY }
    }
}

/// `None` where there are no passkeys.
pub(super) fn site_of(ask: &Ask) -> Option<Webauthn> {
    let host = ask.headers.get(header::HOST).and_then(|value| value.to_str().ok());
    site(ask.app(), host)
}

/// An answer to the page's script.
pub(super) fn to_script(status: StatusCode, answer: Value) -> Answer {
    Ok((status, page_headers(None), Json(answer)).into_response())
}

/// What is wrong, for the script to show.
pub(super) fn wrong_to_script(words: &str) -> Answer {
    to_script(StatusCode::UNPROCESSABLE_ENTITY, json!({ "wrong": words }))
}

struct Passkey {
    id: String,
    name: String,
    added: Stamp,
    used: Option<Stamp>,
}

#[derive(Template)]
#[template(path = "dashboard/account/passkeys.html")]
struct Page {
    f: Frame,
    rows: Vec<Passkey>,
    typed: String,
    name_wrong: String,
    wrong: String,
    passkeys: Here,
}

async fn form(ask: &Ask, person: &Person, name_wrong: String, wrong: String) -> Result<Page, Failed> {
    let (w, viewer) = (ask.w(), &ask.viewer);
    let row = |row: PasskeyRow| Passkey {
        added: viewer.time(row.created_at),
        used: row.last_used_at.map(|at| viewer.time(at)),
        id: row.id,
        name: row.name,
    };
    Ok(Page {
        f: ask.frame(w.text("passkeys-title").plain()).under(w.text("nav-account").plain(), super::HOME),
        rows: list(ask.app(), &person.user.id).await?.into_iter().map(row).collect(),
        typed: ask.form.text("name").to_owned(),
        name_wrong,
        wrong,
        passkeys: Here::of(ask),
    })
}

pub async fn page(ask: Ask, person: Person) -> Answer {
    ask.show(&form(&ask, &person, String::new(), String::new()).await?)
}

fn name(ask: &Ask) -> Option<&str> {
    let name = ask.form.text("name");
    let fits = !name.is_empty() && name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control);
    fits.then_some(name)
}

/// For the script: what to ask a device for, once the password is right.
pub async fn challenge(ask: Ask, person: Person) -> Answer {
    let w = ask.w();
    let Some(site) = site_of(&ask) else { return wrong_to_script(&w.text("passkey-number").plain()) };
    if name(&ask).is_none() {
        return wrong_to_script(&w.text("passkey-name-wrong").plain());
    }
    match prove(ask.app(), &person, ask.form.secret("password")).await {
        Ok(()) => {}
        Err(Refused::Store(error)) => return Err(error.into()),
        Err(refused) => return wrong_to_script(&super::refused(&ask, &refused, "password-wrong").plain()),
    }
    match begin(ask.app(), &site, &person, &ask.csrf).await? {
        Some(options) => to_script(StatusCode::OK, options),
        None => {
            let count = w.count("count", i64::try_from(AT_MOST).unwrap_or(i64::MAX));
            wrong_to_script(&w.fill("passkey-many", &[count]).plain())
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard/account/recovery_codes.html")]
struct CodesPage {
    f: Frame,
    codes: Vec<String>,
}

pub async fn post(ask: Ask, person: Person) -> Answer {
    let w = ask.w();
    let Some(name) = name(&ask) else {
        return ask.show_again(&form(&ask, &person, w.text("passkey-name-wrong").plain(), String::new()).await?);
    };
    let added = match site_of(&ask) {
        Some(site) => add(ask.app(), &site, &person, (&ask.csrf, name, ask.form.raw("credential"))).await?,
        None => Added::No,
    };
    match added {
        Added::Yes => Ok(ask.go_saying(PATH, "flash-passkey-added")),
        Added::First(codes) => {
            let f = ask.frame(w.text("recovery-title").plain()).under(w.text("nav-account").plain(), super::HOME);
            ask.show(&CodesPage { f, codes })
        }
        Added::No => ask.show_again(&form(&ask, &person, String::new(), w.text("passkey-wrong").plain()).await?),
    }
}

#[derive(Template)]
#[template(path = "dashboard/account/passkey_remove.html")]
struct RemovePage {
    f: Frame,
    id: String,
    name: String,
    is_last: bool,
    wrong: String,
}

async fn remove_form(ask: &Ask, person: &Person, wrong: String) -> Result<RemovePage, Failed> {
    let w = ask.w();
    let rows = list(ask.app(), &person.user.id).await?;
    let is_last = rows.len() == 1 && person.user.totp_secret.is_none();
    let row = rows.into_iter().find(|row| row.id == ask.id("id")).ok_or(Failed::NotFound)?;
    let f = ask.frame(w.text("passkey-remove-title").plain()).under(w.text("nav-account").plain(), super::HOME);
    Ok(RemovePage { f: f.under(w.text("passkeys-title").plain(), PATH), id: row.id, name: row.name, is_last, wrong })
}

pub async fn remove_page(ask: Ask, person: Person) -> Answer {
    ask.show(&remove_form(&ask, &person, String::new()).await?)
}

pub async fn remove_post(ask: Ask, person: Person) -> Answer {
    let form = remove_form(&ask, &person, String::new()).await?;
    match prove(ask.app(), &person, ask.form.secret("password")).await {
        Ok(()) if remove(ask.app(), &person, &form.id).await? => Ok(ask.go_saying(PATH, "flash-passkey-removed")),
        Ok(()) => Err(Failed::NotFound),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(refused) => {
            let wrong = super::refused(&ask, &refused, "password-wrong").plain();
            ask.show_again(&RemovePage { wrong, ..form })
        }
    }
}

/// A passkey of somebody at this merchant's, which signs nobody in.
#[cfg(test)]
pub fn sample(
    app: crate::app::SharedApp,
    merchant: domain::merchant::Merchant,
) -> std::pin::Pin<Box<dyn Future<Output = String> + Send>> {
    use crate::store::{StoreError, Tx, passkeys};
    Box::pin(async move {
        let made = app.clone();
        let make = move |tx: &Tx<'_>| {
            let user = super::mine::somebody(&made, tx, &merchant)?;
            let row = PasskeyRow {
                id: made.random.id("psk", made.now().0),
                user_id: user.id,
                credential_id: made.random.id("credential", 0),
                name: crate::dashboard::tests::HOSTILE.into(),
                passkey: "{}".into(),
                created_at: made.now(),
                last_used_at: None,
            };
            passkeys::insert(tx, &row)?;
            Ok::<_, StoreError>(format!("/account/passkeys/{}/remove", row.id))
        };
        app.store.write(make).await.unwrap()
    })
}
