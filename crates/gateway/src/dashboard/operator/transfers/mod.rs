//! `/operator/transfers`: money on its way out. What is open, what needs somebody, what waits for a second person.

mod act;
mod one;
mod refused;

pub use act::post;
use askama::Template;
use domain::TransferId;
use domain::transfer::State;
pub use one::page as one;

use crate::app::App;
use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::dashboard::viewer::Stamp;
use crate::store::transfers::{self, Approval, TransferRow};
use crate::store::{StoreError, Tx, merchants};

pub const PATH: &str = "/operator/transfers";
/// The oldest of each kind; what is over leaves the list.
const MOST: i64 = 60;

/// A transfer as lists show it.
pub(super) struct Line {
    pub id: String,
    pub at: Stamp,
    pub kind: String,
    pub amount: String,
    pub merchant: i64,
    pub merchant_name: String,
    pub destination: String,
    pub state: (String, &'static str),
    pub waits: bool,
    pub parked: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/operator/transfers.html")]
struct Page {
    f: Frame,
    /// Of the lists, the one that is shown: `open`, `parked` or `waiting`.
    shown: &'static str,
    lists: [(&'static str, &'static str); 3],
    lines: Vec<Line>,
    not_found: bool,
}

/// An amount as people write it; in smallest units where the asset is not configured here.
pub(super) fn amount(app: &App, asset: &str, units: domain::Units) -> String {
    let digits = domain::fiat::minor_digits(asset).or_else(|| app.asset(asset).map(|asset| asset.decimals));
    match digits {
        Some(digits) => format!("{} {asset}", units.decimal(digits, digits.min(2))),
        None => format!("{units} × 1/10ⁿ {asset}"),
    }
}

pub(super) fn kind_key(row: &TransferRow) -> String {
    format!("transfer-{}", row.kind.name().replace('_', "-"))
}

pub(super) fn state_of(state: State) -> (String, &'static str) {
    let tone = match state {
        State::Done => "good",
        State::Failed | State::Canceled => "plain",
        _ => "wait",
    };
    (format!("transfer-state-{}", state.name()), tone)
}

pub(super) fn line(ask: &Ask, row: TransferRow, merchant: i64, merchant_name: String) -> Line {
    Line {
        at: ask.viewer.time(row.created_at),
        kind: kind_key(&row),
        amount: amount(ask.app(), &row.asset, row.units),
        merchant,
        merchant_name,
        state: state_of(row.state),
        waits: row.approval == Approval::Wanted && row.state.is_open(),
        id: row.id.to_string(),
        destination: row.destination,
        parked: row.parked,
    }
}

/// Rows with the number and name of their merchants.
pub(super) fn with_merchants(
    tx: &Tx<'_>,
    rows: Vec<TransferRow>,
) -> Result<Vec<(TransferRow, i64, String)>, StoreError> {
    let named = |row: TransferRow| {
        let merchant = merchants::existing(tx, &row.merchant_id)?;
        Ok((row, merchant.number, merchant.name))
    };
    rows.into_iter().map(named).collect()
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let wanted = ask.query("id").to_owned();
    let mut not_found = false;
    if !wanted.is_empty() {
        if let Ok(id) = TransferId::parse(&wanted)
            && ask.app().store.read(|tx| transfers::find(tx, &id)).await?.is_some()
        {
            return Ok(ask.go(&format!("{PATH}/{id}")));
        }
        not_found = true;
    }
    let shown = match ask.query("show") {
        "parked" => "parked",
        "waiting" => "waiting",
        _ => "open",
    };
    let read = |tx: &Tx<'_>| {
        let rows = match shown {
            "parked" => transfers::parked(tx, MOST),
            "waiting" => transfers::wanted(tx, MOST),
            _ => transfers::open(tx, MOST),
        };
        with_merchants(tx, rows?)
    };
    let rows = ask.app().store.read(read).await?;
    let lines = rows.into_iter().map(|(row, number, name)| line(&ask, row, number, name)).collect();
    let lists = [("open", "transfers-open"), ("parked", "transfers-parked"), ("waiting", "transfers-waiting")];
    ask.show(&Page { f: ask.frame(ask.w().text("nav-transfers").plain()), shown, lists, lines, not_found })
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    let sample: Sample = |app, merchant| {
        Box::pin(async move {
            let id = crate::app::testing::reserved(&app, &merchant, true).await;
            format!("{PATH}/{id}")
        })
    };
    vec![("/operator/transfers/{id}", sample)]
}
