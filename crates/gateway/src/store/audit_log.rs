//! What people did that matters: appended, chained by hash, never changed.

use domain::{MerchantId, Time};
use sha2::{Digest, Sha256};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    LAST = "SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1";
    INSERT = "INSERT INTO audit_log (seq, at, actor, act, about, detail, hash, merchant_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    AFTER = "SELECT * FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT 500";
    OF_MERCHANT = "SELECT * FROM audit_log WHERE merchant_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    ABOUT = "SELECT * FROM audit_log WHERE about = $1 ORDER BY seq";
    ABOUT_OF = "SELECT * FROM audit_log WHERE about = $1 AND merchant_id = $2 ORDER BY seq";
}

/// An act. `detail` holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRow {
    pub at: Time,
    /// Who: `cli` and the operating system's user, or an account.
    pub actor: String,
    /// What: `transfer.retry`, `wallet.change`, …
    pub act: String,
    /// Table and key of what it was done to.
    pub about: String,
    pub detail: String,
}

impl ActRow {
    /// SHA-256 over every field, each preceded by its length, after the hash of the act before.
    pub fn hash(&self, seq: i64, previous: &str) -> String {
        let mut hasher = Sha256::new();
        let (seq, at) = (seq.to_string(), self.at.0.to_string());
        for field in [previous, &seq, &at, &self.actor, &self.act, &self.about, &self.detail] {
            hasher.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hex::encode(hasher.finalize())
    }
}

/// What is about a merchant's own row is his.
pub fn append(tx: &Tx<'_>, act: &ActRow) -> Result<(), StoreError> {
    let merchant = act.about.strip_prefix("merchants ").and_then(|id| MerchantId::parse(id).ok());
    append_of(tx, act, merchant.as_ref())
}

/// Appends an act that this merchant may read.
pub fn append_of(tx: &Tx<'_>, act: &ActRow, merchant: Option<&MerchantId>) -> Result<(), StoreError> {
    let last = tx.row(LAST, values![], |row| Ok((row.int("seq")?, row.text("hash")?)))?;
    let (last, previous) = last.unwrap_or_default();
    let hash = act.hash(last + 1, &previous);
    let merchant = merchant.map(MerchantId::as_str);
    tx.execute_one(INSERT, values![last + 1, act.at, &act.actor, &act.act, &act.about, &act.detail, &hash, merchant])
}

/// A merchant's acts before number `seq`, the last first, with their numbers.
pub fn of_merchant(tx: &Tx<'_>, merchant: &MerchantId, seq: i64, limit: i64) -> Result<Vec<(i64, ActRow)>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str(), seq, limit], |row| Ok((row.int("seq")?, act(row)?)))
}

/// The number of the last act; 0 before the first.
pub fn last(tx: &Tx<'_>) -> Result<i64, StoreError> {
    Ok(tx.row(LAST, values![], |row| row.int("seq"))?.unwrap_or(0))
}

/// Up to 500 after number `seq`, as (number, act, hash).
pub fn after(tx: &Tx<'_>, seq: i64) -> Result<Vec<(i64, ActRow, String)>, StoreError> {
    tx.rows(AFTER, values![seq], |row| Ok((row.int("seq")?, act(row)?, row.text("hash")?)))
}

/// The acts about one row, oldest first. Reads the whole log, which people write and which is short.
pub fn about(tx: &Tx<'_>, about: &str) -> Result<Vec<ActRow>, StoreError> {
    tx.rows(ABOUT, values![about], act)
}

/// The acts about one row that its merchant may read, oldest first.
pub fn about_of(tx: &Tx<'_>, merchant: &MerchantId, about: &str) -> Result<Vec<ActRow>, StoreError> {
    tx.rows(ABOUT_OF, values![about, merchant.as_str()], act)
}

fn act(row: &Row<'_>) -> Result<ActRow, StoreError> {
    Ok(ActRow {
        at: row.time("at")?,
        actor: row.text("actor")?,
        act: row.text("act")?,
        about: row.text("about")?,
        detail: row.text("detail")?,
    })
}
