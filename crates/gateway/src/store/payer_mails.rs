//! Mails to payers about an invoice: asked for once by what causes each.

use domain::{MerchantId, Time};

use super::tx::{StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO payer_mails (merchant_id, invoice_number, cause, state, asked_at) VALUES ($1, $2, $3, $4, $5)
              ON CONFLICT (merchant_id, invoice_number, cause) DO NOTHING";
    SINCE = "SELECT count(*) AS count FROM payer_mails WHERE merchant_id = $1 AND invoice_number = $2 AND asked_at > $3";
    SINCE_ALL = "SELECT count(*) AS count FROM payer_mails WHERE merchant_id = $1 AND asked_at > $2 AND cause <> $3";
    DUE = "SELECT merchant_id, invoice_number, cause FROM payer_mails WHERE state = 'due'
           ORDER BY asked_at, merchant_id, invoice_number, cause LIMIT 20 OFFSET $1";
    END = "UPDATE payer_mails SET state = $4 WHERE merchant_id = $1 AND invoice_number = $2 AND cause = $3 AND state = 'due'";
    AGAIN = "UPDATE payer_mails SET state = 'due', asked_at = $4
             WHERE merchant_id = $1 AND invoice_number = $2 AND cause = $3 AND state = 'dropped'";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A worker writes it.
    Due,
    /// In the outbox.
    Written,
    /// There was nothing to write any more.
    Dropped,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Due => "due",
            State::Written => "written",
            State::Dropped => "dropped",
        }
    }
}

/// A mail that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMail {
    pub merchant_id: MerchantId,
    pub invoice_number: i64,
    pub cause: String,
}

/// Asks for a mail; false when it was asked for before.
pub fn insert(
    tx: &Tx<'_>,
    (merchant, number): (&MerchantId, i64),
    cause: &str,
    state: State,
    now: Time,
) -> Result<bool, StoreError> {
    Ok(tx.execute(INSERT, values![merchant.as_str(), number, cause, state.name(), now])? == 1)
}

/// How many were asked for about an invoice after `since`.
pub fn count_since(tx: &Tx<'_>, (merchant, number): (&MerchantId, i64), since: Time) -> Result<i64, StoreError> {
    Ok(tx.row(SINCE, values![merchant.as_str(), number, since], |row| row.int("count"))?.unwrap_or(0))
}

/// How many a merchant asked for after `since`, without those of one cause.
pub fn count_all(tx: &Tx<'_>, merchant: &MerchantId, since: Time, but: &str) -> Result<i64, StoreError> {
    Ok(tx.row(SINCE_ALL, values![merchant.as_str(), since, but], |row| row.int("count"))?.unwrap_or(0))
}

/// Those that wait for longest but `skipped`, of all merchants; a bounded number.
pub fn due(tx: &Tx<'_>, skipped: i64) -> Result<Vec<DueMail>, StoreError> {
    tx.rows(DUE, values![skipped], |row| {
        Ok(DueMail {
            merchant_id: row.parsed("payer_mails", "merchant_id", "?", |text| MerchantId::parse(text).ok())?,
            invoice_number: row.int("invoice_number")?,
            cause: row.text("cause")?,
        })
    })
}

/// Ends one that was due; false when somebody else was quicker.
pub fn end(tx: &Tx<'_>, due: &DueMail, state: State) -> Result<bool, StoreError> {
    let values = values![due.merchant_id.as_str(), due.invoice_number, &due.cause, state.name()];
    Ok(tx.execute(END, values)? == 1)
}

/// Makes one that was dropped due again; false when none was.
pub fn again(tx: &Tx<'_>, (merchant, number): (&MerchantId, i64), cause: &str, now: Time) -> Result<bool, StoreError> {
    Ok(tx.execute(AGAIN, values![merchant.as_str(), number, cause, now])? == 1)
}
