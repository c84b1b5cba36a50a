//! `GET /api/invoice/status/?id=` (contract, payin.md section 2); also POST with `id` in the body.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::merchant::Merchant;
use domain::scope::Scope;

use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json;
use crate::api::call::Call;
use crate::app::events::callback;
use crate::store::invoices::{self, InvoiceRow};
use crate::wire::answers;
use crate::wire::errors::InvoiceError;
use crate::wire::params::Params;

pub async fn handle(State(web): State<Web>, call: Call) -> Result<Response, Stop<InvoiceError>> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let params = call.query_or_body().await?;
    let row = named(&web, caller.merchant(), &params).await?;
    let said = callback(&row);
    let answer = answers::status(said.id, said.invoiced.currency, said.invoiced.amount, said.status);
    Ok(json(StatusCode::OK, answer))
}

/// The merchant's invoice that `id` names. An unknown one and another merchant's are told apart by nobody.
pub async fn named(web: &Web, merchant: &Merchant, params: &Params) -> Result<InvoiceRow, Stop<InvoiceError>> {
    let id = params.get("id").ok_or(Stop::Refused(InvoiceError::IdRequired))?;
    let text = id.text().map(str::trim).unwrap_or_default();
    if text.is_empty() {
        return Err(Stop::Refused(InvoiceError::IdRequired));
    }
    let foreign = Stop::Refused(InvoiceError::AnotherMerchant);
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(number) = text.parse::<i64>().ok().filter(|_| digits) else { return Err(foreign) };
    web.app.store.read(|tx| invoices::by_number(tx, &merchant.id, number)).await?.ok_or(foreign)
}
