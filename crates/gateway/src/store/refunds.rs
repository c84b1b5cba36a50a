//! Refunds and disputes of charges.

use domain::charge::Money;
use domain::{ChargeId, MerchantId, RefundId, Time, Units};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO refunds (merchant_id, id, charge_id, invoice_number, units, currency, state, created_at, changed_at, due_at,
                asked, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8, 0, 1)";
    UPDATE = "UPDATE refunds SET state = $4, reference = $5, note = $6, changed_at = $7, due_at = $8, asked = $9,
                version = version + 1 WHERE merchant_id = $1 AND id = $2 AND version = $3";
    BY_ID = "SELECT * FROM refunds WHERE merchant_id = $1 AND id = $2";
    OF_CHARGE = "SELECT * FROM refunds WHERE merchant_id = $1 AND charge_id = $2 ORDER BY created_at, id";
    DUE = "SELECT * FROM refunds WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    COUNT_ALL = "SELECT count(*) AS refunds FROM refunds";
    PUT_DISPUTE = "INSERT INTO disputes (merchant_id, charge_id, reference, invoice_number, units, currency, state, round, opened_at,
                     closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                   ON CONFLICT (merchant_id, charge_id, reference) DO UPDATE SET state = excluded.state, round = excluded.round, closed_at = excluded.closed_at";
    DISPUTES = "SELECT * FROM disputes WHERE merchant_id = $1 AND charge_id = $2 ORDER BY opened_at, reference";
    COUNT_DISPUTES = "SELECT count(*) AS disputes FROM disputes";
}

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant),* }

        impl $name {
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some($name::$variant),)* _ => None }
            }
        }
    };
}

states! {
    /// `Unknown`: sent, and no clear answer; only asked about from then on.
    RefundState { Reserved = "reserved", Unknown = "unknown", Pending = "pending", Done = "done", Failed = "failed" }
}
states! { DisputeState { Open = "open", Won = "won", Lost = "lost" } }

#[derive(Debug, Clone)]
pub struct RefundRow {
    pub merchant_id: MerchantId,
    pub id: RefundId,
    pub charge_id: ChargeId,
    pub invoice_number: i64,
    pub money: Money,
    pub state: RefundState,
    pub reference: Option<String>,
    pub note: Option<String>,
    pub created_at: Time,
    pub changed_at: Time,
    pub due_at: Option<Time>,
    pub asked: u32,
    pub version: i64,
}

#[derive(Debug, Clone)]
pub struct DisputeRow {
    pub merchant_id: MerchantId,
    pub charge_id: ChargeId,
    /// The provider's.
    pub reference: String,
    pub invoice_number: i64,
    pub money: Money,
    pub state: DisputeState,
    /// How many times it was opened.
    pub round: u32,
    pub opened_at: Time,
    pub closed_at: Option<Time>,
}

pub fn insert(tx: &Tx<'_>, row: &RefundRow) -> Result<(), StoreError> {
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            row.id.as_str(),
            row.charge_id.as_str(),
            row.invoice_number,
            &row.money.units.to_string(),
            &row.money.currency,
            row.state.name(),
            row.created_at,
        ],
    )
}

pub fn update(tx: &Tx<'_>, row: &mut RefundRow) -> Result<(), StoreError> {
    tx.execute_one(
        UPDATE,
        values![
            row.merchant_id.as_str(),
            row.id.as_str(),
            row.version,
            row.state.name(),
            row.reference.as_deref(),
            row.note.as_deref(),
            row.changed_at,
            row.due_at,
            i64::from(row.asked),
        ],
    )?;
    row.version += 1;
    Ok(())
}

fn money(row: &Row<'_>, table: &'static str, id: &str) -> Result<Money, StoreError> {
    let units = row.parsed(table, "units", id, |text| Units::from_digits(text).ok())?;
    Ok(Money { units, currency: row.text("currency")? })
}

fn refund(row: &Row<'_>) -> Result<RefundRow, StoreError> {
    const TABLE: &str = "refunds";
    let id = row.parsed(TABLE, "id", "?", |text| RefundId::parse(text).ok())?;
    Ok(RefundRow {
        merchant_id: row.parsed(TABLE, "merchant_id", id.as_str(), |text| MerchantId::parse(text).ok())?,
        charge_id: row.parsed(TABLE, "charge_id", id.as_str(), |text| ChargeId::parse(text).ok())?,
        invoice_number: row.int("invoice_number")?,
        money: money(row, TABLE, id.as_str())?,
        state: row.parsed(TABLE, "state", id.as_str(), RefundState::from_name)?,
        reference: row.opt_text("reference")?,
        note: row.opt_text("note")?,
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
        due_at: row.opt_int("due_at")?.map(Time),
        asked: u32::try_from(row.int("asked")?).unwrap_or(u32::MAX),
        version: row.int("version")?,
        id,
    })
}

pub fn existing(tx: &Tx<'_>, merchant: &MerchantId, id: &RefundId) -> Result<RefundRow, StoreError> {
    tx.row(BY_ID, values![merchant.as_str(), id.as_str()], refund)?
        .ok_or_else(|| StoreError::Inconsistent(format!("refund {id} is referred to but not there")))
}

/// Oldest first.
pub fn of_charge(tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<Vec<RefundRow>, StoreError> {
    tx.rows(OF_CHARGE, values![merchant.as_str(), charge.as_str()], refund)
}

pub fn due(tx: &Tx<'_>, now: Time, limit: i64) -> Result<Vec<RefundRow>, StoreError> {
    tx.rows(DUE, values![now, limit], refund)
}

/// How many refunds and disputes there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<(i64, i64), StoreError> {
    let refunds = tx.row(COUNT_ALL, values![], |row| row.int("refunds"))?.unwrap_or(0);
    let disputes = tx.row(COUNT_DISPUTES, values![], |row| row.int("disputes"))?.unwrap_or(0);
    Ok((refunds, disputes))
}

/// Inserts a dispute, or writes its state and end.
pub fn put_dispute(tx: &Tx<'_>, row: &DisputeRow) -> Result<(), StoreError> {
    tx.execute_one(
        PUT_DISPUTE,
        values![
            row.merchant_id.as_str(),
            row.charge_id.as_str(),
            &row.reference,
            row.invoice_number,
            &row.money.units.to_string(),
            &row.money.currency,
            row.state.name(),
            i64::from(row.round),
            row.opened_at,
            row.closed_at,
        ],
    )
}

/// Oldest first.
pub fn disputes(tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<Vec<DisputeRow>, StoreError> {
    tx.rows(DISPUTES, values![merchant.as_str(), charge.as_str()], |row| {
        const TABLE: &str = "disputes";
        let reference = row.text("reference")?;
        Ok(DisputeRow {
            merchant_id: merchant.clone(),
            charge_id: charge.clone(),
            invoice_number: row.int("invoice_number")?,
            money: money(row, TABLE, &reference)?,
            state: row.parsed(TABLE, "state", &reference, DisputeState::from_name)?,
            round: u32::try_from(row.int("round")?).unwrap_or(u32::MAX),
            opened_at: row.time("opened_at")?,
            closed_at: row.opt_int("closed_at")?.map(Time),
            reference,
        })
    })
}
