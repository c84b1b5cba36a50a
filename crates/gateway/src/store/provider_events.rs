//! What providers post to us, once each, and lines of imported bank statements.

use domain::{AccountId, ChargeId, MerchantId, Time, Units};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO provider_events (merchant_id, account_id, event_id, what, about, charges, received_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (merchant_id, account_id, event_id) DO NOTHING";
    UNPLACED = "SELECT * FROM provider_events WHERE merchant_id = $1 AND charges = 0 ORDER BY received_at DESC LIMIT $2";
    LAST_OF = "SELECT received_at FROM provider_events WHERE merchant_id = $1 AND account_id = $2 ORDER BY received_at DESC LIMIT 1";
    INSERT_LINE = "INSERT INTO statement_lines (merchant_id, account_id, line_key, day, units, rrn, text, charge_id, note, imported_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LINE = "SELECT * FROM statement_lines WHERE merchant_id = $1 AND account_id = $2 AND line_key = $3";
    MATCH_LINE = "UPDATE statement_lines SET charge_id = $4, note = $5 WHERE merchant_id = $1 AND account_id = $2 AND line_key = $3";
    UNMATCHED = "SELECT * FROM statement_lines WHERE merchant_id = $1 AND account_id = $2 AND charge_id IS NULL ORDER BY day, line_key";
}

/// A callback whose signature was right.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// `None` for an account of the operator.
    pub merchant_id: Option<MerchantId>,
    pub account_id: AccountId,
    pub event_id: String,
    pub what: String,
    /// The names it carried.
    pub about: String,
    /// How many charges of ours it is about.
    pub charges: i64,
    pub received_at: Time,
}

/// Answers whether it is new.
pub fn insert(tx: &Tx<'_>, row: &EventRow) -> Result<bool, StoreError> {
    let merchant = row.merchant_id.as_ref().map_or("", MerchantId::as_str);
    let inserted = tx.execute(
        INSERT,
        values![merchant, row.account_id.as_str(), &row.event_id, &row.what, &row.about, row.charges, row.received_at],
    )?;
    Ok(inserted == 1)
}

pub(super) fn event(row: &Row<'_>) -> Result<EventRow, StoreError> {
    const TABLE: &str = "provider_events";
    let event_id = row.text("event_id")?;
    let merchant_id = match row.text("merchant_id")?.as_str() {
        "" => None,
        _ => Some(row.parsed(TABLE, "merchant_id", &event_id, |text| MerchantId::parse(text).ok())?),
    };
    Ok(EventRow {
        merchant_id,
        account_id: row.parsed(TABLE, "account_id", &event_id, |text| AccountId::parse(text).ok())?,
        what: row.text("what")?,
        about: row.text("about")?,
        charges: row.int("charges")?,
        received_at: row.time("received_at")?,
        event_id,
    })
}

/// Callbacks about charges we do not know, newest first.
pub fn unplaced(tx: &Tx<'_>, merchant: Option<&MerchantId>, limit: i64) -> Result<Vec<EventRow>, StoreError> {
    tx.rows(UNPLACED, values![merchant.map_or("", MerchantId::as_str), limit], event)
}

/// When the last callback of an account came whose signature was right; `merchant` is whose it is, the operator's without.
pub fn last_of(tx: &Tx<'_>, merchant: Option<&MerchantId>, account: &AccountId) -> Result<Option<Time>, StoreError> {
    let owner = merchant.map_or("", MerchantId::as_str);
    tx.row(LAST_OF, values![owner, account.as_str()], |row| row.time("received_at"))
}

/// A credit of a bank statement.
#[derive(Debug, Clone)]
pub struct LineRow {
    pub merchant_id: MerchantId,
    pub account_id: AccountId,
    pub line_key: String,
    /// Days since 1970-01-01.
    pub day: i64,
    pub units: Units,
    pub rrn: Option<String>,
    pub text: String,
    pub charge_id: Option<ChargeId>,
    /// What came of it, in words.
    pub note: String,
    pub imported_at: Time,
}

pub fn insert_line(tx: &Tx<'_>, row: &LineRow) -> Result<(), StoreError> {
    tx.execute_one(
        INSERT_LINE,
        values![
            row.merchant_id.as_str(),
            row.account_id.as_str(),
            &row.line_key,
            row.day,
            &row.units.to_string(),
            row.rrn.as_deref(),
            &row.text,
            row.charge_id.as_ref().map(ChargeId::as_str),
            &row.note,
            row.imported_at,
        ],
    )
}

/// Says what came of a line that is there.
pub fn match_line(tx: &Tx<'_>, row: &LineRow) -> Result<(), StoreError> {
    let charge = row.charge_id.as_ref().map(ChargeId::as_str);
    tx.execute_one(
        MATCH_LINE,
        values![row.merchant_id.as_str(), row.account_id.as_str(), &row.line_key, charge, &row.note],
    )
}

fn line(row: &Row<'_>) -> Result<LineRow, StoreError> {
    const TABLE: &str = "statement_lines";
    let line_key = row.text("line_key")?;
    let charge = row.opt_text("charge_id")?;
    Ok(LineRow {
        merchant_id: row.parsed(TABLE, "merchant_id", &line_key, |text| MerchantId::parse(text).ok())?,
        account_id: row.parsed(TABLE, "account_id", &line_key, |text| AccountId::parse(text).ok())?,
        day: row.int("day")?,
        units: row.parsed(TABLE, "units", &line_key, |text| Units::from_digits(text).ok())?,
        rrn: row.opt_text("rrn")?,
        text: row.text("text")?,
        charge_id: charge.and_then(|text| ChargeId::parse(&text).ok()),
        note: row.text("note")?,
        imported_at: row.time("imported_at")?,
        line_key,
    })
}

pub fn line_by_key(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    account: &AccountId,
    key: &str,
) -> Result<Option<LineRow>, StoreError> {
    tx.row(LINE, values![merchant.as_str(), account.as_str(), key], line)
}

/// Lines that settled nothing, oldest first.
pub fn unmatched(tx: &Tx<'_>, merchant: &MerchantId, account: &AccountId) -> Result<Vec<LineRow>, StoreError> {
    tx.rows(UNMATCHED, values![merchant.as_str(), account.as_str()], line)
}
