//! A merchant's invoices page by page, newest first, with filters.

use std::ops::ControlFlow;

use domain::MerchantId;
use domain::invoice::State;

use crate::store::invoice_pages::{self, Place};
use crate::store::invoices::{InvoiceRow, Solution, state_columns};
use crate::store::{StoreError, Tx};

/// Every state's name.
pub const STATES: [&str; 8] =
    ["created", "opened", "received", "settled", "failed", "expired", "withheld", "chargeback"];
/// So many invoices are read at once where some are left out by what no index knows, and so often for one page.
const CHUNK: i64 = 200;
const CHUNKS: usize = 10;

/// What to show; nothing is left out by a filter that is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Names of [`STATES`].
    pub states: Vec<&'static str>,
    pub devise: Option<String>,
    /// How it was, or is to be, paid.
    pub way: Option<Solution>,
    /// Days since 1970, UTC, inclusive.
    pub from_day: Option<i64>,
    pub to_day: Option<i64>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Newest,
    /// What comes after it, newest first: "older".
    Older(Place),
    /// What comes before it: "newer".
    Newer(Place),
}

#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Newest first.
    pub rows: Vec<InvoiceRow>,
    /// What the links to the neighbouring pages begin from.
    pub older: Option<Place>,
    pub newer: Option<Place>,
    /// How many there are in all; `None` where a filter leaves out what no counter knows.
    pub total: Option<i64>,
    /// The page ends here because enough was looked through, not because it is full.
    pub cut: bool,
}

impl Filter {
    /// The state's name as [`STATES`] has it.
    pub fn state(name: &str) -> Option<&'static str> {
        STATES.into_iter().find(|known| *known == name)
    }

    fn states(&self) -> Vec<&'static str> {
        if self.states.is_empty() { STATES.to_vec() } else { self.states.clone() }
    }

    /// Whether the counters and the index alone tell what is shown.
    fn is_counted(&self) -> bool {
        self.devise.is_none() && self.way.is_none()
    }

    pub fn takes(&self, row: &InvoiceRow) -> bool {
        let way = row.chosen.or(row.solution);
        let day = row.invoice.created_at.day();
        self.states().contains(&state_columns(row.invoice.state).0)
            && self.devise.as_ref().is_none_or(|devise| row.invoice.devise == *devise)
            && self.way.is_none_or(|wanted| way == Some(wanted) || (way.is_none() && paid_in_coins(row, wanted)))
            && self.from_day.is_none_or(|from| day >= from)
            && self.to_day.is_none_or(|to| day <= to)
    }
}

/// Coins are paid without a choice being kept.
fn paid_in_coins(row: &InvoiceRow, wanted: Solution) -> bool {
    let paid = matches!(row.invoice.state, State::Received | State::Settled);
    wanted == Solution::Crypto && paid && row.paid.as_ref().is_some_and(|paid| paid.charged.is_none())
}

/// A page of up to `limit` invoices.
pub fn page(tx: &Tx<'_>, merchant: &MerchantId, filter: &Filter, from: From, limit: usize) -> Result<Page, StoreError> {
    let days = (filter.from_day.unwrap_or(i64::MIN), filter.to_day.unwrap_or(i64::MAX));
    let states = filter.states();
    let counts: Vec<(i64, i64)> = invoice_pages::counts(tx, merchant, days.0, days.1)?
        .into_iter()
        .filter(|(_, state, _)| states.contains(&state.as_str()))
        .map(|(day, _, invoices)| (day, invoices))
        .collect();
    let total = filter.is_counted().then(|| counts.iter().map(|(_, invoices)| invoices).sum());
    let (Some(first), Some(last)) = (counts.first(), counts.last()) else {
        return Ok(Page { total: Some(0), ..Page::default() });
    };
    // days that have none of these are not looked at
    let (first, last) = (first.0, last.0);
    let newest = Place { day: last, number: i64::MAX };
    let oldest = Place { day: first, number: i64::MIN };
    let walk = Walk { tx, merchant, filter, states: &states, first, last, limit };
    match from {
        From::Newest => {
            let (rows, end) = walk.down(newest)?;
            Ok(Page { older: end.map(|(place, _)| place), newer: None, total, cut: is_cut(end), rows })
        }
        From::Older(place) => {
            let (rows, end) = walk.down(place.min(newest))?;
            let newer = rows.first().map(Place::of);
            Ok(Page { older: end.map(|(place, _)| place), newer, total, cut: is_cut(end), rows })
        }
        From::Newer(place) => {
            let (mut rows, end) = walk.up(place.max(oldest))?;
            rows.reverse();
            let older = rows.last().map(Place::of);
            Ok(Page { older, newer: end.map(|(place, _)| place), total, cut: is_cut(end), rows })
        }
    }
}

fn is_cut(end: Option<(Place, bool)>) -> bool {
    end.is_some_and(|(_, cut)| cut)
}

struct Walk<'w> {
    tx: &'w Tx<'w>,
    merchant: &'w MerchantId,
    filter: &'w Filter,
    states: &'w [&'static str],
    first: i64,
    last: i64,
    limit: usize,
}

/// The rows, and where to go on, if there is anything: with whether that is because enough was looked through.
type Walked = (Vec<InvoiceRow>, Option<(Place, bool)>);

impl Walk<'_> {
    fn down(&self, from: Place) -> Result<Walked, StoreError> {
        self.walk(from, |place, limit| {
            invoice_pages::before(self.tx, self.merchant, self.states, self.first, place, limit)
        })
    }

    fn up(&self, from: Place) -> Result<Walked, StoreError> {
        self.walk(from, |place, limit| {
            invoice_pages::after(self.tx, self.merchant, self.states, self.last, place, limit)
        })
    }

    fn walk(
        &self,
        mut place: Place,
        read: impl Fn(Place, i64) -> Result<Vec<InvoiceRow>, StoreError>,
    ) -> Result<Walked, StoreError> {
        let mut found = Vec::new();
        let at_once = match self.filter.is_counted() {
            // one more than is shown says whether there is a next page
            true => i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1),
            false => CHUNK,
        };
        for _ in 0..CHUNKS {
            let rows = read(place, at_once)?;
            let is_end = i64::try_from(rows.len()).is_ok_and(|read| read < at_once);
            if let Some(last) = rows.last() {
                place = Place::of(last);
            }
            let full = rows.into_iter().filter(|row| self.filter.takes(row)).try_for_each(|row| {
                if found.len() == self.limit {
                    return ControlFlow::Break(());
                }
                found.push(row);
                ControlFlow::Continue(())
            });
            if full.is_break() {
                let end = found.last().map(|row| (Place::of(row), false));
                return Ok((found, end));
            }
            if is_end {
                return Ok((found, None));
            }
        }
        Ok((found, Some((place, true))))
    }
}
