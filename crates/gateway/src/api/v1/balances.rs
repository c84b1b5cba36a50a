//! `GET /api/v1/balances/`: what the merchant is owed, owes, or has set aside.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ledger::Side;
use domain::scope::Scope;
use serde_json::json;

use super::Refused;
use crate::api::Web;
use crate::api::access::enter;
use crate::api::body::json as answer;
use crate::api::call::Call;
use crate::app::balances;

pub async fn list(State(web): State<Web>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let own = web.app.store.read(|tx| balances::own(&web.app, tx, &caller.merchant().id)).await?;
    let shown = own.iter().map(|balance| {
        let side = if balance.side == Side::Debit { "debit" } else { "credit" };
        json!({ "account": balance.kind.name(), "asset": balance.asset, "amount": balance.decimal(), "side": side })
    });
    let body = json!({ "errorCode": 0, "balances": shown.collect::<Vec<_>>() });
    Ok(answer(StatusCode::OK, body.to_string()))
}
