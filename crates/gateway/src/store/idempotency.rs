//! Answers kept under a merchant's `Idempotency-Key`, as long as the invoices they made.

use domain::{MerchantId, Time};

use super::tx::{StoreError, Tx, statements, values};

statements! {
    GET = "SELECT request_hash, answer FROM idempotency_keys WHERE merchant_id = $1 AND key = $2";
    INSERT = "INSERT INTO idempotency_keys (merchant_id, key, request_hash, answer, created_at) VALUES ($1, $2, $3, $4, $5)
              ON CONFLICT (merchant_id, key) DO NOTHING";
    SET_ANSWER = "UPDATE idempotency_keys SET answer = $3 WHERE merchant_id = $1 AND key = $2";
}

/// What was answered before under this key, and to which request.
#[derive(Debug, Clone)]
pub struct Kept {
    pub request_hash: String,
    pub answer: String,
}

pub fn get(tx: &Tx<'_>, merchant: &MerchantId, key: &str) -> Result<Option<Kept>, StoreError> {
    tx.row(GET, values![merchant.as_str(), key], |row| {
        Ok(Kept { request_hash: row.text("request_hash")?, answer: row.text("answer")? })
    })
}

/// Puts the final answer in the place of the one that was kept when the work began.
pub fn set_answer(tx: &Tx<'_>, merchant: &MerchantId, key: &str, answer: &str) -> Result<(), StoreError> {
    tx.execute_one(SET_ANSWER, values![merchant.as_str(), key, answer])
}

pub fn keep(tx: &Tx<'_>, merchant: &MerchantId, key: &str, kept: &Kept, now: Time) -> Result<(), StoreError> {
    tx.execute_one(INSERT, values![merchant.as_str(), key, &kept.request_hash, &kept.answer, now])
}
