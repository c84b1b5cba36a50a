//! New wallets that wait for their time.

use domain::{MerchantId, Time};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO wallet_changes (merchant_id, seq, old_wallet, new_wallet, asked_at, asked_by, effective_at, state)
              SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, 'waiting' FROM wallet_changes WHERE merchant_id = $1";
    WAITING = "SELECT * FROM wallet_changes WHERE merchant_id = $1 AND state = 'waiting'";
    DUE = "SELECT * FROM wallet_changes WHERE state = 'waiting' AND effective_at <= $1 ORDER BY effective_at LIMIT $2";
    END = "UPDATE wallet_changes SET state = $3, ended_at = $4 WHERE merchant_id = $1 AND seq = $2 AND state = 'waiting'";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    pub merchant_id: MerchantId,
    pub seq: i64,
    pub old: String,
    pub new: String,
    pub asked_at: Time,
    pub asked_by: String,
    pub effective_at: Time,
}

/// How a change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Done,
    Canceled,
}

/// Inserts a change that waits; its number is the merchant's next.
pub fn insert(tx: &Tx<'_>, change: &ChangeRow) -> Result<(), StoreError> {
    let (merchant, old, new) = (change.merchant_id.as_str(), &change.old, &change.new);
    tx.execute_one(INSERT, values![merchant, old, new, change.asked_at, &change.asked_by, change.effective_at])
}

pub(super) fn read(row: &Row<'_>) -> Result<ChangeRow, StoreError> {
    Ok(ChangeRow {
        merchant_id: row.parsed("wallet_changes", "merchant_id", "?", |text| MerchantId::parse(text).ok())?,
        seq: row.int("seq")?,
        old: row.text("old_wallet")?,
        new: row.text("new_wallet")?,
        asked_at: row.time("asked_at")?,
        asked_by: row.text("asked_by")?,
        effective_at: row.time("effective_at")?,
    })
}

/// The merchant's change that waits; there is at most one.
pub fn waiting(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Option<ChangeRow>, StoreError> {
    tx.row(WAITING, values![merchant.as_str()], read)
}

pub fn due(tx: &Tx<'_>, now: Time, limit: i64) -> Result<Vec<ChangeRow>, StoreError> {
    tx.rows(DUE, values![now, limit], read)
}

/// Ends a change; false if it had ended already.
pub fn end(tx: &Tx<'_>, change: &ChangeRow, end: End, now: Time) -> Result<bool, StoreError> {
    let state = if end == End::Done { "done" } else { "canceled" };
    Ok(tx.execute(END, values![change.merchant_id.as_str(), change.seq, state, now])? == 1)
}
