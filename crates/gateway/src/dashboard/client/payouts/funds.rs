//! Funds: coins that a merchant sent to the treasury, reported by their transaction.

use askama::Template;
use domain::access::Permission::MoveMoney;
use domain::fund_books::CURRENCY;

use super::{Asked, FUNDS, PATH, badge, path_of_fund};
use crate::app::accounts::sessions::Desk;
use crate::app::acts::Actor;
use crate::app::funds::{self as cases, AddFailed, fundable};
use crate::app::payouts::happened;
use crate::app::treasury::wallets::Wallets;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::create::Wrong;
use crate::dashboard::client::invoices::happened::{Happened, line};
use crate::dashboard::client::money::{Badge, minor};
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::funds::{self, FundRow, State};
use crate::store::{StoreError, Tx, payout_senders};
use crate::wire::params::{ParamValue, Params};
use crate::wire::payout::PayoutError;
use crate::wire::payout::history::capitalised;
use crate::wire::payout::request::add_fund;

struct Row {
    number: i64,
    path: String,
    created: Stamp,
    amount: String,
    chain: String,
    worth: String,
    left: String,
    hash: String,
    state: Badge,
}

/// The form as it was sent.
struct Typed {
    amount: String,
    coin: String,
    tx_hash: String,
    own_data: String,
}

#[derive(Template)]
#[template(path = "dashboard/client/funds.html")]
struct Page {
    f: Frame,
    here: &'static str,
    asked: Asked,
    states: Vec<(&'static str, Text)>,
    rows: Vec<Row>,
    count: Text,
    older: Option<String>,
    newer: Option<String>,
    may_report: bool,
    /// `polygon:USDC`, and how people read it.
    coins: Vec<(String, String)>,
    /// Chain and address of where coins are to be sent.
    treasuries: Vec<(String, String)>,
    /// If there are any, coins count only from these.
    senders: Vec<String>,
    typed: Typed,
    wrong: Wrong,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    show(&ask, &desk, None).await
}

async fn show(ask: &Ask, desk: &Desk, wrong: Option<Wrong>) -> Answer {
    let (app, merchant, w, asked) = (ask.app(), &desk.merchant.id, ask.w(), Asked::of(ask));
    let coins = fundable(app);
    let mut chains: Vec<&str> = coins.iter().map(|coin| coin.chain).collect();
    chains.dedup();
    let read = |tx: &Tx<'_>| {
        let mut treasuries = Vec::new();
        for chain in &chains {
            treasuries
                .extend(Wallets::read(tx, chain)?.active().map(|wallet| (capitalised(chain), wallet.to_string())));
        }
        let senders = payout_senders::of_merchant(tx, merchant)?;
        Ok::<_, StoreError>((treasuries, senders, funds::page(tx, merchant, &asked.filter())?))
    };
    let (treasuries, senders, (rows, total)) = app.store.read(read).await?;
    let (newer, older) = asked.pages(FUNDS, total);
    // the sandbox's page, which sends test coins, fills in what it sent
    let given = |name: &str| if ask.form.text(name).is_empty() { ask.query(name) } else { ask.form.text(name) };
    let text = |name: &str| given(name).chars().take(200).collect::<String>();
    let is_again = wrong.is_some();
    let page = Page {
        f: ask.frame(w.text("funds-title").plain()).under(w.text("nav-payouts").plain(), PATH),
        here: FUNDS,
        states: State::ALL.map(|state| (state.name(), w.text(&format!("fund-{}", state.name())))).into(),
        rows: rows.iter().map(|row| shown(ask, row)).collect(),
        count: w.fill("funds-count", &[w.count("count", total)]),
        older,
        newer,
        may_report: desk.access.may(MoveMoney),
        coins: coins
            .iter()
            .map(|coin| {
                (format!("{}:{}", coin.chain, coin.symbol), format!("{} · {}", coin.symbol, capitalised(coin.chain)))
            })
            .collect(),
        treasuries,
        senders: senders.into_iter().filter(|row| row.is_in_force(app.now())).map(|row| row.wallet).collect(),
        typed: Typed {
            amount: text("amount"),
            coin: text("coin"),
            tx_hash: text("tx_hash"),
            own_data: text("merchant_data"),
        },
        wrong: wrong.unwrap_or_default(),
        asked,
    };
    if is_again { ask.show_again(&page) } else { ask.show(&page) }
}

fn amount(ask: &Ask, row: &FundRow) -> String {
    let (symbol, decimals) = cases::coin(ask.app(), &row.asset);
    format!("{} {symbol}", row.units.decimal(decimals, decimals.min(2)))
}

fn shown(ask: &Ask, row: &FundRow) -> Row {
    Row {
        number: row.number,
        path: path_of_fund(row.number),
        created: ask.viewer.time(row.created_at),
        amount: amount(ask, row),
        chain: capitalised(&row.chain),
        worth: minor(row.net(), CURRENCY),
        left: minor(row.left, CURRENCY),
        hash: row.tx_hash.clone(),
        state: badge(ask.w(), "fund", row.state),
    }
}

/// The form as "funds/add" has it.
fn params(ask: &Ask) -> Params {
    let text = |name: &str| ask.form.text(name).to_owned();
    let (chain, symbol) = ask.form.text("coin").split_once(':').unwrap_or_default();
    let given = [
        ("amount", text("amount")),
        ("blockchain", chain.to_owned()),
        ("crypto", symbol.to_owned()),
        ("tx_hash", text("tx_hash")),
        ("merchant_data", text("merchant_data")),
    ];
    let some = given.into_iter().filter(|(_, value)| !value.is_empty());
    Params::of(some.map(|(name, value)| (name.to_owned(), ParamValue::from_text(value))))
}

pub async fn report(ask: Ask, desk: Desk) -> Answer {
    let app = ask.app();
    let again = |field: &'static str, key: &str| Some(Wrong { field, why: ask.w().text(key).plain() });
    let request = match add_fund(&params(&ask), &fundable(app)) {
        Ok(request) => request,
        Err(refused) => {
            let wrong = match refused {
                PayoutError::Required("amount") | PayoutError::Invalid("amount") => {
                    again("amount", "create-amount-wrong")
                }
                PayoutError::Required("tx_hash") | PayoutError::Invalid("tx_hash") => {
                    again("tx_hash", "fund-hash-wrong")
                }
                PayoutError::Invalid("merchant_data") => again("merchant_data", "payout-own-data-wrong"),
                _ => again("coin", "fund-coin-wrong"),
            };
            return show(&ask, &desk, wrong).await;
        }
    };
    let (hash, chain) = (request.tx_hash.clone(), app.asset(&request.asset).map(|asset| asset.chain.clone()));
    let person = Actor(desk.person.user.email.clone());
    match cases::add(app, desk.merchant.clone(), request, Some(person)).await {
        Ok(number) => Ok(ask.go_saying(&path_of_fund(number), "flash-fund-reported")),
        Err(AddFailed::HashUsed) => {
            // reported by this very merchant: a second click
            let found = app.store.read(|tx| funds::by_tx(tx, chain.as_deref().unwrap_or_default(), &hash)).await?;
            match found.filter(|fund| fund.merchant_id == desk.merchant.id) {
                Some(fund) => Ok(ask.go_saying(&path_of_fund(fund.number), "flash-fund-there")),
                None => show(&ask, &desk, again("tx_hash", "fund-hash-used")).await,
            }
        }
        Err(AddFailed::TooMany) => show(&ask, &desk, again("", "fund-too-many")).await,
        Err(AddFailed::NoRate(error)) => {
            tracing::warn!(%error, "A fund was refused because there is no rate");
            show(&ask, &desk, again("", "fund-no-rate")).await
        }
        Err(AddFailed::Amount(_)) => show(&ask, &desk, again("amount", "create-amount-wrong")).await,
        Err(AddFailed::Store(error)) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "dashboard/client/fund.html")]
struct FundPage {
    f: Frame,
    number: i64,
    row: Row,
    rate: (String, String, Stamp),
    spread: Option<String>,
    changed: Stamp,
    credited: Option<Stamp>,
    deadline: Option<Stamp>,
    failed: Option<String>,
    own_data: Option<String>,
    happened: Vec<Happened>,
}

pub async fn one(ask: Ask, desk: Desk) -> Answer {
    let (number, w, merchant) = (ask.number("number")?, ask.w(), &desk.merchant.id);
    let read = |tx: &Tx<'_>| {
        let Some(row) = funds::by_number(tx, merchant, number)? else { return Ok(None) };
        let items = happened::of_fund(tx, &row)?;
        Ok::<_, StoreError>(Some((row, items)))
    };
    let (row, items) = ask.app().store.read(read).await?.ok_or(Failed::NotFound)?;
    let title = w.fill("fund-title", &[w.ltr("number", number)]);
    let funds = w.text("funds-title").plain();
    let page = FundPage {
        f: ask.frame(title.plain()).under(w.text("nav-payouts").plain(), PATH).under(funds, FUNDS),
        number,
        row: shown(&ask, &row),
        rate: (row.rate.price.clone(), row.rate.source.clone(), ask.viewer.time(row.rate.at)),
        spread: (!row.spread.is_zero()).then(|| minor(row.spread, CURRENCY)),
        changed: ask.viewer.time(row.status_at),
        credited: row.credited_at.map(|at| ask.viewer.time(at)),
        deadline: (row.state == State::Pending).then(|| ask.viewer.time(row.deadline_at)),
        failed: row.failed_reason,
        own_data: row.merchant_data,
        happened: items.into_iter().rev().map(|item| line(ask.app(), &ask.viewer, item)).collect(),
    };
    ask.show(&page)
}
