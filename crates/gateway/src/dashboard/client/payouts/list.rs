//! What there is to pay out, what waits for a second person, and the payments.

use askama::Template;
use domain::Units;
use domain::access::Permission::{Export, MoveMoney};
use domain::fund_books::CURRENCY;
use domain::ledger::{Kind, Owner};
use domain::transfer::Kind as TransferKind;

use super::{Asked, FUNDS, NEW, PATH, badge, card, holder, path};
use crate::app::accounts::sessions::Desk;
use crate::app::balances;
use crate::app::export::payments::{Which, payments};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::invoices::list::csv;
use crate::dashboard::client::money::{Badge, minor};
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::funds::{self, State};
use crate::store::payout_days::Filter;
use crate::store::payouts::{self, PayoutRow};
use crate::store::transfers::{self, TransferRow};
use crate::store::{StoreError, Tx};

/// The oldest that wait for a second person.
const WAITING: i64 = 20;
/// A merchant's funds that are looked for at a time are no more.
const PENDING: i64 = 100;

/// EUR of a merchant's that is to be paid out, or is on its way.
pub struct Figures {
    pub free: Units,
    /// Set aside for payments that are not over.
    paying: Units,
    paid: Units,
    debt: Units,
    /// What funds that the chain has not confirmed are worth.
    expected: Units,
}

pub fn figures(ask: &Ask, tx: &Tx<'_>, desk: &Desk) -> Result<Figures, StoreError> {
    let merchant = &desk.merchant.id;
    let accounts = balances::accounts(ask.app(), tx, merchant)?;
    let held = |owner, kind| {
        let account = accounts.iter().find(|row| (row.owner, row.kind, row.asset.as_str()) == (owner, kind, CURRENCY));
        account.map_or(Units::ZERO, |row| row.units)
    };
    let pending = vec![State::Pending.name()];
    let filter = Filter { states: pending, from_day: None, to_day: None, newest_first: true, skip: 0, limit: PENDING };
    let (expected, _) = funds::page(tx, merchant, &filter)?;
    let expected = expected.iter().try_fold(Units::ZERO, |sum, row| sum.plus(row.net()));
    Ok(Figures {
        free: held(Owner::Merchant, Kind::Funds),
        paying: held(Owner::Merchant, Kind::Paying),
        paid: held(Owner::Operator, Kind::Processor),
        debt: held(Owner::Merchant, Kind::Debt),
        expected: expected.map_err(|error| StoreError::Inconsistent(error.to_string()))?,
    })
}

struct Row {
    number: i64,
    path: String,
    created: Stamp,
    holder: String,
    card: String,
    amount: String,
    state: Badge,
}

struct Waiting {
    number: String,
    path: String,
    at: Stamp,
    amount: String,
}

#[derive(Template)]
#[template(path = "dashboard/client/payouts.html")]
struct Page {
    f: Frame,
    figures: Vec<(Text, Text, String)>,
    waiting: Vec<Waiting>,
    asked: Asked,
    states: Vec<(&'static str, Text)>,
    rows: Vec<Row>,
    count: Text,
    older: Option<String>,
    newer: Option<String>,
    export: Option<String>,
    may_move: bool,
    new: &'static str,
    funds: &'static str,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    let (app, merchant, w, asked) = (ask.app(), &desk.merchant.id, ask.w(), Asked::of(&ask));
    let read = |tx: &Tx<'_>| {
        let figures = figures(&ask, tx, &desk)?;
        let waiting = transfers::wanted_of(tx, merchant, WAITING)?;
        Ok::<_, StoreError>((figures, waiting, payouts::page(tx, merchant, &asked.filter())?))
    };
    let (figures, waiting, (rows, total)) = app.store.read(read).await?;
    let (newer, older) = asked.pages(PATH, total);
    let waiting = waiting.into_iter().filter(|row| row.kind == TransferKind::CardPayout);
    let page = Page {
        f: ask.frame(w.text("nav-payouts").plain()),
        figures: tiles(&ask, &figures),
        waiting: waiting.map(|row| waits(&ask, row)).collect(),
        states: State::ALL.map(|state| (state.name(), w.text(&format!("payout-{}", state.name())))).into(),
        rows: rows.iter().map(|row| shown(&ask, row)).collect(),
        count: w.fill("payouts-count", &[w.count("count", total)]),
        older,
        newer,
        export: desk.access.may(Export).then(|| asked.link("/client/payouts/export.csv", 1)),
        may_move: desk.access.may(MoveMoney),
        new: NEW,
        funds: FUNDS,
        asked,
    };
    ask.show(&page)
}

/// Label, help and amount of each figure.
fn tiles(ask: &Ask, figures: &Figures) -> Vec<(Text, Text, String)> {
    let w = ask.w();
    let tile = |key: &str, units| (w.text(key), w.text(&format!("{key}-help")), minor(units, CURRENCY));
    let mut tiles = vec![
        tile("payouts-free", figures.free),
        tile("payouts-paying", figures.paying),
        tile("payouts-expected", figures.expected),
        tile("payouts-paid", figures.paid),
    ];
    if !figures.debt.is_zero() {
        tiles.push(tile("payouts-debt", figures.debt));
    }
    tiles
}

fn waits(ask: &Ask, row: TransferRow) -> Waiting {
    Waiting {
        path: format!("{PATH}/{}", row.subject),
        at: ask.viewer.time(row.created_at),
        amount: minor(row.units, &row.asset),
        number: row.subject,
    }
}

fn shown(ask: &Ask, row: &PayoutRow) -> Row {
    Row {
        number: row.number,
        path: path(row.number),
        created: ask.viewer.time(row.created_at),
        holder: holder(row),
        card: card(row),
        amount: minor(row.minor, &row.currency),
        state: badge(ask.w(), "payout", row.state),
    }
}

/// The same payments as a file.
pub async fn export(ask: Ask, desk: Desk) -> Answer {
    let (asked, filter) = (Asked::of(&ask), Asked::of(&ask).filter());
    let which = Which { state: asked.state, from_day: filter.from_day, to_day: filter.to_day };
    Ok(csv("payments.csv", payments(ask.app().clone(), desk.merchant.id.clone(), which)))
}
