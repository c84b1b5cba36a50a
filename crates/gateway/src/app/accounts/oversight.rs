//! What an operator decides about people: who may sign in, and who runs the service with him. Never about himself, so that somebody is always
//! left who can.

use domain::UserId;

use super::notices::{Notice, tell};
use crate::app::App;
use crate::app::acts::{Actor, record};
use crate::store::users::UserRow;
use crate::store::{StoreError, Tx, sessions, users};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Disable,
    Enable,
    MakeOperator,
    EndOperator,
}

#[derive(Debug, thiserror::Error)]
pub enum OversightRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no such account")]
    NotThere,
    #[error("nobody decides this about himself")]
    Oneself,
    #[error("he is no operator any more, or was disabled")]
    NotAllowed,
    #[error("the address is not confirmed, or the account is disabled")]
    NotReady,
}

/// Carries out a decision. Whoever decides must be an operator still: two could decide about each other at the same time.
pub fn decide(app: &App, tx: &Tx<'_>, by: &UserRow, id: &UserId, decision: Decision) -> Result<(), OversightRefused> {
    let mut user = users::by_id(tx, id)?.ok_or(OversightRefused::NotThere)?;
    if user.id == by.id {
        return Err(OversightRefused::Oneself);
    }
    if !users::enabled(tx, &by.id)?.is_some_and(|now| now.is_operator) {
        return Err(OversightRefused::NotAllowed);
    }
    let is_enabled = users::enabled(tx, id)?.is_some();
    let (act, told) = match decision {
        Decision::Disable if is_enabled => {
            users::set_disabled(tx, id, Some(app.now()))?;
            // no token of his hashes to nothing
            sessions::end_others(tx, id, "")?;
            ("user.disable", Notice::Disabled)
        }
        Decision::Enable if !is_enabled => {
            users::set_disabled(tx, id, None)?;
            ("user.enable", Notice::Enabled)
        }
        Decision::MakeOperator if !user.is_operator => {
            if !is_enabled || user.confirmed_at.is_none() {
                return Err(OversightRefused::NotReady);
            }
            user.is_operator = true;
            users::update(tx, &user)?;
            ("operator.add", Notice::OperatorAdded)
        }
        Decision::EndOperator if user.is_operator => {
            user.is_operator = false;
            users::update(tx, &user)?;
            // also those that look at merchants
            sessions::end_others(tx, id, "")?;
            ("operator.end", Notice::OperatorEnded)
        }
        // it is so already
        _ => return Ok(()),
    };
    record(app, tx, &Actor(by.email.clone()), act, format!("users {id}"), user.email.clone())?;
    Ok(tell(app, tx, &user.email, &told)?)
}
