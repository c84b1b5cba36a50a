//! What a merchant's business came to, day by day, from counters. A day is that on which an invoice was made.

use std::collections::BTreeMap;

use domain::{MerchantId, Units};

use super::search::LOOKED_THROUGH;
use crate::store::attention::{self, Attention};
use crate::store::{StoreError, Tx, invoice_pages, search, volume};

/// Invoices made on a day, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that were made.
    pub made: i64,
    /// Paid by the payer: received, settled and withheld ones.
    pub paid: i64,
    /// Of them, those whose money has not reached the merchant.
    pub awaiting: i64,
    pub settled: i64,
    pub failed: i64,
    pub expired: i64,
    pub withheld: i64,
    pub chargebacks: i64,
    /// Not over yet.
    pub open: i64,
}

/// Amounts of paid invoices in minor units, by currency.
pub type Volume = BTreeMap<String, Units>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    /// Since 1970, UTC.
    pub day: i64,
    pub counts: Counts,
    pub volume: Volume,
    /// Of it, what waits to be settled …
    pub awaiting: Volume,
    /// … and what has reached the merchant.
    pub settled: Volume,
}

/// The days in order, also empty ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    pub days: Vec<Day>,
    /// Invoices wait to be counted, more than are looked at directly: amounts are too low for a moment. Counts are not.
    pub in_part: bool,
}

impl Counts {
    fn add(&mut self, state: &str, invoices: i64) {
        self.made += invoices;
        match state {
            "created" | "opened" => self.open += invoices,
            "received" => self.awaiting += invoices,
            "settled" => self.settled += invoices,
            "failed" => self.failed += invoices,
            "expired" => self.expired += invoices,
            "withheld" => self.withheld += invoices,
            "chargeback" => self.chargebacks += invoices,
            _ => {}
        }
        self.paid += if matches!(state, "received" | "settled" | "withheld") { invoices } else { 0 };
    }

    /// Paid invoices among those that are no longer open, in thousandths, rounded down; `None` where there are none.
    pub fn success_permille(&self) -> Option<i64> {
        let decided = self.made - self.open;
        (decided > 0).then(|| self.paid.saturating_mul(1000) / decided)
    }
}

fn sum(into: &mut Volume, devise: &str, amount: Units) -> Result<(), StoreError> {
    let total = into.entry(devise.to_owned()).or_default();
    *total = total.plus(amount).map_err(|error| StoreError::Inconsistent(format!("volume in {devise}: {error}")))?;
    Ok(())
}

impl Day {
    fn add(&mut self, state: &str, devise: &str, amount: Units) -> Result<(), StoreError> {
        if matches!(state, "received" | "settled" | "withheld") {
            sum(&mut self.volume, devise, amount)?;
        }
        match state {
            "received" => sum(&mut self.awaiting, devise, amount),
            "settled" => sum(&mut self.settled, devise, amount),
            _ => Ok(()),
        }
    }
}

impl Figures {
    /// The last `days` of them together, the newest day included.
    pub fn last(&self, days: usize) -> Result<Day, StoreError> {
        let mut total = Day::default();
        for day in self.days.iter().rev().take(days) {
            let (into, counts) = (&mut total.counts, &day.counts);
            into.made += counts.made;
            into.paid += counts.paid;
            into.awaiting += counts.awaiting;
            into.settled += counts.settled;
            into.failed += counts.failed;
            into.expired += counts.expired;
            into.withheld += counts.withheld;
            into.chargebacks += counts.chargebacks;
            into.open += counts.open;
            day.volume.iter().try_for_each(|(devise, amount)| sum(&mut total.volume, devise, *amount))?;
            day.awaiting.iter().try_for_each(|(devise, amount)| sum(&mut total.awaiting, devise, *amount))?;
            day.settled.iter().try_for_each(|(devise, amount)| sum(&mut total.settled, devise, *amount))?;
            total.day = total.day.max(day.day);
        }
        Ok(total)
    }
}

/// The figures of `days` days up to and with `today`.
pub fn figures(tx: &Tx<'_>, merchant: &MerchantId, today: i64, days: i64) -> Result<Figures, StoreError> {
    let from = today - days.max(1) + 1;
    let mut by_day: BTreeMap<i64, Day> = (from..=today).map(|day| (day, Day { day, ..Day::default() })).collect();
    for (day, state, invoices) in invoice_pages::counts(tx, merchant, from, today)? {
        if let Some(at) = by_day.get_mut(&day) {
            at.counts.add(&state, invoices);
        }
    }
    for row in volume::days(tx, merchant, from, today)? {
        if let Some(at) = by_day.get_mut(&row.day) {
            at.add(&row.state, &row.devise, row.amount)?;
        }
    }
    let newest = search::not_passed(tx, merchant, i64::MAX, LOOKED_THROUGH + 1)?;
    let in_part = newest.len() > usize::try_from(LOOKED_THROUGH).unwrap_or(usize::MAX);
    for row in newest {
        let state = volume::counted(row.invoice.state);
        if let (Some(at), Some(state)) = (by_day.get_mut(&row.invoice.created_at.day()), state) {
            at.add(state, &row.invoice.devise, row.invoice.amount)?;
        }
    }
    Ok(Figures { days: by_day.into_values().collect(), in_part })
}

/// What a merchant should look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trouble {
    pub waits: Attention,
    /// Invoices that are withheld, or charged back, whenever they were made.
    pub withheld: i64,
    pub chargebacks: i64,
}

impl Trouble {
    pub fn is_none(&self) -> bool {
        *self == Trouble::default()
    }
}

pub fn trouble(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Trouble, StoreError> {
    let mut trouble = Trouble { waits: attention::of(tx, merchant)?, ..Trouble::default() };
    for (_, state, invoices) in invoice_pages::counts(tx, merchant, i64::MIN, i64::MAX)? {
        match state.as_str() {
            "withheld" => trouble.withheld += invoices,
            "chargeback" => trouble.chargebacks += invoices,
            _ => {}
        }
    }
    Ok(trouble)
}
