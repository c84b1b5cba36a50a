//! What a merchant may offer: payable currencies, payment solution types and names (contract, payin.md sections 5 and 6).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::create_invoice;
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json;
use crate::api::call::Call;
use crate::wire::answers;
use crate::wire::create::SolutionType;
use crate::wire::errors::ListError;
use crate::wire::field::{Field, field};
use crate::wire::params::Params;

type Answer = Result<Response, Stop<ListError>>;

pub async fn payable_currencies(State(web): State<Web>, call: Call) -> Answer {
    let caller = enter(&web, call.peer, &call.headers, None).await?;
    let list = create_invoice::payable_currencies(&web.app, caller.merchant());
    Ok(json(StatusCode::OK, answers::payable_currencies(&list)))
}

pub async fn solution_types(State(web): State<Web>, call: Call) -> Answer {
    let caller = enter(&web, call.peer, &call.headers, None).await?;
    let offered = create_invoice::offered(&web.app, caller.merchant()).await?;
    Ok(json(StatusCode::OK, answers::solution_types(&offered.types)))
}

/// The providers a merchant has and the chains on which it can be paid, by name.
pub async fn solution_names(State(web): State<Web>, call: Call) -> Answer {
    let caller = enter(&web, call.peer, &call.headers, None).await?;
    let params = Params::from_query(call.uri.query().unwrap_or_default())?;
    let offered = create_invoice::offered(&web.app, caller.merchant()).await?;
    let is_wanted = |kind: SolutionType| match field(&params, "payment_solution_type") {
        Field::Absent => true,
        Field::Text(wanted) => kind.word() == wanted,
        Field::NotText => false,
    };
    let wanted = offered.named.into_iter().filter(|(kind, _)| is_wanted(*kind));
    let names: Vec<String> = wanted.map(|(_, name)| name).collect();
    Ok(json(StatusCode::OK, answers::solution_names(&names)))
}
