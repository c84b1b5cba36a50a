//! What people did: written beside what it changed, and read again to see that nobody changed it since.

use domain::MerchantId;

use super::App;
use crate::store::audit_log::{self, ActRow};
use crate::store::users::UserRow;
use crate::store::{StoreError, Tx};

/// Somebody who acts, as the log names him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(pub String);

/// Writes an act down, in the transaction of what it changes.
pub fn record(
    app: &App,
    tx: &Tx<'_>,
    actor: &Actor,
    act: &str,
    about: String,
    detail: String,
) -> Result<(), StoreError> {
    audit_log::append(tx, &ActRow { at: app.now(), actor: actor.0.clone(), act: act.into(), about, detail })
}

/// As [`record`], of an act about something of this merchant's: he reads it among his.
pub fn record_for(
    app: &App,
    tx: &Tx<'_>,
    actor: &Actor,
    merchant: &MerchantId,
    act: &str,
    (about, detail): (String, String),
) -> Result<(), StoreError> {
    let act = ActRow { at: app.now(), actor: actor.0.clone(), act: act.into(), about, detail };
    audit_log::append_of(tx, &act, Some(merchant))
}

/// Writes down what somebody did to his own account.
pub fn record_own(app: &App, tx: &Tx<'_>, user: &UserRow, act: &str, detail: String) -> Result<(), StoreError> {
    record(app, tx, &Actor(user.email.clone()), act, format!("users {}", user.id), detail)
}

/// An act as it was read, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Read {
    pub seq: i64,
    pub act: ActRow,
    pub wrong: Option<&'static str>,
}

/// Every act in order, its number and hash computed again.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Read>, StoreError> {
    let mut acts: Vec<Read> = Vec::new();
    let (mut last, mut previous) = (0, String::new());
    loop {
        let rows = audit_log::after(tx, last)?;
        if rows.is_empty() {
            return Ok(acts);
        }
        for row in rows {
            acts.push(check(row, &mut last, &mut previous));
        }
    }
}

/// Up to `count` acts that end with number `until`, or with the last: in order, and each held against the one before it.
pub fn page(tx: &Tx<'_>, until: Option<i64>, count: i64) -> Result<Vec<Read>, StoreError> {
    let newest = audit_log::last(tx)?;
    let until = until.map_or(newest, |until| until.min(newest));
    let from = until.saturating_sub(count).max(0);
    // the one before is read for its hash
    let rows = audit_log::after(tx, from.saturating_sub(1))?;
    let (mut last, mut previous) = (from.saturating_sub(1).max(0), String::new());
    let mut acts = Vec::new();
    for row in rows {
        if row.0 > until {
            break;
        }
        if row.0 == from {
            (last, previous) = (row.0, row.2);
            continue;
        }
        acts.push(check(row, &mut last, &mut previous));
    }
    Ok(acts)
}

/// Whether an act follows the one before it; then it is the one before.
fn check((seq, act, hash): (i64, ActRow, String), last: &mut i64, previous: &mut String) -> Read {
    let wrong = if seq != last.saturating_add(1) {
        Some("acts before it are missing")
    } else if act.hash(seq, previous) != hash {
        Some("its hash does not match: this act or one before it was changed")
    } else {
        None
    };
    (*last, *previous) = (seq, hash);
    Read { seq, act, wrong }
}
