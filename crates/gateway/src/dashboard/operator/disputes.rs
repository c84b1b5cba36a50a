//! `/operator/disputes`: payments that payers' banks took up again: open, won, lost. Of open ones that is first for which evidence is due first.

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
    /// Of an open one: until when evidence is due, if that is known, and whether that is over.
    due: Option<(Stamp, bool)>,
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
    is_open: bool,
    states: [(&'static str, String); 3],
    lines: Vec<Line>,
    is_first: bool,
    next: Option<String>,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let state = DisputeState::from_name(ask.query("show")).unwrap_or(DisputeState::Open);
    let asked: Option<i64> = ask.query("before").parse().ok();
    let is_open = state == DisputeState::Open;
    // of open ones those with a date come first, and the first page begins with them
    let due = is_open && (asked.is_none() || ask.query("due") == "1");
    let before = Time(asked.unwrap_or(if due { i64::MIN } else { i64::MAX }));
    let (charge, reference) = (ask.query("charge").to_owned(), ask.query("reference").to_owned());
    let read = |tx: &Tx<'_>| {
        let limit = i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1);
        let last = (before, charge.as_str(), reference.as_str());
        let rows = match is_open {
            true => overviews::open_disputes(tx, due, last, limit)?,
            false => overviews::disputes(tx, state, last, limit)?,
        };
        let of = |row: DisputeRow| {
            let merchant = merchants::existing(tx, &row.merchant_id)?;
            let charge = charges::existing(tx, &row.merchant_id, &row.charge_id)?.charge;
            let debt = ledger::debt(tx, &row.merchant_id, &row.money.currency)?;
            Ok((row, merchant, charge, debt))
        };
        rows.into_iter().map(of).collect::<Result<Vec<_>, StoreError>>()
    };
    let now = ask.app().now();
    let mut rows = ask.app().store.read(read).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|(row, ..)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let due = row.evidence_due_at.filter(|_| is_open);
        query.append_pair("show", state.name());
        query.append_pair("before", &due.unwrap_or(row.opened_at).0.to_string());
        if due.is_some() {
            query.append_pair("due", "1");
        }
        query.append_pair("charge", row.charge_id.as_str()).append_pair("reference", &row.reference);
        format!("{PATH}?{}", query.finish())
    });
    let lines = rows.into_iter().map(|(row, merchant, charge, debt)| Line {
        opened: ask.viewer.time(row.opened_at),
        closed: row.closed_at.map(|at| ask.viewer.time(at)),
        due: row.evidence_due_at.map(|at| (ask.viewer.time(at), at <= now)),
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
        is_open,
        states: DisputeState::ALL.map(|(_, name)| (name, format!("dispute-{name}"))),
        lines: lines.collect(),
        is_first: asked.is_none(),
        next,
    })
}
