//! `GET /api/client-invoice-history/get/` (contract, payin.md section 4).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::scope::Scope;

use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json;
use crate::api::call::Call;
use crate::store::StoreError;
use crate::store::history::{Filter, page};
use crate::store::invoices::InvoiceRow;
use crate::wire::amount::Quantity;
use crate::wire::errors::HistoryError;
use crate::wire::history::{HistoryQuery, HistoryRow, Order, ROWS_PER_PAGE};
use crate::wire::status::{InvoiceStatus, StatusFilter, words};
use crate::wire::time::written;

pub async fn handle(State(web): State<Web>, call: Call) -> Result<Response, Stop<HistoryError>> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let params = call.query_or_body().await?;
    let query = HistoryQuery::parse(&params).map_err(Stop::Refused)?;
    let filter = Filter {
        states: columns(query.status),
        from_day: query.from.map(i64::from),
        to_day: query.to.map(i64::from),
        newest_first: query.order == Order::Descending,
        skip: i64::try_from(query.rows_skipped()).unwrap_or(i64::MAX),
        limit: i64::from(ROWS_PER_PAGE),
    };
    let (rows, total) = web.app.store.read(|tx| page(tx, &caller.merchant().id, &filter)).await?;
    let list: Vec<HistoryRow> = rows.iter().map(row).collect();
    let answer = query.answer(&list, u64::try_from(total).unwrap_or(0));
    let answer = answer.map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    Ok(json(StatusCode::OK, answer))
}

/// The states a filter lets through, as rows hold them.
fn columns(filter: StatusFilter) -> Vec<&'static str> {
    use InvoiceStatus::{Chargeback, Created, Expired, Failed, Opened, Received, Settled, Withheld};
    let all = [Created, Opened, Received, Settled, Failed, Expired, Chargeback, Withheld];
    let column = |status: &InvoiceStatus| match status {
        Created => "created",
        Opened => "opened",
        Received => "received",
        Settled => "settled",
        Failed => "failed",
        Expired => "expired",
        Chargeback => "chargeback",
        Withheld => "withheld",
    };
    filter.statuses().unwrap_or(&all).iter().map(column).collect()
}

fn row(row: &InvoiceRow) -> HistoryRow {
    let invoice = &row.invoice;
    let digits = domain::fiat::minor_digits(&invoice.devise).unwrap_or(2);
    let paid = row.paid.as_ref();
    let coins = |units: domain::Units, places| paid.map(|paid| Quantity::new(units.0, paid.decimals).at_least(places));
    HistoryRow {
        id: invoice.number.to_string(),
        email: row.email.clone(),
        status: words(InvoiceStatus::from(invoice.state)).label,
        amount: Quantity::new(invoice.amount.0, digits).at_least(2),
        symbol: invoice.devise.clone(),
        create_date: written(invoice.created_at.0),
        status_date: written(invoice.status_at.0),
        tx_hash: row.settle_tx_hash.clone(),
        exchange_currency_symbol: paid.map(|paid| paid.symbol.clone()),
        paid_amount: paid.and_then(|paid| coins(paid.units, 2)),
        merchant_amount: paid.and_then(|paid| coins(paid.merchant_units, 3)),
        fee_amount: paid.and_then(|paid| coins(paid.fee_units, 3)),
        ip: row.customer_ip.clone(),
        country: country(row),
        success_url: row.success_url.clone(),
        pending_url: row.pending_url.clone(),
        cancel_url: row.cancel_url.clone(),
    }
}

/// The English name of the country the merchant named.
fn country(row: &InvoiceRow) -> Option<String> {
    let customer: serde_json::Value = serde_json::from_str(row.customer.as_deref()?).ok()?;
    rust_iso3166::from_alpha2(customer.get("country")?.as_str()?).map(|country| country.name.to_owned())
}
