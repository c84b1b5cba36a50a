//! `/operator/settlements`: what merchants were settled for card and UPI money, the newest first, and each statement as a file.

mod merchant;

use askama::Template;
pub use merchant::{page as of_merchant, post};

use super::transfers::amount;
use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::statements;
pub use crate::dashboard::statements::Format;
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::dashboard::viewer::Stamp;
use crate::store::settlements::{SettlementRow, State};
use crate::store::{StoreError, Tx, merchants, overviews};

pub const PATH: &str = "/operator/settlements";
pub const STATEMENT: &str = "/operator/settlements/statement";
const ROWS: usize = 30;

/// A settlement as lists show it.
pub(super) struct Line {
    number: i64,
    at: Stamp,
    settled: Option<Stamp>,
    amount: String,
    state: (&'static str, String),
    merchant: i64,
    merchant_name: String,
    transfer: String,
}

#[derive(Template)]
#[template(path = "dashboard/operator/settlements.html")]
struct Page {
    f: Frame,
    shown: &'static str,
    states: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    not_found: bool,
    is_first: bool,
    next: Option<String>,
}

fn line(ask: &Ask, row: SettlementRow, merchant: i64, merchant_name: String) -> Line {
    let tone = match row.state {
        State::UnderWay => "wait",
        State::Done => "good",
        State::TakenBack => "bad",
        State::Canceled => "plain",
    };
    Line {
        number: row.number,
        at: ask.viewer.time(row.created_at),
        settled: row.settled_at.map(|at| ask.viewer.time(at)),
        amount: amount(ask.app(), &row.asset, row.units),
        state: (tone, format!("settlement-{}", row.state.name())),
        merchant,
        merchant_name,
        transfer: row.transfer_id.to_string(),
    }
}

/// A page too many tells whether there is another; answers the number that the next one is before.
fn cut(rows: &mut Vec<SettlementRow>) -> Option<i64> {
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    rows.last().filter(|_| more).map(|row| row.number)
}

fn limit() -> i64 {
    i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1)
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let wanted = ask.query("merchant");
    let mut not_found = false;
    if !wanted.is_empty() {
        let number = wanted.parse::<i64>().unwrap_or(0);
        if ask.app().store.read(|tx| merchants::by_number(tx, number)).await?.is_some() {
            return Ok(ask.go(&merchant::path(number)));
        }
        not_found = true;
    }
    let state = State::from_name(ask.query("show")).filter(|state| *state != State::Done);
    let asked: Option<i64> = ask.query("before").parse().ok();
    let read = |tx: &Tx<'_>| {
        let mut rows = overviews::settlements(tx, state, asked.unwrap_or(i64::MAX), limit())?;
        let next = cut(&mut rows);
        let of = |row: SettlementRow| Ok((merchants::existing(tx, &row.merchant_id)?, row));
        Ok::<_, StoreError>((rows.into_iter().map(of).collect::<Result<Vec<_>, StoreError>>()?, next))
    };
    let (rows, next) = ask.app().store.read(read).await?;
    let shown = state.map_or("", State::name);
    let states = [State::UnderWay, State::TakenBack, State::Canceled].map(State::name);
    let named = states.into_iter().map(|name| (name, format!("settlement-{name}")));
    ask.show(&Page {
        f: ask.frame(ask.w().text("nav-settlements").plain()),
        shown,
        states: std::iter::once(("", "list-all".to_owned())).chain(named).collect(),
        lines: rows.into_iter().map(|(merchant, row)| line(&ask, row, merchant.number, merchant.name)).collect(),
        not_found,
        is_first: asked.is_none(),
        next: next.map(|next| format!("{PATH}?show={shown}&before={next}")),
    })
}

pub async fn file(ask: Ask, format: Format) -> Answer {
    let (Ok(merchant), Ok(number)) = (ask.query("merchant").parse::<i64>(), ask.query("number").parse::<i64>()) else {
        return Ok(ask.go(PATH));
    };
    let merchant = ask.app().store.read(|tx| merchants::by_number(tx, merchant)).await?.ok_or(Failed::NotFound)?;
    statements::file(&ask, &merchant, number, format).await
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    let sample: Sample = |_, of| Box::pin(async move { merchant::path(of.number) });
    vec![("/operator/merchants/{number}/settlement", sample)]
}
