//! `GET /api/client-invoice-info/get/?id=` (contract, payin.md section 3); also POST with `id` in the body.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::scope::Scope;

use super::invoice_status::named;
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json;
use crate::api::call::Call;
use crate::app::events::callback;
use crate::wire::answers;
use crate::wire::errors::InvoiceError;

pub async fn handle(State(web): State<Web>, call: Call) -> Result<Response, Stop<InvoiceError>> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let params = call.query_or_body().await?;
    let row = named(&web, caller.merchant(), &params).await?;
    let merchant_number = u64::try_from(caller.merchant().number).unwrap_or(0);
    Ok(json(StatusCode::OK, answers::infos(merchant_number, &callback(&row))))
}
