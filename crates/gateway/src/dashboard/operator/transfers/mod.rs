//! `/operator/transfers`: money on its way out. What is open, what needs somebody, what waits for a second person, and all by kind and state.

mod act;
mod one;
mod refused;

pub use act::post;
use askama::Template;
use domain::TransferId;
use domain::transfer::{Kind, State};
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
use crate::store::{StoreError, Tx, merchants, overviews};

pub const PATH: &str = "/operator/transfers";
/// Those that need somebody.
pub const PARKED: &str = "/operator/transfers?show=parked";
/// The oldest of each kind; what is over leaves the list.
const MOST: i64 = 60;
/// A page of all of them.
const ROWS: usize = 30;
/// After every id.
const NEWEST: &str = "trf_z";

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
    /// Of the lists, the one that is shown: `open`, `parked`, `waiting` or `all`.
    shown: &'static str,
    lists: [(&'static str, &'static str); 4],
    /// Of all of them, those of a kind and in a state: value, message, whether it is chosen.
    kinds: Vec<(&'static str, String, bool)>,
    states: Vec<(&'static str, String, bool)>,
    is_first: bool,
    next: Option<String>,
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
    let (kind, state) = (Kind::from_name(ask.query("kind")), State::from_name(ask.query("state")));
    let shown = match ask.query("show") {
        "parked" => "parked",
        "waiting" => "waiting",
        "all" => "all",
        _ => "open",
    };
    let before = match ask.query("before") {
        "" => NEWEST.to_owned(),
        before => before.to_owned(),
    };
    let read = |tx: &Tx<'_>| {
        let mut next = None;
        let rows = match shown {
            "parked" => transfers::parked(tx, MOST)?,
            "waiting" => transfers::wanted(tx, MOST)?,
            "all" => {
                let limit = i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1);
                let mut rows = overviews::transfers(tx, kind, state, &before, limit)?;
                let more = rows.len() > ROWS;
                rows.truncate(ROWS);
                next = rows.last().filter(|_| more).map(|row| row.id.to_string());
                rows
            }
            _ => transfers::open(tx, MOST)?,
        };
        Ok::<_, StoreError>((with_merchants(tx, rows)?, next))
    };
    let (rows, next) = ask.app().store.read(read).await?;
    let lines = rows.into_iter().map(|(row, number, name)| line(&ask, row, number, name)).collect();
    let (chosen_kind, chosen_state) = (kind.map_or("", Kind::name), state.map_or("", State::name));
    let any = |chosen: &str| ("", "list-all".to_owned(), chosen.is_empty());
    let kinds =
        Kind::ALL.iter().map(|(_, name)| (*name, format!("transfer-{}", name.replace('_', "-")), *name == chosen_kind));
    let states = State::ALL.iter().map(|(_, name)| (*name, format!("transfer-state-{name}"), *name == chosen_state));
    ask.show(&Page {
        f: ask.frame(ask.w().text("nav-transfers").plain()),
        shown,
        lists: [
            ("open", "transfers-open"),
            ("parked", "transfers-parked"),
            ("waiting", "transfers-waiting"),
            ("all", "list-all"),
        ],
        kinds: std::iter::once(any(chosen_kind)).chain(kinds).collect(),
        states: std::iter::once(any(chosen_state)).chain(states).collect(),
        is_first: before == NEWEST,
        next: next.map(|next| format!("{PATH}?show=all&kind={chosen_kind}&state={chosen_state}&before={next}")),
        lines,
        not_found,
    })
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
