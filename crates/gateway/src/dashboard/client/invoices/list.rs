//! The list. What was typed is searched for among all invoices, and what was found is filtered like the rest.

use askama::Template;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::filter::{Asked, WAYS, from, written};
use super::views::{self, View};
use super::{LIST, path};
use crate::app::accounts::sessions::Desk;
use crate::app::invoice_lists::{self, STATES};
use crate::app::{export, search};
use crate::checkout::headers::page_headers;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::count;
use crate::dashboard::client::money::{Badge, badge, minor};
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::StoreError;
use crate::store::invoices::InvoiceRow;
use crate::store::saved_views;

/// Rows of a page.
const ROWS: usize = 30;

struct Row {
    number: i64,
    path: String,
    created: Stamp,
    amount: String,
    email: String,
    way: Option<Text>,
    state: Badge,
}

/// What may be chosen in a filter: value, word, whether it is chosen.
type Choice = (String, Text, bool);

#[derive(Template)]
#[template(path = "dashboard/client/invoices.html")]
struct Page {
    f: Frame,
    asked: Asked,
    states: Vec<Choice>,
    ways: Vec<Choice>,
    rows: Vec<Row>,
    count: Text,
    older: Option<String>,
    newer: Option<String>,
    /// Some that fit may be missing.
    in_part: bool,
    export: Option<String>,
    may_create: bool,
    views: Vec<View>,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    let (app, merchant, asked) = (ask.app(), &desk.merchant.id, Asked::of(&ask));
    let (filter, from, w) = (asked.filter(), from(&ask), ask.w());
    let link = |more: (&str, String)| asked.link(LIST, Some(more));
    let before = ask.query("before").parse().ok();
    let (rows, total, older, newer, in_part) = if asked.q.is_empty() {
        let page = app.store.read(|tx| invoice_lists::page(tx, merchant, &filter, from, ROWS)).await?;
        let older = page.older.map(|place| link(("older", written(place))));
        let newer = page.newer.map(|place| link(("newer", written(place))));
        (page.rows, page.total, older, newer, page.cut)
    } else {
        let wanted = search::wanted(&asked.q);
        let mut found = app.store.read(|tx| search::find(app, tx, merchant, &wanted, before, ROWS)).await?;
        found.rows.retain(|row| filter.takes(row));
        let older = found.next.map(|next| link(("before", next.to_string())));
        (found.rows, None, older, None, found.in_part)
    };
    let user = &desk.person.user.id;
    let saved = app.store.read(|tx| saved_views::of(tx, merchant, user)).await?;
    let choice = |known: &str, chosen: &str, prefix: &str| {
        (known.to_owned(), w.text(&format!("{prefix}{known}")), known == chosen)
    };
    let may = |permission| desk.access.may(permission);
    let page = Page {
        states: STATES.iter().map(|state| choice(state, &asked.state, "state-")).collect(),
        ways: WAYS.iter().map(|way| choice(way.name(), &asked.way, "way-")).collect(),
        count: match total {
            Some(total) => w.fill("inv-total", &[w.count("count", total)]),
            None => w.fill("inv-shown", &[w.count("count", count(rows.len()))]),
        },
        rows: rows.into_iter().map(|row| shown(&ask, row)).collect(),
        older,
        newer,
        in_part,
        export: may(domain::access::Permission::Export).then(|| asked.link("/client/invoices/export.csv", None)),
        may_create: may(domain::access::Permission::CreateInvoices),
        f: ask.frame(w.text("nav-invoices").plain()),
        views: views::shown(saved, &asked),
        asked,
    };
    ask.show(&page)
}

fn shown(ask: &Ask, row: InvoiceRow) -> Row {
    let w = ask.w();
    let way = row.chosen.or(row.solution).map(|way| w.text(&format!("way-{}", way.name())));
    Row {
        number: row.invoice.number,
        path: path(row.invoice.number),
        created: ask.viewer.time(row.invoice.created_at),
        amount: minor(row.invoice.amount, &row.invoice.devise),
        way,
        state: badge(w, row.invoice.state),
        email: row.email,
    }
}

/// The same list as a file.
pub async fn export(ask: Ask, desk: Desk) -> Answer {
    let (app, merchant, asked) = (ask.app().clone(), desk.merchant.id.clone(), Asked::of(&ask));
    Ok(match asked.q.is_empty() {
        true => csv("invoices.csv", export::invoices(app, merchant, asked.filter())),
        false => csv("invoices.csv", export::found(app, merchant, search::wanted(&asked.q), asked.filter())),
    })
}

/// A file that is written while it is read.
pub fn csv(
    name: &str,
    rows: impl futures_util::Stream<Item = Result<bytes::Bytes, StoreError>> + Send + 'static,
) -> axum::response::Response {
    let kind = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (StatusCode::OK, page_headers(None), kind, Body::from_stream(rows)).into_response()
}
