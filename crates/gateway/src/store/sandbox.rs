//! What only the sandbox keeps: the callback inbox, the journal of its simulated chain, its acquirer's payments, and the tickets it has taken.

use domain::Time;

use super::tx::{StoreError, Tx, statements, values};

statements! {
    RECEIVE = "INSERT INTO sandbox_callbacks (seq, received_at, headers, raw_body, verified)
               VALUES (1 + (SELECT coalesce(max(seq), 0) FROM sandbox_callbacks), $1, $2, $3, $4)";
    INBOX = "SELECT * FROM sandbox_callbacks ORDER BY seq DESC LIMIT $1";
    APPEND = "INSERT INTO sandbox_chain (seq, command)
              VALUES (1 + (SELECT coalesce(max(seq), 0) FROM sandbox_chain), $1)";
    JOURNAL = "SELECT command FROM sandbox_chain ORDER BY seq";
    KEEP_PAYMENT = "INSERT INTO sandbox_payments (id, record) VALUES ($1, $2)
                    ON CONFLICT (id) DO UPDATE SET record = excluded.record";
    PAYMENTS = "SELECT record FROM sandbox_payments ORDER BY id";
    TAKE_TICKET = "INSERT INTO sandbox_tickets (nonce, expires_at) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING";
    FORGET_TICKETS = "DELETE FROM sandbox_tickets WHERE expires_at < $1";
}

/// A callback as it arrived.
#[derive(Debug, Clone)]
pub struct ReceivedCallback {
    pub received_at: Time,
    /// JSON object of header names (lower case) and values.
    pub headers: String,
    pub raw_body: String,
    /// Whether its signature was right.
    pub verified: bool,
}

pub fn receive(tx: &Tx<'_>, callback: &ReceivedCallback) -> Result<(), StoreError> {
    let ReceivedCallback { received_at, headers, raw_body, verified } = callback;
    tx.execute_one(RECEIVE, values![*received_at, headers, raw_body, *verified])
}

/// The `newest` of them, oldest first, each with its place among all (from 1).
pub fn inbox(tx: &Tx<'_>, newest: u32) -> Result<Vec<(i64, ReceivedCallback)>, StoreError> {
    let mut callbacks = tx.rows(INBOX, values![i64::from(newest)], |row| {
        let callback = ReceivedCallback {
            received_at: row.time("received_at")?,
            headers: row.text("headers")?,
            raw_body: row.text("raw_body")?,
            verified: row.flag("verified")?,
        };
        Ok((row.int("seq")?, callback))
    })?;
    callbacks.reverse();
    Ok(callbacks)
}

pub fn append_chain_command(tx: &Tx<'_>, command: &str) -> Result<(), StoreError> {
    tx.execute_one(APPEND, values![command])
}

pub fn chain_journal(tx: &Tx<'_>) -> Result<Vec<String>, StoreError> {
    tx.rows(JOURNAL, values![], |row| row.text("command"))
}

/// Keeps a record of the acquirer in the place of the older one with this id.
pub fn keep_payment(tx: &Tx<'_>, id: &str, record: &str) -> Result<(), StoreError> {
    tx.execute_one(KEEP_PAYMENT, values![id, record])
}

pub fn payments(tx: &Tx<'_>) -> Result<Vec<String>, StoreError> {
    tx.rows(PAYMENTS, values![], |row| row.text("record"))
}

/// False when the ticket was taken before. `before`: those that ran out earlier are forgotten.
pub fn take_ticket(tx: &Tx<'_>, nonce: &str, expires_at: Time, before: Time) -> Result<bool, StoreError> {
    tx.execute(FORGET_TICKETS, values![before])?;
    Ok(tx.execute(TAKE_TICKET, values![nonce, expires_at])? == 1)
}
