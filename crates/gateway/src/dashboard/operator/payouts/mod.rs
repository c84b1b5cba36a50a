//! `/operator/payouts`: what providers say they paid out to merchants' own banks, what of it fits nothing, and callbacks about nothing of ours.

mod arrived;
mod lists;
mod one;

pub use arrived::{page as arrived, post};
use askama::Template;
use lists::{Called, Paid, Parked, called, paid, parked};
pub use one::page as one;
use rails::provider::PaidOutState;

use super::transfers::amount;
use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::store::provider_payouts::{LineRow, LineState, PayoutRow, kind_name, line_name, state_name};

pub const PATH: &str = "/operator/payouts";
pub const ONE: &str = "/operator/payouts/one";
pub const ARRIVED: &str = "/operator/payouts/arrived";
/// Where the newest of all payouts are.
const ALL: &str = "/operator/payouts?show=all";
const ROWS: usize = 30;

/// The lists there are: as the query names them, and as they are called.
const LISTS: [(&str, &str); 4] = [
    ("lines", "reports-lines"),
    ("noted", "reports-noted"),
    ("all", "reports-all"),
    ("callbacks", "reports-callbacks"),
];

#[derive(Template)]
#[template(path = "dashboard/operator/payouts.html")]
struct Page {
    f: Frame,
    shown: &'static str,
    lists: [(&'static str, &'static str); 4],
    lines: Vec<Parked>,
    payouts: Vec<Paid>,
    events: Vec<Called>,
    is_first: bool,
    next: Option<String>,
}

/// A line of a payout.
struct Line {
    kind: String,
    amount: String,
    /// What the provider calls it, and the names it carries.
    what: String,
    about: String,
    /// The payment's own page, where it is known.
    charge: Option<String>,
    state: (&'static str, String),
    note: Option<String>,
}

fn line(ask: &Ask, row: LineRow, merchant: i64) -> Line {
    let tone = match row.state {
        LineState::Booked => "good",
        LineState::Undone => "bad",
        LineState::Parked => "wait",
        LineState::Other => "plain",
    };
    Line {
        kind: format!("report-{}", kind_name(row.kind).replace('_', "-")),
        amount: amount(ask.app(), &row.money.currency, row.money.units),
        what: row.what,
        about: row.about,
        charge: row.charge_id.map(|charge| super::withheld::path(merchant, &charge)),
        state: (tone, format!("report-line-{}", line_name(row.state))),
        note: row.note,
    }
}

fn state(state: PaidOutState) -> (&'static str, String) {
    let tone = match state {
        PaidOutState::Pending => "wait",
        PaidOutState::Paid => "good",
        PaidOutState::Failed => "bad",
    };
    (tone, format!("report-state-{}", state_name(state)))
}

/// The page of a payout: the provider's id means something at its account only.
fn path(merchant: i64, row: &PayoutRow) -> String {
    path_of(merchant, row.account_id.as_str(), &row.payout_id)
}

fn path_of(merchant: i64, account: &str, payout: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("merchant", &merchant.to_string()).append_pair("account", account).append_pair("payout", payout);
    format!("{ONE}?{}", query.finish())
}

/// One more than a page has tells whether there is another.
fn limit() -> i64 {
    i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1)
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let mut page = Page {
        f: ask.frame(ask.w().text("nav-reports").plain()),
        shown: "lines",
        lists: LISTS,
        lines: Vec::new(),
        payouts: Vec::new(),
        events: Vec::new(),
        is_first: ask.query("last").is_empty(),
        next: None,
    };
    match ask.query("show") {
        "noted" => (page.shown, (page.payouts, page.next)) = ("noted", paid(&ask, true).await?),
        "all" => (page.shown, (page.payouts, page.next)) = ("all", paid(&ask, false).await?),
        "callbacks" => (page.shown, (page.events, page.next)) = ("callbacks", called(&ask).await?),
        _ => (page.lines, page.next) = parked(&ask).await?,
    }
    ask.show(&page)
}
