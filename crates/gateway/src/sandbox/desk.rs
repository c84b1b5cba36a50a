//! `/client/sandbox`: the sandbox's controls as a page of the dashboard, for invoices of the merchant that is looked at. The rows are added here
//! and stand in no table, so a live gateway has none of them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use domain::access::Permission::{CreateInvoices, ViewInvoices};
use serde_json::{Value, json};

use super::controls::{self, Refused};
use super::pay::{Pay, pay};
use super::{Sandbox, mails};
use crate::api::Web;
use crate::app::accounts::sessions::Desk;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::{SANDBOX, invoice_path};
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
use crate::dashboard::viewer::Stamp;
use crate::store::invoices;

const PATH: &str = SANDBOX.path;
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
    let (pays, chain, clock) = (sandbox.clone(), sandbox.clone(), sandbox.clone());
    vec![
        Route::merchant(Get, PATH, ViewInvoices, |ask, desk| async move { show(&ask, &desk, None) }),
        Route::merchant(Post, "/client/sandbox/pay", CreateInvoices, move |ask, desk| pay_one(pays.clone(), ask, desk)),
        Route::merchant(Post, "/client/sandbox/chain", CreateInvoices, move |ask, desk| {
            move_chain(chain.clone(), ask, desk)
        }),
        Route::merchant(Post, "/client/sandbox/clock", CreateInvoices, move |ask, desk| {
            move_clock(clock.clone(), ask, desk)
        }),
    ]
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
    let page = Page {
        f: ask.frame(w.text("nav-sandbox").plain()),
        invoice: typed("invoice"),
        methods: METHODS.map(|name| (name, word("way-", name), name == typed("method"))).into(),
        outcomes: OUTCOMES.map(|name| (name, word("sb-out-", name), name == typed("outcome"))).into(),
        ahead: AHEAD,
        now: ask.viewer.time(ask.app().now()),
        may: desk.access.may(CreateInvoices),
        mailbox: mails::PAGE_PATH,
        wrong,
    };
    if page.wrong.is_some() { ask.show_again(&page) } else { ask.show(&page) }
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

async fn pay_one(sandbox: Sandbox, ask: Ask, desk: Desk) -> Answer {
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

/// As the controls read it.
fn ordered(order: &Value) -> Bytes {
    Bytes::from(order.to_string())
}

async fn move_chain(sandbox: Sandbox, ask: Ask, desk: Desk) -> Answer {
    let count = |name: &str| ask.form.text(name).parse::<u64>().unwrap_or(0);
    let (about, answer) = match ask.form.text("depth").is_empty() {
        true => ("mine", controls::mine(State(sandbox), ordered(&json!({ "blocks": count("blocks") }))).await),
        false => {
            let keep = !ask.form.text("keep").is_empty();
            let order = json!({ "depth": count("depth"), "keep_transactions": keep });
            ("reorg", controls::reorg(State(sandbox), ordered(&order)).await)
        }
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
