//! Payments out: EUR to cards.

use domain::{MerchantId, Time, TransferId, Units};

use super::events::Subject;
use super::funds::State;
use super::payout_days::{self, Filter};
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO payouts (merchant_id, number, minor, currency, first_name, last_name, card_shown, card_expiry, card_sealed,
                merchant_data, state, transfer_id, created_at, created_day, status_at, last_event, version, asked_by)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending', $11, $12, $13, $12, $14, 1, $15)";
    UPDATE = "UPDATE payouts SET state = $4, failed_reason = $5, card_sealed = $6, status_at = $7, last_event = $8,
                version = version + 1
              WHERE merchant_id = $1 AND number = $2 AND version = $3";
    WIPE = "UPDATE payouts SET card_sealed = NULL, version = version + 1
            WHERE merchant_id = $1 AND number = $2 AND card_sealed IS NOT NULL";
    BY_NUMBER = "SELECT * FROM payouts WHERE merchant_id = $1 AND number = $2";
    AFTER = "SELECT * FROM payouts WHERE merchant_id = $1 AND number > $2 ORDER BY number LIMIT 500";
    DAY_ASC = "SELECT * FROM payouts WHERE merchant_id = $1 AND created_day = $2 AND state IN ($3, $4, $5)
               ORDER BY number LIMIT $6 OFFSET $7";
    DAY_DESC = "SELECT * FROM payouts WHERE merchant_id = $1 AND created_day = $2 AND state IN ($3, $4, $5)
                ORDER BY number DESC LIMIT $6 OFFSET $7";
    SEALED = "SELECT * FROM payouts WHERE card_sealed IS NOT NULL AND created_at <= $1 ORDER BY created_at LIMIT $2";
    COUNT_ALL = "SELECT count(*) AS payouts FROM payouts";
}

/// A payment out. The contract's numbers count over all merchants.
#[derive(Debug, Clone)]
pub struct PayoutRow {
    pub merchant_id: MerchantId,
    pub number: i64,
    /// Minor units of `currency`.
    pub minor: Units,
    pub currency: String,
    pub first_name: String,
    pub last_name: String,
    /// `4012XXXXXXXX4240`
    pub card_shown: String,
    /// `04/2025`
    pub card_expiry: String,
    /// The number, sealed to the row; gone once the processor has it or the payment is over.
    pub card_sealed: Option<String>,
    pub merchant_data: Option<String>,
    pub state: State,
    pub failed_reason: Option<String>,
    pub transfer_id: TransferId,
    /// A person's account, or a key by its first characters. Nobody, where it was asked before that was written down.
    pub asked_by: Option<String>,
    pub created_at: Time,
    pub status_at: Time,
    pub last_event: i64,
    pub version: i64,
}

impl PayoutRow {
    /// What people are shown of the card.
    pub fn card_last4(&self) -> &str {
        let digits = self.card_shown.len();
        self.card_shown.get(digits.saturating_sub(4)..).unwrap_or_default()
    }
}

pub fn insert(tx: &Tx<'_>, row: &PayoutRow) -> Result<(), StoreError> {
    let day = row.created_at.day();
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            row.number,
            &row.minor.to_string(),
            &row.currency,
            &row.first_name,
            &row.last_name,
            &row.card_shown,
            &row.card_expiry,
            row.card_sealed.as_deref(),
            row.merchant_data.as_deref(),
            row.transfer_id.as_str(),
            row.created_at,
            day,
            row.last_event,
            row.asked_by.as_deref(),
        ],
    )?;
    payout_days::count(tx, &row.merchant_id, Subject::Payment, day, row.state.name(), 1)
}

/// Writes what may change; `was` is the state that the counters have it in.
pub fn update(tx: &Tx<'_>, row: &mut PayoutRow, was: State) -> Result<(), StoreError> {
    tx.execute_one(
        UPDATE,
        values![
            row.merchant_id.as_str(),
            row.number,
            row.version,
            row.state.name(),
            row.failed_reason.as_deref(),
            row.card_sealed.as_deref(),
            row.status_at,
            row.last_event,
        ],
    )?;
    row.version += 1;
    if was != row.state {
        let day = row.created_at.day();
        payout_days::count(tx, &row.merchant_id, Subject::Payment, day, was.name(), -1)?;
        payout_days::count(tx, &row.merchant_id, Subject::Payment, day, row.state.name(), 1)?;
    }
    Ok(())
}

/// Forgets the card's number.
pub fn wipe_card(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<(), StoreError> {
    tx.execute(WIPE, values![merchant.as_str(), number]).map(|_| ())
}

/// Those made up to a moment whose card's number is still kept, oldest first.
pub fn sealed(tx: &Tx<'_>, made_by: Time, limit: i64) -> Result<Vec<PayoutRow>, StoreError> {
    tx.rows(SEALED, values![made_by, limit], read)
}

fn read(row: &Row<'_>) -> Result<PayoutRow, StoreError> {
    const TABLE: &str = "payouts";
    let number = row.int("number")?;
    let id = number.to_string();
    Ok(PayoutRow {
        merchant_id: row.parsed(TABLE, "merchant_id", &id, |text| MerchantId::parse(text).ok())?,
        number,
        minor: row.parsed(TABLE, "minor", &id, |text| Units::from_digits(text).ok())?,
        currency: row.text("currency")?,
        first_name: row.text("first_name")?,
        last_name: row.text("last_name")?,
        card_shown: row.text("card_shown")?,
        card_expiry: row.text("card_expiry")?,
        card_sealed: row.opt_text("card_sealed")?,
        merchant_data: row.opt_text("merchant_data")?,
        state: row.parsed(TABLE, "state", &id, State::from_name)?,
        failed_reason: row.opt_text("failed_reason")?,
        transfer_id: row.parsed(TABLE, "transfer_id", &id, |text| TransferId::parse(text).ok())?,
        asked_by: row.opt_text("asked_by")?,
        created_at: row.time("created_at")?,
        status_at: row.time("status_at")?,
        last_event: row.int("last_event")?,
        version: row.int("version")?,
    })
}

pub fn by_number(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Option<PayoutRow>, StoreError> {
    tx.row(BY_NUMBER, values![merchant.as_str(), number], read)
}

/// A payment that rows refer to.
pub fn existing(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<PayoutRow, StoreError> {
    by_number(tx, merchant, number)?
        .ok_or_else(|| StoreError::Inconsistent(format!("payment {number} is referred to but not there")))
}

/// Up to 500 after `number`: for walking through all.
pub fn after(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Vec<PayoutRow>, StoreError> {
    tx.rows(AFTER, values![merchant.as_str(), number], read)
}

/// A page, and how many match in all.
pub fn page(tx: &Tx<'_>, merchant: &MerchantId, filter: &Filter) -> Result<(Vec<PayoutRow>, i64), StoreError> {
    let (slices, total) = payout_days::slices(tx, merchant, Subject::Payment, filter)?;
    let (sql, mut page) = (if filter.newest_first { DAY_DESC } else { DAY_ASC }, Vec::new());
    let state = |index: usize| filter.states.get(index).copied();
    for part in slices {
        let id = merchant.as_str();
        let values = values![id, part.day, state(0), state(1), state(2), part.limit, part.skip];
        page.extend(tx.rows(sql, values, read)?);
    }
    Ok((page, total))
}

/// How many there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.row(COUNT_ALL, values![], |row| row.int("payouts")).map(|count| count.unwrap_or(0))
}
