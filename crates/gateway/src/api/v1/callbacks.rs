//! `POST /api/v1/invoices/{id}/callbacks/resend/`: all callbacks of an invoice, or the one with the number `seq`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::scope::Scope;
use serde_json::json;

use super::Refused;
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json as answer;
use crate::api::call::Call;
use crate::app::deliveries;
use crate::app::transfers::acts::by_key;
use crate::store::StoreError;
use crate::store::events::About;
use crate::store::invoices;
use crate::wire::v1::{self, V1Error};

pub async fn resend(State(web): State<Web>, Path(id): Path<String>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Callbacks)).await?;
    let number = super::number(&id, "invoice")?;
    let seq = v1::number(&call.params().await?, "seq").map_err(Stop::Refused)?;
    let (worker, merchant, actor) = (web.app.clone(), caller.merchant().id.clone(), by_key(caller.key_hint()));
    let resent = web.app.store.write(move |tx| match invoices::by_number(tx, &merchant, number)? {
        Some(_) => deliveries::resend_by(&worker, tx, &merchant, About::invoice(number), seq, &actor).map(Some),
        None => Ok::<_, StoreError>(None),
    });
    let resent = resent.await?.ok_or(Stop::Refused(V1Error::AnotherMerchant("invoice")))?;
    web.app.wake.deliveries.notify_one();
    Ok(answer(StatusCode::OK, json!({ "errorCode": 0, "resent": resent }).to_string()))
}
