//! Links in mails to people: each works once, for one purpose, for a time.

use domain::{Time, UserId};

use super::tx::{StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO mail_tokens (token_hash, user_id, purpose, expires_at) VALUES ($1, $2, $3, $4)";
    GET = "SELECT user_id FROM mail_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3";
    TAKE = "DELETE FROM mail_tokens WHERE token_hash = $1";
    FORGET_OF = "DELETE FROM mail_tokens WHERE user_id = $1 AND purpose = $2";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The address is his.
    Confirm,
    /// He may choose a new password.
    Reset,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Confirm => "confirm",
            Purpose::Reset => "reset",
        }
    }
}

/// The person's earlier links for the same purpose end.
pub fn put(tx: &Tx<'_>, token_hash: &str, user: &UserId, purpose: Purpose, until: Time) -> Result<(), StoreError> {
    tx.execute(FORGET_OF, values![user.as_str(), purpose.name()])?;
    tx.execute_one(INSERT, values![token_hash, user.as_str(), purpose.name(), until])
}

/// Whose it is, if it is good.
pub fn find(tx: &Tx<'_>, token_hash: &str, purpose: Purpose, now: Time) -> Result<Option<UserId>, StoreError> {
    tx.row(GET, values![token_hash, purpose.name(), now], |row| {
        row.parsed("mail_tokens", "user_id", "?", |text| UserId::parse(text).ok())
    })
}

/// As [`find`]; afterwards it is worth nothing.
pub fn take(tx: &Tx<'_>, token_hash: &str, purpose: Purpose, now: Time) -> Result<Option<UserId>, StoreError> {
    let user = find(tx, token_hash, purpose, now)?;
    if user.is_some() {
        tx.execute_one(TAKE, values![token_hash])?;
    }
    Ok(user)
}

/// Every link of the person for a purpose ends.
pub fn forget(tx: &Tx<'_>, user: &UserId, purpose: Purpose) -> Result<(), StoreError> {
    tx.execute(FORGET_OF, values![user.as_str(), purpose.name()]).map(|_| ())
}
