//! Who is signed in: a browser's session, its person, and the merchant that is looked at.

use std::net::IpAddr;

use domain::access::{Access, Permission};
use domain::merchant::Merchant;
use domain::time::{DAY, HOUR, MINUTE};
use domain::{MerchantId, Time};

use super::{App, new_token, token_hash};
use crate::app::SharedApp;
use crate::app::acts::{Actor, record_for, record_own};
use crate::store::memberships::Of;
use crate::store::sessions::SessionRow;
use crate::store::users::UserRow;
use crate::store::{StoreError, Tx, memberships, merchants, sessions, users};

/// A session ends so long after it began …
pub const LASTS: i64 = 30 * DAY;
/// … and so long after it was last used.
const IDLE: i64 = 3 * DAY;
/// In a sandbox that people come into from a live gateway: then they come again, as what they are there now.
pub const LASTS_JOINED: i64 = 12 * HOUR;
/// Until its second factor is given.
const HALF_WAY: i64 = 10 * MINUTE;
/// The time a session was last seen is as old as this at most: not every request writes.
const SEEN_EVERY: i64 = 5 * MINUTE;

/// The act of somebody who looks at a merchant that he is no member of.
pub const LOOKED: &str = "support.looked";

/// Where somebody signs in from.
#[derive(Debug, Clone)]
pub struct Browser {
    pub ip: IpAddr,
    pub user_agent: String,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub user: UserRow,
    pub session: SessionRow,
    /// The merchants he is a member of.
    pub merchants: Vec<Of>,
}

/// A merchant as somebody looks at it.
#[derive(Debug, Clone)]
pub struct Desk {
    pub person: Person,
    pub merchant: Merchant,
    pub access: Access,
}

/// A new session's row; its token is answered for the cookie.
pub fn begin(
    app: &App,
    tx: &Tx<'_>,
    user: &UserRow,
    browser: &Browser,
    is_complete: bool,
) -> Result<String, StoreError> {
    let (now, token) = (app.now(), new_token(app));
    let lasts = if app.joined_to().is_some() { LASTS_JOINED } else { LASTS };
    sessions::forget(tx, now)?;
    let merchant = memberships::of_user(tx, &user.id)?.into_iter().next().map(|of| of.merchant_id);
    sessions::insert(
        tx,
        &SessionRow {
            token_hash: token_hash(&token),
            id: app.random.id("ses", now.0),
            user_id: user.id.clone(),
            is_complete,
            merchant_id: merchant,
            csrf: new_token(app),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(if is_complete { lasts } else { HALF_WAY }),
            ip: browser.ip.to_string(),
            user_agent: browser.user_agent.chars().take(300).collect(),
        },
    )?;
    Ok(token)
}

fn is_over(session: &SessionRow, now: Time) -> bool {
    now >= session.expires_at || now.since(session.last_seen_at) >= IDLE
}

/// Whose session a cookie's token is; one without its second factor too.
pub async fn find(app: &App, token: &str, ip: IpAddr) -> Result<Option<Person>, StoreError> {
    let (hash, now) = (token_hash(token), app.now());
    let read = |tx: &Tx<'_>| {
        let Some(session) = sessions::by_token(tx, &hash)?.filter(|session| !is_over(session, now)) else {
            return Ok(None);
        };
        let Some(user) = users::enabled(tx, &session.user_id)? else { return Ok(None) };
        let merchants = memberships::of_user(tx, &user.id)?;
        Ok::<_, StoreError>(Some(Person { user, session, merchants }))
    };
    let found = app.store.read(read).await?;
    if let Some(person) = &found
        && now.since(person.session.last_seen_at) >= SEEN_EVERY
    {
        let (hash, ip) = (hash.clone(), ip.to_string());
        app.store.write(move |tx| sessions::seen(tx, &hash, now, &ip)).await?;
    }
    Ok(found)
}

/// Whether the session of this hash still shows a merchant's figures, or without one the operator's. To look so is no use of the session.
pub fn still_shows(tx: &Tx<'_>, hash: &str, now: Time, merchant: Option<&MerchantId>) -> Result<bool, StoreError> {
    let Some(session) = sessions::by_token(tx, hash)?.filter(|row| row.is_complete && !is_over(row, now)) else {
        return Ok(false);
    };
    let Some(user) = users::enabled(tx, &session.user_id)? else { return Ok(false) };
    let Some(merchant) = merchant else { return Ok(user.is_operator) };
    if session.merchant_id.as_ref().is_some_and(|looked_at| looked_at != merchant) {
        return Ok(false);
    }
    Ok(match memberships::role_of(tx, merchant, &user.id)? {
        Some(role) => Access::Member(role).may(Permission::ViewInvoices),
        None => user.is_operator && session.merchant_id.is_some(),
    })
}

/// The merchant that somebody looks at, and as what. What the row names counts only while he may look at it.
pub async fn desk(app: &App, person: &Person) -> Result<Option<Desk>, StoreError> {
    let chosen = person.session.merchant_id.as_ref();
    let member = person.merchants.iter().find(|of| Some(&of.merchant_id) == chosen);
    let (id, access) = match (member, chosen) {
        (Some(of), _) => (of.merchant_id.clone(), Access::Member(of.role)),
        (None, Some(id)) if person.user.is_operator => (id.clone(), Access::SupportView),
        _ => match person.merchants.first() {
            Some(of) => (of.merchant_id.clone(), Access::Member(of.role)),
            None => return Ok(None),
        },
    };
    let merchant = app.store.read(|tx| merchants::by_id(tx, &id)).await?;
    Ok(merchant.map(|merchant| Desk { person: person.clone(), merchant, access }))
}

/// Looks at another merchant from now on; false when the person may not, or there is none of that number. The merchant reads in its log who
/// looked that is none of its own.
pub async fn look_at(app: &SharedApp, person: &Person, number: i64) -> Result<bool, StoreError> {
    let (worker, hash, user) = (app.clone(), person.session.token_hash.clone(), person.user.clone());
    let look = move |tx: &Tx<'_>| {
        let Some(merchant) = merchants::by_number(tx, number)? else { return Ok(false) };
        let is_member = memberships::role_of(tx, &merchant.id, &user.id)?.is_some();
        if !is_member && !user.is_operator {
            return Ok(false);
        }
        sessions::set_merchant(tx, &hash, Some(&merchant.id))?;
        if !is_member {
            let of = (format!("merchants {}", merchant.id), String::new());
            record_for(&worker, tx, &Actor(user.email.clone()), &merchant.id, LOOKED, of)?;
        }
        Ok(true)
    };
    app.store.write(look).await
}

/// Looks at no merchant any more: the way back of an operator.
pub async fn look_away(app: &App, person: &Person) -> Result<(), StoreError> {
    let hash = person.session.token_hash.clone();
    let none: Option<MerchantId> = None;
    app.store.write(move |tx| sessions::set_merchant(tx, &hash, none.as_ref())).await
}

/// Ends a session: its cookie is worth nothing from now on.
pub async fn sign_out(app: &App, person: &Person) -> Result<(), StoreError> {
    let hash = person.session.token_hash.clone();
    app.store.write(move |tx| sessions::end(tx, &hash)).await
}

/// Ends one of a person's own sessions; false when it is not his.
pub async fn end_one(app: &SharedApp, person: &Person, id: &str) -> Result<bool, StoreError> {
    let (worker, user, id) = (app.clone(), person.user.clone(), id.to_owned());
    let end = move |tx: &Tx<'_>| {
        let is_his = sessions::end_by_id(tx, &user.id, &id)?;
        if is_his {
            record_own(&worker, tx, &user, "session.end", id)?;
        }
        Ok(is_his)
    };
    app.store.write(end).await
}

/// Ends all of a person's sessions but the present one.
pub async fn end_others(app: &SharedApp, person: &Person) -> Result<usize, StoreError> {
    let (worker, user, keep) = (app.clone(), person.user.clone(), person.session.token_hash.clone());
    let end = move |tx: &Tx<'_>| {
        let ended = sessions::end_others(tx, &user.id, &keep)?;
        if ended > 0 {
            record_own(&worker, tx, &user, "session.end_others", format!("{ended} ended"))?;
        }
        Ok(ended)
    };
    app.store.write(end).await
}
