//! `/client/balances`: the merchant's book. Accounts by asset, entries page by page, settlements with their statements.

use askama::Template;
use domain::access::Permission::{Export, ViewBalances};
use domain::ledger::Side;

use super::invoices::entries::{Line, account_key, posting_lines};
use super::invoices::list::csv;
use super::money::{amount, minor};
use crate::app::accounts::sessions::Desk;
use crate::app::{balances, export};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::route::Method::Get;
use crate::dashboard::route::Route;
use crate::dashboard::statements::{self, Format, proven};
use crate::dashboard::viewer::Stamp;
use crate::store::settlements::{SettlementRow, State};
use crate::store::{StoreError, Tx};
use crate::wire::time::read_day;

pub const PATH: &str = "/client/balances";
const STATEMENT: &str = "/client/balances/statement";
/// Entries of a page, each of several lines.
const ROWS: usize = 12;
const SETTLEMENTS: usize = 10;

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, PATH, ViewBalances, page),
        Route::merchant(Get, STATEMENT, ViewBalances, one_statement),
        Route::merchant(Get, "/client/balances/statement.pdf", Export, |ask, desk| file(ask, desk, Format::Pdf)),
        Route::merchant(Get, "/client/balances/statement.csv", Export, |ask, desk| file(ask, desk, Format::Csv)),
        Route::merchant(Get, "/client/balances/statement.txt", Export, |ask, desk| file(ask, desk, Format::Text)),
        Route::merchant(Get, "/client/balances/entries.csv", Export, entries),
    ]
}

/// The accounts of one asset.
struct Asset {
    name: String,
    accounts: Vec<Account>,
}

struct Account {
    label: Text,
    help: Text,
    amount: String,
    is_debit: bool,
    /// Not the merchant's own: where money lies, and what is the operator's.
    is_inner: bool,
}

struct Entry {
    seq: i64,
    at: Stamp,
    reason: Text,
    invoice: Option<(String, i64)>,
    lines: Vec<Line>,
}

struct Settlement {
    number: i64,
    at: Stamp,
    amount: String,
    state: Text,
    tone: &'static str,
    path: String,
}

#[derive(Template)]
#[template(path = "dashboard/client/balances.html")]
struct Page {
    f: Frame,
    assets: Vec<Asset>,
    entries: Vec<Entry>,
    older: Option<String>,
    is_first: bool,
    settlements: Vec<Settlement>,
    older_settlements: Option<String>,
    may_export: bool,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    let (app, merchant, w) = (ask.app(), &desk.merchant.id, ask.w());
    let before: Option<i64> = ask.query("before").parse().ok();
    let settled_before: Option<i64> = ask.query("settled_before").parse().ok();
    let read = |tx: &Tx<'_>| {
        let accounts = balances::accounts(app, tx, merchant)?;
        let entries = balances::entries(tx, merchant, before, ROWS)?;
        let settlements = balances::settlements(tx, merchant, settled_before, SETTLEMENTS)?;
        Ok::<_, StoreError>((accounts, entries, settlements))
    };
    let (accounts, entries, settlements) = app.store.read(read).await?;
    let mut assets: Vec<Asset> = Vec::new();
    for balance in accounts {
        let is_inner = balance.owner == domain::ledger::Owner::Operator;
        let key = account_key(balance.owner, balance.kind);
        let account = Account {
            label: w.text(&key),
            help: w.text(&format!("{key}-help")),
            amount: amount(app, balance.units, &balance.asset),
            is_debit: balance.side == Side::Debit,
            is_inner: is_inner || matches!(balance.kind, domain::ledger::Kind::Provider),
        };
        match assets.iter_mut().find(|asset| asset.name == balance.asset) {
            Some(asset) => asset.accounts.push(account),
            None => assets.push(Asset { name: balance.asset, accounts: vec![account] }),
        }
    }
    let entry = |row: crate::store::ledger::EntryRow| Entry {
        seq: row.seq,
        at: ask.viewer.time(row.draft.at),
        reason: w.text(&format!("reason-{}", row.draft.reason.name())),
        invoice: row.draft.invoice_number.map(|number| (super::invoices::path(number), number)),
        lines: posting_lines(app, w, &row.draft.postings),
    };
    let page = Page {
        f: ask.frame(w.text("nav-balances").plain()),
        assets,
        entries: entries.rows.into_iter().map(entry).collect(),
        older: entries.next.map(|next| format!("{PATH}?before={next}#entries")),
        is_first: before.is_none(),
        settlements: settlements.rows.iter().map(|row| shown(&ask, row)).collect(),
        older_settlements: settlements.next.map(|next| format!("{PATH}?settled_before={next}#settlements")),
        may_export: desk.access.may(Export),
    };
    ask.show(&page)
}

fn shown(ask: &Ask, row: &SettlementRow) -> Settlement {
    Settlement {
        number: row.number,
        at: ask.viewer.time(row.created_at),
        amount: amount(ask.app(), row.units, &row.asset),
        state: ask.w().text(&format!("settlement-{}", row.state.name())),
        tone: match row.state {
            State::UnderWay => "wait",
            State::Done => "good",
            State::TakenBack => "bad",
            State::Canceled => "plain",
        },
        path: format!("{STATEMENT}?number={}", row.number),
    }
}

struct Item {
    invoice: (String, i64),
    charge: String,
    /// Received, fee, deducted, reserve, settled, rate, to the wallet.
    cells: [String; 7],
}

#[derive(Template)]
#[template(path = "dashboard/client/statement.html")]
struct StatementPage {
    f: Frame,
    settlement: Settlement,
    wallet: String,
    tx_hash: Option<String>,
    items: Vec<Item>,
    may_export: bool,
}

/// A statement that the ledger does not bear out is not shown.
pub async fn one_statement(ask: Ask, desk: Desk) -> Answer {
    let (app, w) = (ask.app(), ask.w());
    let Ok(number) = ask.query("number").parse::<i64>() else { return Ok(ask.go(PATH)) };
    let proven = proven(&ask, &desk.merchant.id, number).await?;
    let coins = |units| amount(app, units, &proven.settlement.asset);
    let items = proven.items.iter().map(|row| {
        let item = &row.item;
        let money = |units| minor(units, &item.currency);
        Item {
            invoice: (super::invoices::path(row.invoice_number), row.invoice_number),
            charge: item.charge.to_string(),
            cells: [
                money(item.gross),
                money(item.fee),
                money(item.deducted),
                money(item.reserve),
                money(item.contribution),
                row.rate.price.clone(),
                coins(item.net()),
            ],
        }
    });
    let title = w.fill("statement-title", &[w.ltr("number", number)]);
    let page = StatementPage {
        f: ask.frame(title.plain()).under(w.text("nav-balances").plain(), PATH),
        settlement: shown(&ask, &proven.settlement),
        wallet: proven.settlement.wallet.clone(),
        tx_hash: proven.settlement.tx_hash.clone(),
        items: items.collect(),
        may_export: desk.access.may(Export),
    };
    ask.show(&page)
}

async fn file(ask: Ask, desk: Desk, format: Format) -> Answer {
    let Ok(number) = ask.query("number").parse::<i64>() else { return Ok(ask.go(PATH)) };
    statements::file(&ask, &desk.merchant, number, format).await
}

/// Every posting from one day to another: over all days their sums are the trial balance.
pub async fn entries(ask: Ask, desk: Desk) -> Answer {
    let day = |name: &str| read_day(ask.query(name)).map(i64::from);
    let days = (day("from").unwrap_or(0), day("to").unwrap_or(i64::MAX));
    Ok(csv("entries.csv", export::entries(ask.app().clone(), desk.merchant.id.clone(), days)))
}
