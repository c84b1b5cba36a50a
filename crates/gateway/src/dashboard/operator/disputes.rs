//! `/operator/disputes`: payments that payers' banks took up again: open, won, lost.

use askama::Template;
use domain::Time;

use super::transfers::amount;
use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::disputes::{DisputeRow, DisputeState};
use crate::store::{StoreError, Tx, charges, ledger, merchants, overviews};

pub const PATH: &str = "/operator/disputes";
const ROWS: usize = 30;

struct Line {
    opened: Stamp,
    closed: Option<Stamp>,
    merchant: i64,
    merchant_name: String,
    invoice: i64,
    amount: String,
    /// What the merchant owes in this currency.
    debt: Option<String>,
    provider: String,
    charge: String,
    reference: String,
    /// How many times it was opened.
    round: u32,
}

#[derive(Template)]
#[template(path = "dashboard/operator/disputes.html")]
struct Page {
    f: Frame,
    shown: &'static str,
    states: [(&'static str, String); 3],
    lines: Vec<Line>,
    is_first: bool,
    next: Option<String>,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let state = DisputeState::from_name(ask.query("show")).unwrap_or(DisputeState::Open);
    let asked: Option<i64> = ask.query("before").parse().ok();
    let before = Time(asked.unwrap_or(i64::MAX));
    let (charge, reference) = (ask.query("charge").to_owned(), ask.query("reference").to_owned());
    let read = |tx: &Tx<'_>| {
        let limit = i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1);
        let rows = overviews::disputes(tx, state, (before, &charge, &reference), limit)?.into_iter();
        let of = |row: DisputeRow| {
            let merchant = merchants::existing(tx, &row.merchant_id)?;
            let charge = charges::existing(tx, &row.merchant_id, &row.charge_id)?.charge;
            let debt = ledger::debt(tx, &row.merchant_id, &row.money.currency)?;
            Ok((row, merchant, charge, debt))
        };
        rows.map(of).collect::<Result<Vec<_>, StoreError>>()
    };
    let mut rows = ask.app().store.read(read).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|(row, ..)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("show", state.name()).append_pair("before", &row.opened_at.0.to_string());
        query.append_pair("charge", row.charge_id.as_str()).append_pair("reference", &row.reference);
        format!("{PATH}?{}", query.finish())
    });
    let lines = rows.into_iter().map(|(row, merchant, charge, debt)| Line {
        opened: ask.viewer.time(row.opened_at),
        closed: row.closed_at.map(|at| ask.viewer.time(at)),
        merchant: merchant.number,
        merchant_name: merchant.name,
        invoice: row.invoice_number,
        amount: amount(ask.app(), &row.money.currency, row.money.units),
        debt: (!debt.is_zero()).then(|| amount(ask.app(), &row.money.currency, debt)),
        provider: charge.provider,
        charge: charge.id.to_string(),
        reference: row.reference,
        round: row.round,
    });
    ask.show(&Page {
        f: ask.frame(ask.w().text("nav-disputes").plain()),
        shown: state.name(),
        states: DisputeState::ALL.map(|(_, name)| (name, format!("dispute-{name}"))),
        lines: lines.collect(),
        is_first: asked.is_none(),
        next,
    })
}
