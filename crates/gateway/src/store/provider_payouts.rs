//! What providers say they paid out to merchants' own banks, and what is in each payout.

use domain::charge::Money;
use domain::{AccountId, ChargeId, MerchantId, Time, Units};
use rails::provider::{LineKind, PaidOutState};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    PUT = "INSERT INTO provider_payouts (merchant_id, account_id, payout_id, state, units, currency, round, note, seen_at, changed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           ON CONFLICT (merchant_id, account_id, payout_id) DO UPDATE SET state = excluded.state, round = excluded.round,
             note = excluded.note, changed_at = excluded.changed_at";
    BY_ID = "SELECT * FROM provider_payouts WHERE merchant_id = $1 AND account_id = $2 AND payout_id = $3";
    OF_MERCHANT = "SELECT * FROM provider_payouts WHERE merchant_id = $1 ORDER BY seen_at, account_id, payout_id";
    PUT_LINE = "INSERT INTO provider_payout_lines (merchant_id, account_id, payout_id, line_id, kind, what, about, units, currency, charge_id,
                  state, round, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                ON CONFLICT (merchant_id, account_id, payout_id, line_id) DO UPDATE SET charge_id = excluded.charge_id,
                  state = excluded.state, round = excluded.round, note = excluded.note";
    LINES = "SELECT * FROM provider_payout_lines WHERE merchant_id = $1 AND account_id = $2 AND payout_id = $3 ORDER BY line_id";
    LINES_AFTER = "SELECT * FROM provider_payout_lines WHERE merchant_id = $1 AND account_id = $2 AND payout_id = $3 AND line_id > $4
                   ORDER BY line_id LIMIT $5";
    OF_CHARGE = "SELECT * FROM provider_payout_lines WHERE merchant_id = $1 AND charge_id = $2 ORDER BY payout_id, line_id";
    COUNT_ALL = "SELECT count(*) AS payouts FROM provider_payouts";
    COUNT_LINES = "SELECT count(*) AS lines FROM provider_payout_lines";
    DUE = "SELECT id, report_due_at FROM provider_accounts WHERE owner = 'merchant' AND active = 1 AND report_due_at <= $1
           ORDER BY report_due_at, id LIMIT $2";
    TAKE = "UPDATE provider_accounts SET report_due_at = $3 WHERE id = $1 AND report_due_at = $2";
}

/// A payout to a merchant's bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRow {
    pub merchant_id: MerchantId,
    pub account_id: AccountId,
    /// The provider's.
    pub payout_id: String,
    pub state: PaidOutState,
    /// Net of the provider's fees.
    pub money: Money,
    /// How often it was booked as paid.
    pub round: u32,
    /// Why it needs somebody's eyes.
    pub note: Option<String>,
    pub seen_at: Time,
    pub changed_at: Time,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    Booked,
    /// It was booked, and the payout failed.
    Undone,
    /// It needs somebody's eyes.
    Parked,
    /// It is none of a payment.
    Other,
}

/// A line of a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    pub merchant_id: MerchantId,
    pub account_id: AccountId,
    pub payout_id: String,
    pub line_id: String,
    pub kind: LineKind,
    /// The provider's word.
    pub what: String,
    /// What it names.
    pub about: String,
    /// Before the provider's fee.
    pub money: Money,
    pub charge_id: Option<ChargeId>,
    pub state: LineState,
    /// How often it was booked.
    pub round: u32,
    pub note: Option<String>,
}

macro_rules! names {
    ($type:ident, $name:ident, $from:ident, $($variant:ident = $text:literal),*) => {
        pub fn $name(value: $type) -> &'static str {
            match value { $($type::$variant => $text),* }
        }

        fn $from(text: &str) -> Option<$type> {
            match text { $($text => Some($type::$variant),)* _ => None }
        }
    };
}

names!(PaidOutState, state_name, state_from, Pending = "pending", Paid = "paid", Failed = "failed");
names!(
    LineKind,
    kind_name,
    kind_from,
    Charge = "charge",
    Refund = "refund",
    RefundBack = "refund_back",
    Dispute = "dispute",
    DisputeBack = "dispute_back",
    Other = "other"
);
names!(LineState, line_name, line_from, Booked = "booked", Undone = "undone", Parked = "parked", Other = "other");

/// Inserts a payout, or writes what changed of it.
pub fn put(tx: &Tx<'_>, row: &PayoutRow) -> Result<(), StoreError> {
    let (merchant, account, units) = (row.merchant_id.as_str(), row.account_id.as_str(), row.money.units.to_string());
    tx.execute_one(
        PUT,
        values![
            merchant,
            account,
            &row.payout_id,
            state_name(row.state),
            &units,
            &row.money.currency,
            i64::from(row.round),
            row.note.as_deref(),
            row.seen_at,
            row.changed_at,
        ],
    )
}

/// Inserts a line, or writes what became of it.
pub fn put_line(tx: &Tx<'_>, row: &LineRow) -> Result<(), StoreError> {
    tx.execute_one(
        PUT_LINE,
        values![
            row.merchant_id.as_str(),
            row.account_id.as_str(),
            &row.payout_id,
            &row.line_id,
            kind_name(row.kind),
            &row.what,
            &row.about,
            &row.money.units.to_string(),
            &row.money.currency,
            row.charge_id.as_ref().map(ChargeId::as_str),
            line_name(row.state),
            i64::from(row.round),
            row.note.as_deref(),
        ],
    )
}

fn money(row: &Row<'_>, table: &'static str, id: &str) -> Result<Money, StoreError> {
    let units = row.parsed(table, "units", id, |text| Units::from_digits(text).ok())?;
    Ok(Money { units, currency: row.text("currency")? })
}

fn round(row: &Row<'_>) -> Result<u32, StoreError> {
    row.int("round").map(|round| u32::try_from(round).unwrap_or(u32::MAX))
}

pub(super) fn read(row: &Row<'_>) -> Result<PayoutRow, StoreError> {
    const TABLE: &str = "provider_payouts";
    let payout_id = row.text("payout_id")?;
    Ok(PayoutRow {
        merchant_id: row.parsed(TABLE, "merchant_id", &payout_id, |text| MerchantId::parse(text).ok())?,
        account_id: row.parsed(TABLE, "account_id", &payout_id, |text| AccountId::parse(text).ok())?,
        state: row.parsed(TABLE, "state", &payout_id, state_from)?,
        money: money(row, TABLE, &payout_id)?,
        round: round(row)?,
        note: row.opt_text("note")?,
        seen_at: row.time("seen_at")?,
        changed_at: row.time("changed_at")?,
        payout_id,
    })
}

pub(super) fn read_line(row: &Row<'_>) -> Result<LineRow, StoreError> {
    const TABLE: &str = "provider_payout_lines";
    let line_id = row.text("line_id")?;
    let charge_id = match row.opt_text("charge_id")? {
        None => None,
        Some(_) => Some(row.parsed(TABLE, "charge_id", &line_id, |text| ChargeId::parse(text).ok())?),
    };
    Ok(LineRow {
        merchant_id: row.parsed(TABLE, "merchant_id", &line_id, |text| MerchantId::parse(text).ok())?,
        account_id: row.parsed(TABLE, "account_id", &line_id, |text| AccountId::parse(text).ok())?,
        payout_id: row.text("payout_id")?,
        kind: row.parsed(TABLE, "kind", &line_id, kind_from)?,
        what: row.text("what")?,
        about: row.text("about")?,
        money: money(row, TABLE, &line_id)?,
        charge_id,
        state: row.parsed(TABLE, "state", &line_id, line_from)?,
        round: round(row)?,
        note: row.opt_text("note")?,
        line_id,
    })
}

pub fn by_id(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    account: &AccountId,
    payout: &str,
) -> Result<Option<PayoutRow>, StoreError> {
    tx.row(BY_ID, values![merchant.as_str(), account.as_str(), payout], read)
}

/// All of a merchant's, oldest first.
pub fn of_merchant(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<PayoutRow>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str()], read)
}

pub fn lines(tx: &Tx<'_>, payout: &PayoutRow) -> Result<Vec<LineRow>, StoreError> {
    let values = values![payout.merchant_id.as_str(), payout.account_id.as_str(), &payout.payout_id];
    tx.rows(LINES, values, read_line)
}

/// Those after one, up to so many.
pub fn lines_after(tx: &Tx<'_>, payout: &PayoutRow, after: &str, limit: i64) -> Result<Vec<LineRow>, StoreError> {
    let values = values![payout.merchant_id.as_str(), payout.account_id.as_str(), &payout.payout_id, after, limit];
    tx.rows(LINES_AFTER, values, read_line)
}

/// The lines that are about a charge, in whichever payout.
pub fn of_charge(tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<Vec<LineRow>, StoreError> {
    tx.rows(OF_CHARGE, values![merchant.as_str(), charge.as_str()], read_line)
}

/// How many payouts and lines there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<(i64, i64), StoreError> {
    let payouts = tx.row(COUNT_ALL, values![], |row| row.int("payouts"))?.unwrap_or(0);
    Ok((payouts, tx.row(COUNT_LINES, values![], |row| row.int("lines"))?.unwrap_or(0)))
}

/// The merchants' accounts that are to be asked for their payouts now, with when that was to be.
pub fn due(tx: &Tx<'_>, now: Time, limit: i64) -> Result<Vec<(AccountId, Time)>, StoreError> {
    tx.rows(DUE, values![now, limit], |row| {
        let id = row.parsed("provider_accounts", "id", "?", |text| AccountId::parse(text).ok())?;
        Ok((id, row.time("report_due_at")?))
    })
}

/// Takes an account that is due, and says when it is due next; false when somebody else took it.
pub fn take(tx: &Tx<'_>, account: &AccountId, was: Time, next: Time) -> Result<bool, StoreError> {
    Ok(tx.execute(TAKE, values![account.as_str(), was, next])? == 1)
}
