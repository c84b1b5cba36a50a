//! `/operator/withheld`: card and UPI payments that their providers hold back, the longest first.

mod act;
mod one;

pub use act::post;
use askama::Template;
use domain::{ChargeId, Time};
pub use one::page as one;

use super::transfers::amount;
use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::dashboard::viewer::Stamp;
use crate::store::charges::{self, ChargeRow};
use crate::store::{StoreError, Tx, merchants, overviews};

pub const PATH: &str = "/operator/withheld";
const ROWS: usize = 30;

struct Line {
    path: String,
    since: Stamp,
    merchant: i64,
    merchant_name: String,
    invoice: i64,
    amount: String,
    provider: String,
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/operator/withheld.html")]
struct Page {
    f: Frame,
    lines: Vec<Line>,
    is_first: bool,
    next: Option<String>,
}

/// The page of a charge: a charge is found by its merchant and its id.
pub(super) fn path(merchant: i64, charge: &ChargeId) -> String {
    format!("{PATH}/{merchant}/{charge}")
}

/// What was taken from the payer.
fn taken(ask: &Ask, row: &ChargeRow) -> String {
    let money = row.charge.received.as_ref().unwrap_or(&row.charge.asked);
    amount(ask.app(), &money.currency, money.units)
}

/// The charge that the path names, whose it is, and whose name that is.
async fn named(ask: &Ask) -> Result<(ChargeRow, domain::merchant::Merchant), Failed> {
    let (number, id) = (ask.number("merchant")?, ChargeId::parse(ask.id("charge")).map_err(|_| Failed::NotFound)?);
    let read = |tx: &Tx<'_>| {
        let Some(merchant) = merchants::by_number(tx, number)? else { return Ok(None) };
        Ok::<_, StoreError>(charges::by_id(tx, &merchant.id, &id)?.map(|row| (row, merchant)))
    };
    ask.app().store.read(read).await?.ok_or(Failed::NotFound)
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let since = Time(ask.query("since").parse().unwrap_or(i64::MIN));
    let last = ask.query("last").to_owned();
    let read = |tx: &Tx<'_>| {
        let limit = i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1);
        let rows = overviews::held_charges(tx, (since, &last), limit)?.into_iter();
        let of = |row: ChargeRow| Ok((merchants::existing(tx, &row.merchant_id)?, row));
        rows.map(of).collect::<Result<Vec<_>, StoreError>>()
    };
    let mut rows = ask.app().store.read(read).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|(_, row)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        // 0 is of those that were held before this was written down
        let since = row.held_at.map_or(0, |at| at.0);
        query.append_pair("since", &since.to_string()).append_pair("last", row.charge.id.as_str());
        format!("{PATH}?{}", query.finish())
    });
    let lines = rows.into_iter().map(|(merchant, row)| Line {
        path: path(merchant.number, &row.charge.id),
        since: ask.viewer.time(row.held_at.unwrap_or(row.changed_at)),
        merchant: merchant.number,
        merchant_name: merchant.name,
        invoice: row.invoice_number,
        amount: taken(&ask, &row),
        provider: row.charge.provider,
        note: row.note,
    });
    ask.show(&Page {
        f: ask.frame(ask.w().text("nav-withheld").plain()),
        lines: lines.collect(),
        is_first: since.0 == i64::MIN,
        next,
    })
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    let sample: Sample = |app, merchant| {
        Box::pin(async move {
            let row = crate::app::testing::charged(&app, &merchant, true).await;
            path(merchant.number, &row.charge.id)
        })
    };
    vec![("/operator/withheld/{merchant}/{charge}", sample)]
}
