//! Pages of a merchant's invoices by keyset: newest day first, newest number first.

use domain::MerchantId;

use super::invoices::{InvoiceRow, read};
use super::tx::{StoreError, Tx, statements, values};

statements! {
    DAYS = "SELECT day, state, invoices FROM invoice_days
            WHERE merchant_id = $1 AND day >= $2 AND day <= $3 AND invoices > 0 ORDER BY day";
    BEFORE = "SELECT * FROM invoices WHERE merchant_id = $1 AND created_day >= $2 AND (created_day, number) < ($3, $4)
              AND state IN ($5, $6, $7, $8, $9, $10, $11, $12) ORDER BY created_day DESC, number DESC LIMIT $13";
    AFTER = "SELECT * FROM invoices WHERE merchant_id = $1 AND created_day <= $2 AND (created_day, number) > ($3, $4)
             AND state IN ($5, $6, $7, $8, $9, $10, $11, $12) ORDER BY created_day, number LIMIT $13";
}

/// A place between two invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub day: i64,
    pub number: i64,
}

impl Place {
    pub const FIRST: Place = Place { day: i64::MIN, number: i64::MIN };
    pub const LAST: Place = Place { day: i64::MAX, number: i64::MAX };

    pub fn of(row: &InvoiceRow) -> Place {
        Place { day: row.invoice.created_at.day(), number: row.invoice.number }
    }
}

/// As links carry it: `19675-1042`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.day, self.number)
    }
}

impl std::str::FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Place, ()> {
        let (day, number) = text.split_once('-').ok_or(())?;
        let digits = |text: &str| {
            let plain = !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse().ok()).flatten().ok_or(())
        };
        Ok(Place { day: digits(day)?, number: digits(number)? })
    }
}

/// How many invoices of each state were made on each day, without empty ones: (day, state, invoices).
pub fn counts(tx: &Tx<'_>, merchant: &MerchantId, from: i64, to: i64) -> Result<Vec<(i64, String, i64)>, StoreError> {
    tx.rows(DAYS, values![merchant.as_str(), from, to], |row| {
        Ok((row.int("day")?, row.text("state")?, row.int("invoices")?))
    })
}

/// Invoices made on `from_day` or later that come after `place` when the newest is first. `states` are column values, up to eight.
pub fn before(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    states: &[&str],
    from_day: i64,
    place: Place,
    limit: i64,
) -> Result<Vec<InvoiceRow>, StoreError> {
    let [a, b, c, d, e, f, g, h] = std::array::from_fn(|index| states.get(index).copied());
    let values = values![merchant.as_str(), from_day, place.day, place.number, a, b, c, d, e, f, g, h, limit];
    tx.rows(BEFORE, values, read)
}

/// Invoices made on `to_day` or earlier that come before `place` when the newest is first; the nearest to it first.
pub fn after(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    states: &[&str],
    to_day: i64,
    place: Place,
    limit: i64,
) -> Result<Vec<InvoiceRow>, StoreError> {
    let [a, b, c, d, e, f, g, h] = std::array::from_fn(|index| states.get(index).copied());
    let values = values![merchant.as_str(), to_day, place.day, place.number, a, b, c, d, e, f, g, h, limit];
    tx.rows(AFTER, values, read)
}
