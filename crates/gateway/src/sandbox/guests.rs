//! Who comes into a joined sandbox from the live gateway: its merchant, himself and what he is there are made here as the ticket says.

use alloy_primitives::Address;
use domain::{MerchantId, Time, UserId};

use super::{SEED, seed};
use crate::app::accounts::lower;
use crate::app::accounts::sessions::{Browser, begin};
use crate::app::merchants::Office;
use crate::app::switch::{Switch, Ticket};
use crate::app::{App, SharedApp};
use crate::random::Random;
use crate::store::users::UserRow;
use crate::store::{Store, StoreError, Tx, memberships, merchants, sandbox, sessions, settings, users};

/// Tickets are remembered for so long after they ran out, should this machine's clock be put back.
const REMEMBERED: i64 = domain::time::DAY;

/// What became of a ticket.
#[derive(Debug, PartialEq, Eq)]
pub enum Entered {
    /// The new session's token.
    In(String),
    /// It was taken before.
    Used,
    /// This sandbox's operator lets this person in no more.
    Disabled,
}

/// What is kept of the secret that let in whoever is in.
const SECRET_MARK: &str = "sandbox_secret_mark";

/// Whom another secret let in is let out: who holds the new one says anew who comes. Answers how many sessions ended.
pub async fn only_by_this_secret(store: &Store, live: &Switch) -> Result<usize, StoreError> {
    let mark = live.mark();
    store
        .write(move |tx| {
            if settings::get(tx, SECRET_MARK)?.as_ref() == Some(&mark) {
                return Ok(0);
            }
            settings::put(tx, SECRET_MARK, &mark)?;
            sessions::end_all(tx)
        })
        .await
}

/// Lets in whom a ticket names; it is good, and of this browser. `now` is the true time, `old` the session that the browser had.
pub async fn let_in(
    app: &SharedApp,
    ticket: Ticket,
    browser: Browser,
    old: Option<String>,
    now: Time,
) -> Result<Entered, StoreError> {
    let worker = app.clone();
    let enter = move |tx: &Tx<'_>| {
        let app = &worker;
        if !sandbox::take_ticket(tx, &ticket.nonce, Time(ticket.expires_at), now.plus(-REMEMBERED))? {
            return Ok(Entered::Used);
        }
        found(app, tx, &ticket)?;
        let user = person(app, tx, &ticket)?;
        if users::enabled(tx, &user.id)?.is_none() {
            return Ok(Entered::Disabled);
        }
        is_only(app, tx, &ticket, &user.id)?;
        if let Some(old) = &old {
            sessions::end(tx, old)?;
        }
        Ok(Entered::In(begin(app, tx, &user, &browser, true)?))
    };
    app.store.write(enter).await
}

/// Its merchant, under the id that it has there, ready to sell; without an API key, which is made on its page.
fn found(app: &App, tx: &Tx<'_>, ticket: &Ticket) -> Result<(), StoreError> {
    if merchants::by_id(tx, &ticket.merchant)?.is_some() {
        return Ok(());
    }
    let wallet = wallet(tx, &ticket.merchant)?;
    let new = seed::ready_to_sell(ticket.merchant_name.clone(), lower(&ticket.email), wallet)?;
    let merchant = Office::of(app).found_as(tx, ticket.merchant.clone(), new)?;
    seed::routes(tx, &merchant.id)
}

/// An account on the simulated chain, the same for a merchant whenever it is asked for.
fn wallet(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Address, StoreError> {
    let seed = settings::get(tx, SEED)?.and_then(|seed| seed.parse().ok());
    let seed = seed.ok_or_else(|| StoreError::Inconsistent("this sandbox has no seed".into()))?;
    let wallet = Random::seeded(seed).for_purpose(&format!("wallet of {merchant}"));
    Ok(Address::from(wallet.token_bytes::<20>()))
}

/// Himself, without a password: the live gateway knows who he is.
fn person(app: &App, tx: &Tx<'_>, ticket: &Ticket) -> Result<UserRow, StoreError> {
    let (email, now) = (lower(&ticket.email), app.now());
    if let Some(known) = users::by_email(tx, &email)? {
        users::set_locale(tx, &known.id, &ticket.lang)?;
        return Ok(known);
    }
    let user = UserRow {
        id: UserId::new(app.random.ulid(now.0)),
        email,
        confirmed_at: Some(now),
        password_hash: None,
        totp_secret: None,
        totp_step: None,
        is_operator: false,
        locale: Some(ticket.lang.clone()),
        created_at: now,
        version: 1,
    };
    users::insert(tx, &user)?;
    Ok(user)
}

/// What the ticket says he is, and nothing else any more: whether he is still at another merchant only a ticket for that one says.
fn is_only(app: &App, tx: &Tx<'_>, ticket: &Ticket, user: &UserId) -> Result<(), StoreError> {
    let Ticket { merchant, role, .. } = ticket;
    let others = memberships::of_user(tx, user)?.into_iter().filter(|of| of.merchant_id != *merchant);
    for (at, other) in others.enumerate() {
        memberships::delete(tx, &other.merchant_id, user)?;
        if at == 0 {
            // what looked at that one must not go on with this one unasked
            sessions::end_others(tx, user, "")?;
        }
    }
    if !memberships::insert(tx, merchant, user, *role, app.now())? {
        memberships::set_role(tx, merchant, user, *role)?;
    }
    Ok(())
}
