//! `GET /api/client-invoice-info/get/?id=` (contract, payin.md section 3); also POST with `id` in the body.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::invoice_status::named;
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::{json, query_or_body};
use crate::app::events::callback;
use crate::wire::answers;
use crate::wire::errors::InvoiceError;

pub async fn handle(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Response, Stop<InvoiceError>> {
    let caller = enter(&web, peer.ip(), &headers).await?;
    let params = query_or_body(&uri, &headers, body).await?;
    let row = named(&web, caller.merchant(), &params).await?;
    let merchant_number = u64::try_from(caller.merchant().number).unwrap_or(0);
    Ok(json(StatusCode::OK, answers::infos(merchant_number, &callback(&row))))
}
