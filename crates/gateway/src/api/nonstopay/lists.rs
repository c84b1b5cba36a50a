//! What a merchant may offer: payable currencies, payment solution types and names (contract, payin.md sections 5 and 6).

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::create_invoice;
use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json;
use crate::wire::answers;
use crate::wire::create::SolutionType;
use crate::wire::errors::ListError;
use crate::wire::field::{Field, field};
use crate::wire::params::Params;

type Answer = Result<Response, Stop<ListError>>;

pub async fn payable_currencies(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Answer {
    enter(&web, peer.ip(), &headers).await?;
    let list = create_invoice::payable_currencies(&web.app);
    Ok(json(StatusCode::OK, answers::payable_currencies(&list)))
}

pub async fn solution_types(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Answer {
    enter(&web, peer.ip(), &headers).await?;
    Ok(json(StatusCode::OK, answers::solution_types(&enabled(&web))))
}

/// The rails a merchant has, by name: the chains on which it can be paid.
pub async fn solution_names(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    enter(&web, peer.ip(), &headers).await?;
    let params = Params::from_query(uri.query().unwrap_or_default())?;
    let wanted_is_enabled = match field(&params, "payment_solution_type") {
        Field::Absent => true,
        Field::Text(wanted) => enabled(&web).iter().any(|kind| kind.word() == wanted),
        Field::NotText => false,
    };
    let mut names: Vec<String> = Vec::new();
    for asset in web.app.payable_assets().filter(|_| wanted_is_enabled) {
        if !names.contains(&asset.chain) {
            names.push(asset.chain.clone());
        }
    }
    Ok(json(StatusCode::OK, answers::solution_names(&names)))
}

fn enabled(web: &Web) -> Vec<SolutionType> {
    web.app.payable_assets().next().map(|_| SolutionType::Crypto).into_iter().collect()
}
