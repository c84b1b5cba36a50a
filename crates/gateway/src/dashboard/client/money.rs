//! Amounts, days and states as pages write them.

use domain::Units;
use domain::invoice::{Failure, State};

use crate::app::App;
use crate::app::balances::{SMALLEST, known_decimals};
use crate::checkout::text::Text;
use crate::dashboard::words::Words;
use crate::store::invoices::state_columns;
use crate::wire::time::written_day;

/// `15.04 USD`; of a coin as many digits as it has, and of one that is not configured any more its smallest units.
pub fn amount(app: &App, units: Units, asset: &str) -> String {
    match (app.asset(asset), known_decimals(app, asset)) {
        (Some(coin), _) => format!("{} {}", units.decimal(coin.decimals, coin.decimals.min(2)), coin.symbol),
        (None, Some(digits)) => fiat(units, asset, digits),
        (None, None) => format!("{units}{SMALLEST} {asset}"),
    }
}

/// An amount of an invoice.
pub fn minor(units: Units, devise: &str) -> String {
    fiat(units, devise, domain::fiat::minor_digits(devise).unwrap_or(2))
}

fn fiat(units: Units, code: &str, digits: u8) -> String {
    format!("{} {code}", units.decimal(digits, digits))
}

/// `YYYY-MM-DD`.
pub fn day(number: i64) -> String {
    i32::try_from(number).ok().and_then(written_day).unwrap_or_default()
}

/// A state as a badge: its tone and its word.
#[derive(Debug, Clone)]
pub struct Badge {
    pub tone: &'static str,
    pub label: Text,
}

pub fn badge(w: Words, state: State) -> Badge {
    let (name, failure) = state_columns(state);
    let tone = match state {
        State::Received | State::Settled => "good",
        State::Created | State::Opened | State::Withheld => "wait",
        State::Failed(Failure::Canceled) | State::Expired => "plain",
        State::Failed(_) | State::Chargeback => "bad",
    };
    Badge { tone, label: w.text(&format!("state-{}", failure.unwrap_or(name))) }
}
