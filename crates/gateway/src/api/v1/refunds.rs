//! `POST /api/v1/invoices/{id}/refund/`: money back to the payer. `GET /api/v1/invoices/{id}/refunds/`: what became of it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ChargeId;
use domain::coin_refund::{Source, State as CoinState};
use domain::scope::Scope;
use serde_json::{Value, json};

use super::Refused;
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json as answer;
use crate::api::call::Call;
use crate::app::App;
use crate::app::balances::decimals;
use crate::app::coin_refunds::{self, wallet};
use crate::app::refunds::{AskFailed, Decided, Refused as NotRefunded, Wanted, ask, of_invoice};
use crate::app::transfers::acts::by_key;
use crate::store::coin_refunds::CoinRefundRow;
use crate::store::{StoreError, Tx, invoices};
use crate::wire::field::line;
use crate::wire::params::Params;
use crate::wire::time::written;
use crate::wire::v1::V1Error;

pub async fn refund(State(web): State<Web>, Path(id): Path<String>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::PayOut)).await?;
    let merchant = caller.merchant().id.clone();
    let number = super::number(&id, "invoice")?;
    let foreign = || Stop::Refused(V1Error::AnotherMerchant("invoice"));
    web.app.store.read(|tx| invoices::by_number(tx, &merchant, number)).await?.ok_or_else(foreign)?;
    let params = call.params().await?;
    let wanted = wanted(&params, merchant, number).map_err(Stop::Refused)?;
    let idempotency = super::idempotency(&call.headers, &format!("refund {number}"), &params)?;
    match ask(&web.app, wanted, idempotency, by_key(caller.key_hint())).await {
        Ok(kept) => Ok(answer(StatusCode::OK, kept)),
        Err(AskFailed::KeyReused) => Err(Stop::Refused(V1Error::IdempotencyKeyReused)),
        Err(AskFailed::Store(error)) => Err(error.into()),
        Err(AskFailed::Refused(refused)) => Err(in_words(refused)),
    }
}

pub async fn list(State(web): State<Web>, Path(id): Path<String>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let (merchant, number) = (&caller.merchant().id, super::number(&id, "invoice")?);
    let read = |tx: &Tx<'_>| match invoices::by_number(tx, merchant, number)? {
        Some(_) => of_invoice(tx, merchant, number).map(Some),
        None => Ok::<_, StoreError>(None),
    };
    let all = web.app.store.read(read).await?.ok_or(Stop::Refused(V1Error::AnotherMerchant("invoice")))?;
    let shown: Vec<Value> = all.iter().map(|refund| one(&web.app, refund)).collect();
    Ok(answer(StatusCode::OK, json!({ "errorCode": 0, "refunds": shown }).to_string()))
}

fn one(app: &App, refund: &Decided) -> Value {
    match refund {
        Decided::Coins(row) => coins(app, row),
        Decided::Charge(row) => json!({
            "id": row.id.as_str(),
            "kind": "charge",
            "asset": row.asset,
            "amount": row.units.decimal(decimals(app, &row.asset), 0),
            "state": row.state.name(),
            "from": null,
            "link_ends": null,
            "to": null,
            "tx_hash": null,
            "note": row.note,
            "pay": null,
            "created_at": written(row.created_at.0),
        }),
    }
}

/// A refund of coins; while the merchant has to pay it, with the transaction that his wallet makes.
pub(super) fn coins(app: &App, row: &CoinRefundRow) -> Value {
    let is_due = row.state == CoinState::Confirmed;
    json!({
        "id": row.id.as_str(),
        "kind": "coins",
        "asset": row.asset,
        "amount": row.units.decimal(decimals(app, &row.asset), 0),
        "state": row.state.name(),
        "from": row.source.name(),
        "link_ends": (row.state == CoinState::Asked).then(|| written(row.link_ends.0)),
        "to": row.destination,
        "tx_hash": row.tx_hash,
        "note": row.note,
        "pay": wallet::unsigned(app, row).ok().filter(|_| is_due),
        "created_at": written(row.created_at.0),
    })
}

fn wanted(params: &Params, merchant: domain::MerchantId, invoice: i64) -> Result<Wanted, V1Error> {
    let text = |name: &'static str, chars| {
        line(params, name, chars).map(|text| text.map(str::to_owned)).map_err(|_| V1Error::Invalid(name))
    };
    let charge = text("charge", 40)?.map(|text| ChargeId::parse(&text).map_err(|_| V1Error::Invalid("charge")));
    let from = text("from", 20)?.map(|text| Source::from_name(&text).ok_or(V1Error::Invalid("from")));
    Ok(Wanted {
        merchant,
        invoice,
        amount: text("amount", 60)?.ok_or(V1Error::Required("amount"))?,
        charge: charge.transpose()?,
        asset: text("asset", 60)?,
        from: from.transpose()?,
    })
}

/// Why nothing was done about a refund of coins.
pub(super) fn coins_in_words(refused: coin_refunds::Refused) -> Refused {
    use coin_refunds::Refused as Coins;
    Stop::Refused(match refused {
        Coins::Store(error) => return error.into(),
        Coins::NotThere(_) | Coins::NoInvoice(_) => V1Error::AnotherMerchant("refund"),
        Coins::NoHash => V1Error::Invalid("tx_hash"),
        Coins::NotNow { state, .. } => {
            V1Error::Refused(format!("this is not possible for a refund that is {}", state.name()))
        }
        Coins::ByTransfer => {
            V1Error::Refused("the treasury sends it: only the operator can still call that off".into())
        }
        other => V1Error::Refused(other.to_string()),
    })
}

/// The command line's options are this call's parameters: what names them is said in the call's words.
fn in_words(refused: NotRefunded) -> Refused {
    use coin_refunds::Refused as Coins;
    let error = match refused {
        NotRefunded::Store(error) | NotRefunded::Coins(Coins::Store(error)) => return error.into(),
        NotRefunded::Charge(crate::app::charges::refunds::RefundRefused::Store(error)) => return error.into(),
        NotRefunded::Amount(_) | NotRefunded::Coins(Coins::Amount(_)) => V1Error::Invalid("amount"),
        NotRefunded::SeveralCharges => V1Error::Required("charge"),
        NotRefunded::FromWhom => V1Error::Required("from"),
        NotRefunded::Both => V1Error::Refused(
            "this invoice was paid in coins and by a charge: name the charge, or the coin (asset) and who pays it (from)".into(),
        ),
        NotRefunded::Coins(Coins::SeveralCoins(_)) => V1Error::Required("asset"),
        NotRefunded::Coins(Coins::NoInvoice(_)) => V1Error::AnotherMerchant("invoice"),
        NotRefunded::Nothing => V1Error::Refused(NotRefunded::Nothing.to_string()),
        other @ (NotRefunded::Charge(_) | NotRefunded::Coins(_)) => V1Error::Refused(other.to_string()),
    };
    Stop::Refused(error)
}
