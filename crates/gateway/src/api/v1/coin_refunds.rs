//! `POST /api/v1/invoices/{id}/refunds/{refund}/…/`: what a merchant does about a refund of coins. Sent twice, each is done once.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::coin_refund::State as RefundState;
use domain::scope::Scope;
use domain::{MerchantId, RefundId};
use serde_json::json;

use super::Refused;
use super::refunds::{coins, coins_in_words};
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json as answer;
use crate::api::call::Call;
use crate::app::App;
use crate::app::acts::Actor;
use crate::app::coin_refunds::acts::{self, Of};
use crate::app::coin_refunds::{Refused as NotDone, wallet};
use crate::app::transfers::acts::by_key;
use crate::store::Tx;
use crate::store::coin_refunds::CoinRefundRow;
use crate::wire::field::line;
use crate::wire::v1::V1Error;

/// More than a hash has, so that it can be said that it is none.
const HASH_CHARS: usize = 80;

type Ids = Path<(String, String)>;

/// Which refund, and who acts.
#[derive(Debug, Clone)]
struct Named {
    merchant: MerchantId,
    invoice: i64,
    id: RefundId,
    actor: Actor,
}

impl Named {
    fn of(&self) -> Of<'_> {
        (&self.merchant, self.invoice)
    }
}

async fn named(web: &Web, ids: &(String, String), call: &Call) -> Result<Named, Refused> {
    let caller = enter(web, call.peer, &call.headers, Some(Scope::PayOut)).await?;
    let invoice = super::number(&ids.0, "invoice")?;
    let id = RefundId::parse(&ids.1).map_err(|_| Stop::Refused(V1Error::AnotherMerchant("refund")))?;
    Ok(Named { merchant: caller.merchant().id.clone(), invoice, id, actor: by_key(caller.key_hint()) })
}

/// Another link to the payer; under an `Idempotency-Key` one only.
pub async fn mail(State(web): State<Web>, Path(ids): Ids, call: Call) -> Result<Response, Refused> {
    let named = named(&web, &ids, &call).await?;
    let key = super::idempotency(&call.headers, "refund mail", &call.params().await?)?;
    let cause = match key {
        Some((key, _)) => format!("key {key}"),
        None => format!("call {}", hex::encode(web.app.random.token_bytes::<16>())),
    };
    done(&web, named, move |app, tx, it| acts::mail_again(app, tx, it.of(), &it.id, &cause, &it.actor)).await
}

/// The end of one that nothing was sent for.
pub async fn cancel(State(web): State<Web>, Path(ids): Ids, call: Call) -> Result<Response, Refused> {
    let named = named(&web, &ids, &call).await?;
    let end = |app: &App, tx: &Tx<'_>, it: &Named| match acts::cancel(app, tx, it.of(), &it.id, &it.actor) {
        Err(NotDone::NotNow { state: RefundState::Canceled, .. }) => acts::existing(tx, it.of(), &it.id),
        ended => ended,
    };
    done(&web, named, end).await
}

/// The transaction by which the merchant's wallet has paid.
pub async fn paid(State(web): State<Web>, Path(ids): Ids, call: Call) -> Result<Response, Refused> {
    let named = named(&web, &ids, &call).await?;
    let params = call.params().await?;
    let hash = line(&params, "tx_hash", HASH_CHARS).map_err(|_| Stop::Refused(V1Error::Invalid("tx_hash")))?;
    let hash = hash.ok_or(Stop::Refused(V1Error::Required("tx_hash")))?.to_owned();
    let answer =
        done(&web, named, move |app, tx, it| wallet::report(app, tx, it.of(), &it.id, &hash, &it.actor)).await?;
    web.app.wake.refunds.notify_one();
    Ok(answer)
}

async fn done(
    web: &Web,
    named: Named,
    act: impl FnOnce(&App, &Tx<'_>, &Named) -> Result<CoinRefundRow, NotDone> + Clone + Send + 'static,
) -> Result<Response, Refused> {
    let app = web.app.clone();
    let row = web.app.store.write(move |tx| act(&app, tx, &named)).await.map_err(coins_in_words)?;
    Ok(answer(StatusCode::OK, json!({ "errorCode": 0, "refund": coins(&web.app, &row) }).to_string()))
}
