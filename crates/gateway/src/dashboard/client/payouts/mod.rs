//! `/client/payouts`: EUR that came as coins, and goes out to cards.

mod funds;
mod list;
mod one;
mod pay;

use domain::access::Permission::{Export, MoveMoney, ViewBalances};

use super::money::Badge;
use crate::dashboard::ask::Ask;
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::dashboard::words::Words;
use crate::store::funds::State;
use crate::store::payout_days::Filter;
use crate::store::payouts::PayoutRow;
use crate::wire::time::read_day;

pub const PATH: &str = "/client/payouts";
const NEW: &str = "/client/payouts/new";
pub const FUNDS: &str = "/client/payouts/funds";
/// Rows of a page.
const ROWS: i64 = 30;

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, PATH, ViewBalances, list::page),
        Route::merchant(Get, "/client/payouts/export.csv", Export, list::export),
        Route::merchant(Get, NEW, MoveMoney, pay::page),
        Route::merchant(Post, NEW, MoveMoney, pay::send),
        Route::merchant(Get, FUNDS, ViewBalances, funds::page),
        Route::merchant(Post, FUNDS, MoveMoney, funds::report),
        Route::merchant(Get, "/client/payouts/funds/{number}", ViewBalances, funds::one),
        Route::merchant(Get, "/client/payouts/{number}", ViewBalances, one::page),
        Route::merchant(Post, "/client/payouts/{number}/approve", MoveMoney, one::approve),
        Route::merchant(Post, "/client/payouts/{number}/refuse", MoveMoney, one::refuse),
    ]
}

fn path(number: i64) -> String {
    format!("{PATH}/{number}")
}

fn path_of_fund(number: i64) -> String {
    format!("{FUNDS}/{number}")
}

/// A state as a badge; `of` is `payout` or `fund`.
fn badge(w: Words, of: &str, state: State) -> Badge {
    let tone = match state {
        State::Pending => "wait",
        State::Success => "good",
        State::Failed => "bad",
    };
    Badge { tone, label: w.text(&format!("{of}-{}", state.name())) }
}

/// What of a card is shown.
fn card(row: &PayoutRow) -> String {
    format!("•••• {}", row.card_last4())
}

fn holder(row: &PayoutRow) -> String {
    format!("{} {}", row.first_name, row.last_name)
}

/// What is filtered for, as the address says it. What cannot be read counts as not there.
struct Asked {
    state: Option<State>,
    /// Days, UTC.
    from: String,
    to: String,
    page: i64,
}

impl Asked {
    fn of(ask: &Ask) -> Asked {
        let day = |name: &str| Some(ask.query(name)).filter(|day| read_day(day).is_some()).unwrap_or_default();
        Asked {
            state: State::from_name(ask.query("state")),
            from: day("from").to_owned(),
            to: day("to").to_owned(),
            page: ask.query("page").parse().unwrap_or(1).clamp(1, 1_000_000),
        }
    }

    fn is(&self, state: &str) -> bool {
        self.state.is_some_and(|known| known.name() == state)
    }

    fn is_all(&self) -> bool {
        self.state.is_none() && self.from.is_empty() && self.to.is_empty()
    }

    fn filter(&self) -> Filter {
        let states = State::ALL.into_iter().filter(|state| self.state.is_none_or(|asked| asked == *state));
        Filter {
            states: states.map(State::name).collect(),
            from_day: read_day(&self.from).map(i64::from),
            to_day: read_day(&self.to).map(i64::from),
            newest_first: true,
            skip: (self.page - 1).saturating_mul(ROWS),
            limit: ROWS,
        }
    }

    /// The address of the same list, on another page of it.
    fn link(&self, path: &str, page: i64) -> String {
        let state = self.state.map_or("", State::name);
        let page = if page > 1 { page.to_string() } else { String::new() };
        let own = [("state", state), ("from", &self.from), ("to", &self.to), ("page", &page)];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(own.into_iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The pages before and after this one, of so many rows.
    fn pages(&self, path: &str, total: i64) -> (Option<String>, Option<String>) {
        let newer = (self.page > 1).then(|| self.link(path, self.page - 1));
        let older = (self.page.saturating_mul(ROWS) < total).then(|| self.link(path, self.page + 1));
        (newer, older)
    }
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    use crate::app::testing::{funded, paid_out};
    use crate::dashboard::tests::HOSTILE;

    let payment: Sample = |app, merchant| Box::pin(async move { path(paid_out(&app, &merchant, HOSTILE, 500).await) });
    let approve: Sample =
        |app, merchant| Box::pin(async move { path(paid_out(&app, &merchant, HOSTILE, 500).await) + "/approve" });
    let refuse: Sample =
        |app, merchant| Box::pin(async move { path(paid_out(&app, &merchant, HOSTILE, 500).await) + "/refuse" });
    let fund: Sample = |app, merchant| Box::pin(async move { path_of_fund(funded(&app, &merchant, HOSTILE).await) });
    vec![
        ("/client/payouts/{number}", payment),
        ("/client/payouts/{number}/approve", approve),
        ("/client/payouts/{number}/refuse", refuse),
        ("/client/payouts/funds/{number}", fund),
    ]
}
