//! The lists of what providers say, over all merchants, a page at a time.

use domain::merchant::Merchant;
use domain::{MerchantId, Time};

use super::{Line, PATH, ROWS, limit, line, path, path_of, state};
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::transfers::amount;
use crate::dashboard::pages::Failed;
use crate::dashboard::viewer::Stamp;
use crate::store::{StoreError, Tx, merchants, overviews};

/// A line that fits nothing.
pub(super) struct Parked {
    pub(super) merchant: i64,
    pub(super) merchant_name: String,
    /// The provider's number of the payout, and its page.
    pub(super) payout: (String, String),
    pub(super) line: Line,
}

/// A payout to a merchant's bank.
pub(super) struct Paid {
    pub(super) at: Stamp,
    pub(super) merchant: i64,
    pub(super) merchant_name: String,
    pub(super) account: String,
    pub(super) payout: (String, String),
    pub(super) amount: String,
    pub(super) state: (&'static str, String),
    pub(super) note: Option<String>,
}

/// A callback whose signature was right, about no charge.
pub(super) struct Called {
    pub(super) at: Stamp,
    pub(super) account: String,
    /// Whose account it is, unless it is the operator's.
    pub(super) merchant: Option<(i64, String)>,
    pub(super) what: String,
    pub(super) about: String,
}

/// Where the page after a row is: what names the row.
fn next(show: &str, row: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("show", show).extend_pairs(row);
    format!("{PATH}?{}", query.finish())
}

/// The rows of a page, and whether there are more.
fn cut<T>(mut rows: Vec<T>) -> (Vec<T>, bool) {
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    (rows, more)
}

/// Lines that fit nothing, by merchant.
pub(super) async fn parked(ask: &Ask) -> Result<(Vec<Parked>, Option<String>), Failed> {
    let [of, account, payout, last] = ["of", "account", "payout", "last"].map(|name| ask.query(name).to_owned());
    let read = |tx: &Tx<'_>| {
        let rows = overviews::parked_lines(tx, (&of, &account, &payout), &last, limit())?.into_iter();
        rows.map(|row| Ok((merchants::existing(tx, &row.merchant_id)?, row))).collect::<Result<Vec<_>, StoreError>>()
    };
    let (rows, more) = cut(ask.app().store.read(read).await?);
    let next = rows.last().filter(|_| more).map(|(_, row)| {
        let (of, account) = (row.merchant_id.as_str(), row.account_id.as_str());
        next("lines", &[("of", of), ("account", account), ("payout", &row.payout_id), ("last", &row.line_id)])
    });
    let shown = rows.into_iter().map(|(merchant, row)| Parked {
        payout: (row.payout_id.clone(), path_of(merchant.number, row.account_id.as_str(), &row.payout_id)),
        line: line(ask, row, merchant.number),
        merchant: merchant.number,
        merchant_name: merchant.name,
    });
    Ok((shown.collect(), next))
}

/// Where a list that goes back in time begins: its time, and what comes before.
fn from(ask: &Ask) -> (Time, [String; 3]) {
    let at = Time(ask.query("at").parse().unwrap_or(i64::MAX));
    (at, ["of", "account", "last"].map(|name| ask.query(name).to_owned()))
}

/// Payouts, the newest first: all, or those that need somebody's eyes.
pub(super) async fn paid(ask: &Ask, is_noted: bool) -> Result<(Vec<Paid>, Option<String>), Failed> {
    let (at, [of, account, last]) = from(ask);
    let read = |tx: &Tx<'_>| {
        let rows = overviews::provider_payouts(tx, is_noted, at, (&of, &account, &last), limit())?.into_iter();
        rows.map(|row| Ok((merchants::existing(tx, &row.merchant_id)?, row))).collect::<Result<Vec<_>, StoreError>>()
    };
    let (rows, more) = cut(ask.app().store.read(read).await?);
    let next = rows.last().filter(|_| more).map(|(_, row)| {
        let (at, of) = (row.seen_at.0.to_string(), row.merchant_id.as_str());
        let row =
            [("at", at.as_str()), ("of", of), ("account", row.account_id.as_str()), ("last", row.payout_id.as_str())];
        next(if is_noted { "noted" } else { "all" }, &row)
    });
    let shown = rows.into_iter().map(|(merchant, row)| Paid {
        at: ask.viewer.time(row.seen_at),
        account: row.account_id.to_string(),
        payout: (row.payout_id.clone(), path(merchant.number, &row)),
        amount: amount(ask.app(), &row.money.currency, row.money.units),
        state: state(row.state),
        note: row.note,
        merchant: merchant.number,
        merchant_name: merchant.name,
    });
    Ok((shown.collect(), next))
}

/// Callbacks about no charge, the newest first.
pub(super) async fn called(ask: &Ask) -> Result<(Vec<Called>, Option<String>), Failed> {
    let (at, [of, account, last]) = from(ask);
    let read = |tx: &Tx<'_>| {
        let rows = overviews::unplaced_events(tx, at, (&of, &account, &last), limit())?.into_iter();
        let owner = |id: Option<&MerchantId>| id.map(|id| merchants::existing(tx, id)).transpose();
        rows.map(|row| Ok((owner(row.merchant_id.as_ref())?, row))).collect::<Result<Vec<_>, StoreError>>()
    };
    let (rows, more) = cut(ask.app().store.read(read).await?);
    let next = rows.last().filter(|_| more).map(|(_, row)| {
        let (at, of) = (row.received_at.0.to_string(), row.merchant_id.as_ref().map_or("", MerchantId::as_str));
        let row =
            [("at", at.as_str()), ("of", of), ("account", row.account_id.as_str()), ("last", row.event_id.as_str())];
        next("callbacks", &row)
    });
    let shown = rows.into_iter().map(|(merchant, row)| Called {
        at: ask.viewer.time(row.received_at),
        account: row.account_id.to_string(),
        merchant: merchant.map(|Merchant { number, name, .. }| (number, name)),
        what: row.what,
        about: row.about,
    });
    Ok((shown.collect(), next))
}
