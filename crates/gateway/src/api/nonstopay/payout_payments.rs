//! `/api/payout/payment/…` (contract, payout.md).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::scope::Scope;

use super::payout_funds::{filter, id, unwritable};
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json;
use crate::api::call::Call;
use crate::app::CardIntake;
use crate::app::payouts::{NewPayment, SendFailed, send as send_payment, status};
use crate::app::transfers::acts::by_key;
use crate::store::funds::State as PayoutState;
use crate::store::payouts::{self, PayoutRow};
use crate::wire::idempotency::{self, IDEMPOTENCY_KEY, request_hash};
use crate::wire::payout::PayoutError;
use crate::wire::payout::history::{PaymentDetail, PaymentShown, PayoutQuery, detail as shown_detail, euros};
use crate::wire::payout::request;
use crate::wire::time::written;

type Refused = Stop<PayoutError>;

pub async fn send(State(web): State<Web>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::PayOut)).await?;
    let params = call.params().await?;
    let check_expiry = match web.app.cards {
        CardIntake::Direct { check_expiry: false } => None,
        CardIntake::Direct { check_expiry: true } | CardIntake::ProviderOnly => Some(web.app.now()),
    };
    let (request, card) = request::send_payment(&params, check_expiry).map_err(Stop::Refused)?;
    let key = call.headers.get(IDEMPOTENCY_KEY).map(|value| idempotency::key(value.as_bytes())).transpose()?;
    // the keys are shared with those of invoices: the same one for both is another request
    let idempotency = key.map(|key| (key, format!("payment:{}", request_hash(&params))));
    let new = NewPayment { request, card, idempotency, asked_by: by_key(caller.key_hint()) };
    match send_payment(&web.app, caller.merchant().as_ref().clone(), new).await {
        Ok(answer) => Ok(json(StatusCode::OK, answer)),
        Err(SendFailed::KeyReused) => Err(Stop::Refused(PayoutError::IdempotencyKeyReused)),
        Err(SendFailed::Limits) => Err(Stop::Refused(PayoutError::Invalid("amount"))),
        Err(SendFailed::Stopped(_)) => Err(Stop::Refused(PayoutError::Stopped)),
        Err(SendFailed::Insufficient) => Err(Stop::Refused(PayoutError::InsufficientFunds)),
        Err(SendFailed::NoCards) => Err(Stop::Unavailable(
            "This gateway takes no card numbers: its operator has not turned that on. Nothing was kept.".into(),
        )),
        Err(SendFailed::NoAccount) => {
            Err(Stop::Unavailable("Payments to cards are not set up on this gateway. Nothing was kept.".into()))
        }
        Err(SendFailed::Store(error)) => Err(error.into()),
    }
}

pub async fn history(State(web): State<Web>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let params = call.query_over_body().await?;
    let query = PayoutQuery::parse(&params, "payment:").map_err(Stop::Refused)?;
    let filter = filter(&query);
    let (rows, total) = web.app.store.read(|tx| payouts::page(tx, &caller.merchant().id, &filter)).await?;
    let list: Vec<PaymentShown> = rows.iter().map(shown).collect();
    Ok(json(StatusCode::OK, query.answer(&list, total).map_err(unwritable)?))
}

pub async fn detail(State(web): State<Web>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let params = call.query_over_body().await?;
    let number = id(&params)?;
    let row = match number {
        Some(number) => web.app.store.read(|tx| payouts::by_number(tx, &caller.merchant().id, number)).await?,
        None => None,
    };
    let row = row.ok_or(Stop::Refused(PayoutError::AnotherPayment))?;
    let data = PaymentDetail { shown: shown(&row), failed_reason: row.failed_reason };
    Ok(json(StatusCode::OK, shown_detail(&data).map_err(unwritable)?))
}

fn shown(row: &PayoutRow) -> PaymentShown {
    let amount = euros(row.minor.0);
    PaymentShown {
        id: row.number.to_string(),
        create_date: written(row.created_at.0),
        card_holder: format!("{} {}", row.first_name, row.last_name),
        card: format!("{} {}", row.card_shown, row.card_expiry),
        amount_reached: if row.state == PayoutState::Success { amount.clone() } else { " ".into() },
        amount,
        status: status(row.state).value().into(),
        status_date: written(row.status_at.0),
        merchant_data: row.merchant_data.clone(),
    }
}
