//! Disputes of charges.

use domain::charge::Money;
use domain::{ChargeId, MerchantId, Time, Units};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    PUT = "INSERT INTO disputes (merchant_id, charge_id, reference, invoice_number, units, currency, state, round, opened_at, closed_at, evidence_due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
           ON CONFLICT (merchant_id, charge_id, reference) DO UPDATE SET state = excluded.state, round = excluded.round,
             closed_at = excluded.closed_at, evidence_due_at = excluded.evidence_due_at";
    OF_CHARGE = "SELECT * FROM disputes WHERE merchant_id = $1 AND charge_id = $2 ORDER BY opened_at, reference";
    COUNT_ALL = "SELECT count(*) AS disputes FROM disputes";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeState {
    Open,
    Won,
    Lost,
}

impl DisputeState {
    pub const ALL: [(DisputeState, &'static str); 3] =
        [(DisputeState::Open, "open"), (DisputeState::Won, "won"), (DisputeState::Lost, "lost")];

    pub fn name(self) -> &'static str {
        DisputeState::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<DisputeState> {
        DisputeState::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
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
    /// Until when evidence is to be sent, as the provider said last.
    pub evidence_due_at: Option<Time>,
}

/// How many there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.row(COUNT_ALL, values![], |row| row.int("disputes")).map(|count| count.unwrap_or(0))
}

/// Inserts a dispute, or writes its state, its end and what is due.
pub fn put(tx: &Tx<'_>, row: &DisputeRow) -> Result<(), StoreError> {
    tx.execute_one(
        PUT,
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
            row.evidence_due_at,
        ],
    )
}

/// Oldest first.
pub fn of_charge(tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<Vec<DisputeRow>, StoreError> {
    tx.rows(OF_CHARGE, values![merchant.as_str(), charge.as_str()], read)
}

pub(super) fn read(row: &Row<'_>) -> Result<DisputeRow, StoreError> {
    const TABLE: &str = "disputes";
    let reference = row.text("reference")?;
    Ok(DisputeRow {
        merchant_id: row.parsed(TABLE, "merchant_id", &reference, |text| MerchantId::parse(text).ok())?,
        charge_id: row.parsed(TABLE, "charge_id", &reference, |text| ChargeId::parse(text).ok())?,
        invoice_number: row.int("invoice_number")?,
        money: Money {
            units: row.parsed(TABLE, "units", &reference, |text| Units::from_digits(text).ok())?,
            currency: row.text("currency")?,
        },
        state: row.parsed(TABLE, "state", &reference, DisputeState::from_name)?,
        round: u32::try_from(row.int("round")?).unwrap_or(u32::MAX),
        opened_at: row.time("opened_at")?,
        closed_at: row.opt_int("closed_at")?.map(Time),
        evidence_due_at: row.opt_int("evidence_due_at")?.map(Time),
        reference,
    })
}
