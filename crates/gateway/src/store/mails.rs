//! Mail that is to be sent.

use domain::Time;

use super::settings;
use super::tx::{StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO mails (seq, recipient, subject, body, state, created_at) VALUES ($1, $2, $3, $4, 'waiting', $5)";
    LIST = "SELECT * FROM mails ORDER BY seq";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    pub seq: i64,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    /// `waiting` or `sent`.
    pub state: String,
    pub created_at: Time,
}

pub fn insert(tx: &Tx<'_>, recipient: &str, subject: &str, body: &str, now: Time) -> Result<(), StoreError> {
    let seq = settings::next_number(tx, "mail")?;
    tx.execute_one(INSERT, values![seq, recipient, subject, body, now])
}

/// All, oldest first.
pub fn list(tx: &Tx<'_>) -> Result<Vec<MailRow>, StoreError> {
    tx.rows(LIST, values![], |row| {
        Ok(MailRow {
            seq: row.int("seq")?,
            recipient: row.text("recipient")?,
            subject: row.text("subject")?,
            body: row.text("body")?,
            state: row.text("state")?,
            created_at: row.time("created_at")?,
        })
    })
}
