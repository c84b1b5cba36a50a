//! `/client/sandbox`: the sandbox's controls as a page of the dashboard, for invoices of the merchant that is looked at. The rows are added here
//! and stand in no table, so a live gateway has none of them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use domain::access::Permission::{CreateInvoices, MoveMoney, ViewInvoices};
use serde_json::{Value, json};

use super::controls::{self, Refused};
use super::pay::{Pay, pay};
use super::{Sandbox, mails, treasury};
use crate::api::Web;
use crate::app::accounts::sessions::Desk;
use crate::app::accounts::token_hash;
use crate::app::funds::fundable;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::{FUNDS, SANDBOX, invoice_path};
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
use crate::dashboard::viewer::Stamp;
use crate::store::invoices;

const PATH: &str = SANDBOX.path;
/// More than a control answers.
const MAX_ANSWER: usize = 64 << 10;
/// As many calls one payment counts as.
const CALLS_EACH: usize = 10;
const METHODS: [&str; 3] = ["crypto", "card", "upi"];
/// By the controls' names, in the order of the page.
const OUTCOMES: [&str; 16] = [
    "paid",
    "short",
    "over",
    "late",
    "twice",
    "wrong_token",
    "decline",
    "insufficient_funds",
    "pending",
    "canceled",
    "reversed",
    "chargeback",
    "dispute_won",
    "dispute_lost",
    "withheld",
    "released",
];
/// Seconds, and what they are called.
const AHEAD: [(u64, &str); 4] =
    [(3_600, "sb-hour"), (86_400, "sb-day"), (15 * 86_400, "sb-fortnight"), (31 * 86_400, "sb-month")];

pub fn rows(sandbox: &Sandbox) -> Vec<Route> {
    let (pays, coins, chain, clock) = (sandbox.clone(), sandbox.clone(), sandbox.clone(), sandbox.clone());
    let mut rows = vec![
        Route::merchant(Get, PATH, ViewInvoices, |ask, desk| async move { show(&ask, &desk, None) }),
        Route::merchant(Post, "/client/sandbox/pay", CreateInvoices, move |ask, desk| pay_one(pays.clone(), ask, desk)),
        Route::merchant(Post, "/client/sandbox/coins", MoveMoney, move |ask, desk| {
            send_coins(coins.clone(), ask, desk)
        }),
    ];
    // what all merchants of a sandbox share, none of them moves where they are strangers to each other
    let shared = [
        Route::merchant(Post, "/client/sandbox/chain", CreateInvoices, move |ask, desk| {
            move_chain(chain.clone(), ask, desk)
        }),
        Route::merchant(Post, "/client/sandbox/clock", CreateInvoices, move |ask, desk| {
            move_clock(clock.clone(), ask, desk)
        }),
    ];
    rows.extend(shared.into_iter().filter(|_| sandbox.app.is_open_sandbox()));
    rows
}

pub fn routes(sandbox: &Sandbox, web: Web) -> Router {
    rows(sandbox).into_iter().fold(Router::new(), |router, row| row.add_to(router)).with_state(web)
}

#[derive(Template)]
#[template(path = "dashboard/client/sandbox.html")]
struct Page {
    f: Frame,
    invoice: String,
    /// Values, their words, and which is chosen.
    methods: Vec<(&'static str, Text, bool)>,
    outcomes: Vec<(&'static str, Text, bool)>,
    ahead: [(u64, &'static str); 4],
    now: Stamp,
    may: bool,
    /// `polygon:USDC`, and how people read it; of who may report that they were sent.
    coins: Vec<(String, String)>,
    mailbox: &'static str,
    /// Which form was refused, and why.
    wrong: Option<(&'static str, String)>,
}

fn show(ask: &Ask, desk: &Desk, wrong: Option<(&'static str, String)>) -> Answer {
    let w = ask.w();
    let typed = |name: &str| {
        let text = if ask.form.text(name).is_empty() { ask.query(name) } else { ask.form.text(name) };
        text.chars().take(20).collect::<String>()
    };
    let word = |prefix: &str, name: &str| w.text(&format!("{prefix}{}", name.replace('_', "-")));
    let outcomes = OUTCOMES.into_iter().filter(|name| offers(ask, name));
    let coins = fundable(ask.app()).into_iter().filter(|_| desk.access.may(MoveMoney));
    let page = Page {
        f: ask.frame(w.text("nav-sandbox").plain()),
        invoice: typed("invoice"),
        methods: METHODS.map(|name| (name, word("way-", name), name == typed("method"))).into(),
        outcomes: outcomes.map(|name| (name, word("sb-out-", name), name == typed("outcome"))).collect(),
        ahead: AHEAD,
        now: ask.viewer.time(ask.app().now()),
        may: desk.access.may(CreateInvoices),
        coins: coins.map(|coin| (format!("{}:{}", coin.chain, coin.symbol), coin.symbol.to_owned())).collect(),
        mailbox: mails::PAGE_PATH,
        wrong,
    };
    if page.wrong.is_some() { ask.show_again(&page) } else { ask.show(&page) }
}

/// Whether this page does it: not what moves the clock of all.
fn offers(ask: &Ask, outcome: &str) -> bool {
    OUTCOMES.contains(&outcome) && (outcome != "late" || ask.app().is_open_sandbox())
}

/// What a control answered: on, or the page again with its sentence.
fn told(
    (ask, desk): (&Ask, &Desk),
    about: &'static str,
    answer: Result<Response, Refused>,
    (to, key): (&str, &str),
) -> Answer {
    match answer {
        Ok(_) => Ok(ask.go_saying(to, key)),
        Err(Refused::Bad(sentence) | Refused::NotFound(sentence)) => show(ask, desk, Some((about, sentence))),
        Err(Refused::Store(error)) => Err(Failed::Store(error)),
    }
}

/// What is paid makes the chain of all longer, for good: where strangers share it, a merchant's people do it a tenth as often as its key may call.
fn within_limits(ask: &Ask, desk: &Desk) -> Result<(), Failed> {
    if ask.app().is_open_sandbox() {
        return Ok(());
    }
    let caller = token_hash(&format!("controls of {}", desk.merchant.id));
    let call = |_| ask.web.limits.check_key(&caller);
    (0..CALLS_EACH).try_for_each(call).map_err(|too_many| Failed::TooManyRequests(too_many.seconds()))
}

async fn pay_one(sandbox: Sandbox, ask: Ask, desk: Desk) -> Answer {
    within_limits(&ask, &desk)?;
    let merchant = &desk.merchant;
    let number = ask.form.text("invoice").parse::<i64>().ok();
    let row = match number {
        Some(number) => ask.app().store.read(|tx| invoices::by_number(tx, &merchant.id, number)).await?,
        None => None,
    };
    let Some(row) = row else {
        let why = ask.w().text("sb-wrong-invoice").plain();
        return show(&ask, &desk, Some(("pay", why)));
    };
    if !offers(&ask, ask.form.text("outcome")) {
        let why = ask.w().text("sb-wrong-outcome").plain();
        return show(&ask, &desk, Some(("pay", why)));
    }
    let mut order = json!({ "outcome": ask.form.text("outcome") });
    if METHODS.contains(&ask.form.text("method")) {
        order["method"] = ask.form.text("method").into();
    }
    let answer = match serde_json::from_value::<Pay>(order) {
        Ok(order) => pay(&sandbox, merchant, &row, order).await,
        Err(error) => Err(Refused::Bad(format!("{error}."))),
    };
    told((&ask, &desk), "pay", answer, (&invoice_path(row.invoice.number), "flash-sb-paid"))
}

/// Test coins for the treasury, and the report that the merchant has sent them, filled in.
async fn send_coins(sandbox: Sandbox, ask: Ask, desk: Desk) -> Answer {
    within_limits(&ask, &desk)?;
    let wanted = ask.form.text("coin").split_once(':').unwrap_or_default();
    let funded = fundable(ask.app()).into_iter().find(|coin| (coin.chain, coin.symbol) == wanted);
    let Some(asset) = funded.map(|coin| coin.code.to_owned()) else {
        let why = ask.w().text("fund-coin-wrong").plain();
        return show(&ask, &desk, Some(("coins", why)));
    };
    let answer =
        treasury::deposit(State(sandbox), ordered(&json!({ "asset": asset, "amount": ask.form.text("amount") })));
    let answer = match answer.await {
        Ok(answer) => answer,
        refused => return told((&ask, &desk), "coins", refused, (PATH, "flash-sb-done")),
    };
    let body = axum::body::to_bytes(answer.into_body(), MAX_ANSWER).await.unwrap_or_default();
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let fields = [("coin", ask.form.text("coin")), ("amount", ask.form.text("amount"))];
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields).append_pair("tx_hash", sent["tx_hash"].as_str().unwrap_or_default());
    Ok(ask.go_saying(&format!("{FUNDS}?{}", query.finish()), "flash-sb-coins"))
}

/// As the controls read it.
fn ordered(order: &Value) -> Bytes {
    Bytes::from(order.to_string())
}

async fn move_chain(sandbox: Sandbox, ask: Ask, desk: Desk) -> Answer {
    let count = |name: &str| ask.form.text(name).parse::<u64>().unwrap_or(0);
    let has = |name: &str| !ask.form.text(name).is_empty();
    let (about, answer) = if has("depth") {
        let order = json!({ "depth": count("depth"), "keep_transactions": has("keep") });
        ("reorg", controls::reorg(State(sandbox), ordered(&order)).await)
    } else if has("halted") {
        let order = json!({ "halted": ask.form.text("halted") == "yes" });
        ("mine", controls::halt(State(sandbox), ordered(&order)).await)
    } else {
        ("mine", controls::mine(State(sandbox), ordered(&json!({ "blocks": count("blocks") }))).await)
    };
    told((&ask, &desk), about, answer, (PATH, "flash-sb-done"))
}

async fn move_clock(sandbox: Sandbox, ask: Ask, desk: Desk) -> Answer {
    let seconds = ask.form.text("seconds").parse::<u64>().unwrap_or(0);
    let answer = controls::advance(State(sandbox), ordered(&json!({ "seconds": seconds }))).await;
    told((&ask, &desk), "clock", answer, (PATH, "flash-sb-done"))
}

#[cfg(test)]
mod tests;
