//! `/api/payout/funds/…` (contract, payout.md).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::merchant::Merchant;
use domain::scope::Scope;

use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json;
use crate::api::call::Call;
use crate::app::App;
use crate::app::funds::{AddFailed, add as add_fund, coin, fundable, status};
use crate::store::StoreError;
use crate::store::funds::{self, FundRow, State as FundState};
use crate::store::payout_days::Filter;
use crate::wire::field::{Field, field};
use crate::wire::history::{Order, ROWS_PER_PAGE};
use crate::wire::params::Params;
use crate::wire::payout::history::{
    FundDetail, FundShown, PayoutQuery, capitalised, coins, detail as shown_detail, euros,
};
use crate::wire::payout::request;
use crate::wire::payout::{PayoutError, fund_added};
use crate::wire::time::written;

type Refused = Stop<PayoutError>;

pub async fn add(State(web): State<Web>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::PayOut)).await?;
    let params = call.params().await?;
    let request = request::add_fund(&params, &fundable(&web.app)).map_err(Stop::Refused)?;
    match add_fund(&web.app, caller.merchant().as_ref().clone(), request, None).await {
        Ok(number) => Ok(json(StatusCode::OK, fund_added(number))),
        Err(AddFailed::HashUsed) => Err(Stop::Refused(PayoutError::TxHashUsed)),
        Err(AddFailed::Amount(_)) => Err(Stop::Refused(PayoutError::Invalid("amount"))),
        Err(AddFailed::NoRate(error)) => {
            tracing::warn!(%error, "A fund was refused because there is no rate");
            Err(Stop::Unavailable(format!("No price in EUR at the moment: {error}. Try again.")))
        }
        Err(error @ AddFailed::TooMany) => Err(Stop::Unavailable(error.to_string())),
        Err(AddFailed::Store(error)) => Err(error.into()),
    }
}

pub async fn history(State(web): State<Web>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let params = call.query_over_body().await?;
    let query = PayoutQuery::parse(&params, "fund:").map_err(Stop::Refused)?;
    let filter = filter(&query);
    let (rows, total) = web.app.store.read(|tx| funds::page(tx, &caller.merchant().id, &filter)).await?;
    let list: Vec<FundShown> = rows.iter().map(|row| shown(&web.app, row)).collect();
    Ok(json(StatusCode::OK, query.answer(&list, total).map_err(unwritable)?))
}

pub async fn detail(State(web): State<Web>, call: Call) -> Result<Response, Refused> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Read)).await?;
    let params = call.query_over_body().await?;
    let row = named(&web, caller.merchant(), &params).await?;
    let data = FundDetail {
        shown: shown(&web.app, &row),
        crypto: coin(&web.app, &row.asset).0,
        tx_hash: row.tx_hash,
        failed_reason: row.failed_reason,
    };
    Ok(json(StatusCode::OK, shown_detail(&data).map_err(unwritable)?))
}

async fn named(web: &Web, merchant: &Merchant, params: &Params) -> Result<FundRow, Refused> {
    let number = id(params)?;
    let row = match number {
        Some(number) => web.app.store.read(|tx| funds::by_number(tx, &merchant.id, number)).await?,
        None => None,
    };
    row.ok_or(Stop::Refused(PayoutError::AnotherFund))
}

/// The number in `id`; `None` for one that cannot be.
pub(super) fn id(params: &Params) -> Result<Option<i64>, Refused> {
    match field(params, "id") {
        Field::Absent => Err(Stop::Refused(PayoutError::Required("id"))),
        Field::Text(text) => Ok(text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))),
        Field::NotText => Ok(None),
    }
}

pub(super) fn filter(query: &PayoutQuery) -> Filter {
    let all = || FundState::ALL.iter().map(|state| state.name()).collect();
    Filter {
        states: query.status.map_or_else(all, |state| vec![state]),
        from_day: query.from.map(i64::from),
        to_day: query.to.map(i64::from),
        newest_first: query.order == Order::Descending,
        skip: i64::try_from(query.rows_skipped()).unwrap_or(i64::MAX),
        limit: i64::from(ROWS_PER_PAGE),
    }
}

pub(super) fn unwritable(error: serde_json::Error) -> Refused {
    Stop::Broken(StoreError::Inconsistent(error.to_string()))
}

fn shown(app: &App, row: &FundRow) -> FundShown {
    let (symbol, decimals) = coin(app, &row.asset);
    FundShown {
        id: row.number.to_string(),
        create_date: written(row.created_at.0),
        blockchain: capitalised(&row.chain),
        amount: coins(row.units.0, decimals, &symbol),
        status: status(row.state).value().into(),
        balance: euros(row.left.0),
        merchant_data: row.merchant_data.clone(),
    }
}
