//! `/account/`: what a person has of his own, and where he is signed in.

use askama::Template;

use crate::app::accounts::sessions::{Person, end_one as end, end_others as end_all_others};
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::{passkeys, recovery_codes, sessions};

struct Session {
    id: String,
    agent: String,
    ip: String,
    began: Stamp,
    seen: Stamp,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "dashboard/account/mine.html")]
struct Page {
    f: Frame,
    has_codes: bool,
    passkeys: i64,
    recovery_codes: i64,
    sessions: Vec<Session>,
}

pub async fn page(ask: Ask, person: Person) -> Answer {
    let (user, now) = (person.user.id.clone(), ask.app().now());
    let read = |tx: &crate::store::Tx<'_>| {
        let passkeys = passkeys::of_user(tx, &user)?.len();
        Ok((sessions::of_user(tx, &user)?, recovery_codes::count(tx, &user)?, passkeys))
    };
    let (rows, recovery_codes, passkeys) = ask.app().store.read::<_, crate::store::StoreError>(read).await?;
    let viewer = ask.viewer.clone();
    let shown = rows.into_iter().filter(|row| row.is_complete && now < row.expires_at).map(|row| Session {
        is_this: row.token_hash == person.session.token_hash,
        agent: if row.user_agent.is_empty() { "?".into() } else { row.user_agent },
        ip: row.ip,
        began: viewer.time(row.created_at),
        seen: viewer.time(row.last_seen_at),
        id: row.id,
    });
    ask.show(&Page {
        f: ask.frame(ask.w().text("nav-account").plain()),
        passkeys: i64::try_from(passkeys).unwrap_or(i64::MAX),
        has_codes: person.user.totp_secret.is_some(),
        recovery_codes,
        sessions: shown.collect(),
    })
}

pub async fn end_one(ask: Ask, person: Person) -> Answer {
    match end(ask.app(), &person, ask.id("id")).await? {
        true => Ok(ask.go_saying(super::HOME, "flash-session-ended")),
        false => Err(Failed::NotFound),
    }
}

pub async fn end_others(ask: Ask, person: Person) -> Answer {
    end_all_others(ask.app(), &person).await?;
    Ok(ask.go_saying(super::HOME, "flash-session-ended"))
}

/// Somebody at this merchant's, for samples.
#[cfg(test)]
pub fn somebody(
    app: &crate::app::App,
    tx: &crate::store::Tx<'_>,
    merchant: &domain::merchant::Merchant,
) -> Result<crate::store::users::UserRow, crate::store::StoreError> {
    use crate::store::{memberships, users};
    let members = memberships::of_merchant(tx, &merchant.id)?;
    if let Some(member) = members.first() {
        return Ok(users::by_id(tx, &member.user_id)?.unwrap());
    }
    let email = format!("{}@sample.example", app.random.id("a", 0).to_lowercase());
    let user = crate::app::accounts::sign_up::new_user(app, &email, None);
    users::insert(tx, &user)?;
    Ok(user)
}

/// The session of somebody at this merchant's.
#[cfg(test)]
pub fn sample(
    app: crate::app::SharedApp,
    merchant: domain::merchant::Merchant,
) -> std::pin::Pin<Box<dyn Future<Output = String> + Send>> {
    use crate::store::{StoreError, Tx};
    Box::pin(async move {
        let made = app.clone();
        let make = move |tx: &Tx<'_>| {
            let user = somebody(&made, tx, &merchant)?;
            let browser =
                crate::app::accounts::sessions::Browser { ip: [127, 0, 0, 1].into(), user_agent: "sample".into() };
            crate::app::accounts::sessions::begin(&made, tx, &user, &browser, true)?;
            let newest = sessions::of_user(tx, &user.id)?.into_iter().max_by_key(|row| row.id.clone());
            Ok::<_, StoreError>(format!("/account/sessions/{}/end", newest.unwrap().id))
        };
        app.store.write(make).await.unwrap()
    })
}
