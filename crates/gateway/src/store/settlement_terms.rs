//! What was agreed with merchants about their settlement.

use domain::MerchantId;
use domain::fee::BasisPoints;
use domain::settlement::{Schedule, Terms};

use super::tx::{StoreError, Tx, statements, values};

statements! {
    GET = "SELECT * FROM settlement_terms WHERE merchant_id = $1";
    PUT = "INSERT INTO settlement_terms (merchant_id, schedule, threshold, reserve_bps, reserve_days, spread_bps, paused, last_day)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (merchant_id) DO UPDATE SET schedule = excluded.schedule, threshold = excluded.threshold,
             reserve_bps = excluded.reserve_bps, reserve_days = excluded.reserve_days, spread_bps = excluded.spread_bps,
             paused = excluded.paused, last_day = excluded.last_day";
}

/// A merchant's terms, and the UTC day of its last daily batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TermsRow {
    pub terms: Terms,
    pub last_day: i64,
}

/// The terms of a merchant; those of everyone if nothing was agreed.
pub fn of(tx: &Tx<'_>, merchant: &MerchantId) -> Result<TermsRow, StoreError> {
    const TABLE: &str = "settlement_terms";
    let row = tx.row(GET, values![merchant.as_str()], |row| {
        let id = merchant.to_string();
        let damaged =
            |column, value: i64| StoreError::Damaged { table: TABLE, column, id: id.clone(), value: value.to_string() };
        let bps = |column| {
            let value = row.int(column)?;
            BasisPoints::new(value).map_err(|_| damaged(column, value))
        };
        let threshold = row.opt_int("threshold")?.and_then(|coins| u64::try_from(coins).ok());
        let days = row.int("reserve_days")?;
        let terms = Terms {
            schedule: row.parsed(TABLE, "schedule", &id, |name| Schedule::from_name(name, threshold))?,
            reserve: bps("reserve_bps")?,
            reserve_days: u32::try_from(days).map_err(|_| damaged("reserve_days", days))?,
            spread: bps("spread_bps")?,
            paused: row.flag("paused")?,
        };
        Ok(TermsRow { terms, last_day: row.int("last_day")? })
    });
    Ok(row?.unwrap_or_default())
}

pub fn put(tx: &Tx<'_>, merchant: &MerchantId, row: &TermsRow) -> Result<(), StoreError> {
    let TermsRow { terms, last_day } = row;
    let threshold = match terms.schedule {
        Schedule::Threshold(coins) => Some(i64::try_from(coins).unwrap_or(i64::MAX)),
        Schedule::PerPayment | Schedule::Daily => None,
    };
    tx.execute_one(
        PUT,
        values![
            merchant.as_str(),
            terms.schedule.name(),
            threshold,
            i64::from(terms.reserve.get()),
            i64::from(terms.reserve_days),
            i64::from(terms.spread.get()),
            terms.paused,
            *last_day,
        ],
    )
}
