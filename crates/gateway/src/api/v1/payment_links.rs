//! `/api/v1/payment-links/`: make, list and switch off links for payers.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::Units;
use domain::merchant::Merchant;
use domain::scope::Scope;
use serde_json::{Value, json};

use super::Refused;
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json as answer;
use crate::api::call::Call;
use crate::app::payment_links::{self as links, LinkFailed, NewLink};
use crate::app::transfers::acts::by_key;
use crate::store::payment_links::{Asks, LinkRow, before};
use crate::wire::create::Devise;
use crate::wire::time::written;
use crate::wire::v1::{V1Error, link_request, number};

/// The most links of one answer.
const PAGE: i64 = 100;

pub async fn create(State(web): State<Web>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Sell)).await?;
    let params = call.params().await?;
    let request = link_request(&params, web.app.now()).map_err(Stop::Refused)?;
    let idempotency = super::idempotency(&call.headers, "payment link", &params)?;
    let new = NewLink {
        devise: request.devise.code().to_owned(),
        asks: match request.amount {
            Some(amount) => Asks::Fixed(amount),
            None => Asks::Open { min: request.min_amount, max: request.max_amount },
        },
        title: request.title,
        description: request.description,
        reusable: request.reusable,
        expires_at: request.expires_at,
    };
    let merchant = caller.merchant();
    let made = links::create(&web.app, merchant.id.clone(), new, idempotency, by_key(caller.key_hint())).await;
    one(&web, merchant, made)
}

pub async fn list(State(web): State<Web>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let params = call.query_or_body().await?;
    let below = number(&params, "before").map_err(Stop::Refused)?.unwrap_or(i64::MAX);
    let limit = number(&params, "limit").map_err(Stop::Refused)?.unwrap_or(PAGE).min(PAGE);
    let merchant = caller.merchant();
    let mut rows = web.app.store.read(|tx| before(tx, &merchant.id, below, limit + 1)).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|read| read > limit);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| row.number.to_string());
    let list: Vec<Value> = rows.iter().map(|row| shown(&web, merchant, row)).collect();
    let body = json!({ "errorCode": 0, "payment_links": list, "next": next });
    Ok(answer(StatusCode::OK, body.to_string()))
}

pub async fn deactivate(State(web): State<Web>, Path(id): Path<String>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Sell)).await?;
    let number = super::number(&id, "payment link")?;
    let merchant = caller.merchant();
    let done = links::deactivate(&web.app, merchant.id.clone(), number, by_key(caller.key_hint())).await;
    one(&web, merchant, done)
}

fn one(web: &Web, merchant: &Merchant, row: Result<LinkRow, LinkFailed>) -> Result<Response, Refused> {
    match row {
        Ok(row) => {
            let body = json!({ "errorCode": 0, "payment_link": shown(web, merchant, &row) });
            Ok(answer(StatusCode::OK, body.to_string()))
        }
        Err(LinkFailed::Store(error)) => Err(error.into()),
        Err(LinkFailed::NotFound) => Err(Stop::Refused(V1Error::AnotherMerchant("payment link"))),
        Err(LinkFailed::KeyReused) => Err(Stop::Refused(V1Error::IdempotencyKeyReused)),
    }
}

fn shown(web: &Web, merchant: &Merchant, row: &LinkRow) -> Value {
    let digits = Devise::from_code(&row.devise).map_or(2, Devise::minor_digits);
    let decimal = |units: Option<Units>| units.map(|units| units.decimal(digits, 0));
    let (amount, min, max) = match row.asks {
        Asks::Fixed(amount) => (Some(amount), None, None),
        Asks::Open { min, max } => (None, min, max),
    };
    json!({
        "id": row.number.to_string(),
        "url": links::url(&web.app, merchant, row),
        "title": row.title,
        "description": row.description,
        "devise": row.devise,
        "amount": decimal(amount),
        "min_amount": decimal(min),
        "max_amount": decimal(max),
        "reusable": row.reusable,
        "expires_at": row.expires_at.map(|at| written(at.0)),
        "active": row.active,
        "invoices": row.invoices,
        "last_invoice": row.invoice_number.map(|number| number.to_string()),
        "created_at": written(row.created_at.0),
    })
}
