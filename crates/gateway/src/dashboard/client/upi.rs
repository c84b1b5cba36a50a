//! `/client/upi`: payers who say they have paid to the merchant's own VPA, which only the merchant or his bank knows. He says so on the
//! invoice's page.

use askama::Template;
use domain::Time;
use domain::access::Permission::ViewInvoices;

use super::money::amount;
use super::{count, ended_with, place};
use crate::app::accounts::sessions::Desk;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::route::Method::Get;
use crate::dashboard::route::Route;
use crate::dashboard::viewer::Stamp;
use crate::store::charges;

pub const PATH: &str = "/client/upi";
/// Of a page.
const LINES: usize = 30;

pub fn routes() -> Vec<Route> {
    vec![Route::merchant(Get, PATH, ViewInvoices, page)]
}

#[derive(Template)]
#[template(path = "dashboard/client/upi.html")]
struct Page {
    f: Frame,
    lines: Vec<Line>,
    is_first: bool,
    next: Option<String>,
}

/// A payment that waits for the merchant.
struct Line {
    invoice: i64,
    path: String,
    amount: String,
    /// What the payer named; proves nothing.
    rrn: String,
    since: Stamp,
}

async fn page(ask: Ask, desk: Desk) -> Answer {
    let (app, id, after) = (ask.app(), &desk.merchant.id, place(ask.query("after")));
    let begin = after.unwrap_or((Time(i64::MIN), ""));
    let mut rows = app.store.read(|tx| charges::claimed(tx, id, begin, count(LINES + 1))).await?;
    let more = rows.len() > LINES;
    rows.truncate(LINES);
    let end = rows.last().filter(|_| more).map(|row| ended_with(row.changed_at, row.charge.id.as_str()));
    let line = |row: charges::ChargeRow| Line {
        invoice: row.invoice_number,
        path: super::invoice_path(row.invoice_number),
        amount: amount(app, row.charge.asked.units, &row.charge.asked.currency),
        rrn: row.claimed_rrn.unwrap_or_default(),
        since: ask.viewer.time(row.changed_at),
    };
    let w = ask.w();
    ask.show(&Page {
        f: ask.frame(w.text("upi-list").plain()).under(w.text("nav-invoices").plain(), super::INVOICES),
        lines: rows.into_iter().map(line).collect(),
        is_first: after.is_none(),
        next: end.map(|end| format!("{PATH}?after={end}")),
    })
}
