//! Counters of funds and payments by day and state, and what is paid out on a day: history and limits never walk through rows.

use domain::{MerchantId, Units};

use super::events::Subject;
use super::tx::{StoreError, Tx, statements, values};

statements! {
    COUNT = "INSERT INTO payout_days (merchant_id, subject, day, state, items) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (merchant_id, subject, day, state) DO UPDATE SET items = payout_days.items + excluded.items";
    DAYS = "SELECT day, state, items FROM payout_days
            WHERE merchant_id = $1 AND subject = $2 AND day >= $3 AND day <= $4 AND items > 0 ORDER BY day";
    SPENT = "SELECT minor FROM payout_spent WHERE merchant_id = $1 AND day = $2";
    SET_SPENT = "INSERT INTO payout_spent (merchant_id, day, minor) VALUES ($1, $2, $3)
                 ON CONFLICT (merchant_id, day) DO UPDATE SET minor = excluded.minor";
}

/// One more (`by` 1) or one less (-1) of a day in a state.
pub(super) fn count(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    subject: Subject,
    day: i64,
    state: &str,
    by: i64,
) -> Result<(), StoreError> {
    tx.execute_one(COUNT, values![merchant.as_str(), subject.name(), day, state, by])
}

/// The counters as they stand: (day, state, items), without empty ones.
pub fn counts(tx: &Tx<'_>, merchant: &MerchantId, subject: Subject) -> Result<Vec<(i64, String, i64)>, StoreError> {
    days(tx, merchant, subject, i64::MIN, i64::MAX)
}

fn days(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    subject: Subject,
    from: i64,
    to: i64,
) -> Result<Vec<(i64, String, i64)>, StoreError> {
    tx.rows(DAYS, values![merchant.as_str(), subject.name(), from, to], |row| {
        Ok((row.int("day")?, row.text("state")?, row.int("items")?))
    })
}

/// What to show. `states` are column values; all three for everything.
#[derive(Debug, Clone)]
pub struct Filter {
    pub states: Vec<&'static str>,
    /// Days since 1970, inclusive.
    pub from_day: Option<i64>,
    pub to_day: Option<i64>,
    pub newest_first: bool,
    pub skip: i64,
    pub limit: i64,
}

/// A part of one day: how many rows of it to skip, and how many to take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    pub day: i64,
    pub skip: i64,
    pub limit: i64,
}

/// The parts of days that make a page, and how many rows match in all.
pub(super) fn slices(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    subject: Subject,
    filter: &Filter,
) -> Result<(Vec<Slice>, i64), StoreError> {
    let (from, to) = (filter.from_day.unwrap_or(i64::MIN), filter.to_day.unwrap_or(i64::MAX));
    let mut sums: Vec<(i64, i64)> = Vec::new();
    for (day, state, items) in days(tx, merchant, subject, from, to)? {
        match sums.last_mut() {
            _ if !filter.states.contains(&state.as_str()) => {}
            Some((last, sum)) if *last == day => *sum += items,
            _ => sums.push((day, items)),
        }
    }
    let total = sums.iter().map(|(_, items)| items).sum();
    if filter.newest_first {
        sums.reverse();
    }
    let (mut skip, mut left, mut slices) = (filter.skip, filter.limit, Vec::new());
    for (day, items) in sums {
        if skip >= items {
            skip -= items;
            continue;
        }
        let limit = (items - skip).min(left);
        if limit <= 0 {
            break;
        }
        slices.push(Slice { day, skip, limit });
        (skip, left) = (0, left - limit);
    }
    Ok((slices, total))
}

/// What a merchant's payments made on a day come to, those that failed left out: minor units.
pub fn spent(tx: &Tx<'_>, merchant: &MerchantId, day: i64) -> Result<Units, StoreError> {
    let units = tx.row(SPENT, values![merchant.as_str(), day], |row| {
        row.parsed("payout_spent", "minor", merchant.as_str(), |text| Units::from_digits(text).ok())
    })?;
    Ok(units.unwrap_or(Units::ZERO))
}

pub fn set_spent(tx: &Tx<'_>, merchant: &MerchantId, day: i64, minor: Units) -> Result<(), StoreError> {
    tx.execute_one(SET_SPENT, values![merchant.as_str(), day, &minor.to_string()])
}
