//! `POST /api/v1/invoices/{id}/refund/`: money back to the payer.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ChargeId;
use domain::coin_refund::Source;
use domain::scope::Scope;

use super::Refused;
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json;
use crate::api::call::Call;
use crate::app::coin_refunds;
use crate::app::refunds::{AskFailed, Refused as NotRefunded, Wanted, ask};
use crate::app::transfers::acts::by_key;
use crate::store::invoices;
use crate::wire::field::line;
use crate::wire::params::Params;
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
        Ok(answer) => Ok(json(StatusCode::OK, answer)),
        Err(AskFailed::KeyReused) => Err(Stop::Refused(V1Error::IdempotencyKeyReused)),
        Err(AskFailed::Store(error)) => Err(error.into()),
        Err(AskFailed::Refused(refused)) => Err(in_words(refused)),
    }
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
