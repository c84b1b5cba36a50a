//! `POST /provider/callbacks/{account}`: what payment providers post. The answer says whether it was taken in, not what came of it.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use rails::provider::Received;

use super::Web;
use super::body::bytes;
use crate::app::SharedApp;
use crate::app::charges::CALLBACK_PATH;
use crate::app::charges::hints::{HintRefused, take};

pub fn routes() -> Router<Web> {
    Router::new().route(&path(), post(handle))
}

/// Where nobody is but a sandbox's own acquirer: it posts for all merchants from one address, which has no limit.
pub fn inner_routes(app: SharedApp) -> Router {
    let handle = |State(app), Path(account), headers, body| take_in(app, account, headers, body);
    Router::new().route(&path(), post(handle)).with_state(app)
}

fn path() -> String {
    format!("{CALLBACK_PATH}/{{account}}")
}

async fn handle(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refused) = web.limits.check_ip(web.client_ip(peer.ip(), &headers)) {
        return refused.into_response();
    }
    take_in(web.app.clone(), account, headers, body).await
}

async fn take_in(app: SharedApp, account: String, headers: HeaderMap, body: Body) -> Response {
    let Ok(body) = bytes(body).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let text = |value: &axum::http::HeaderValue| value.to_str().map(str::to_owned).ok();
    let headers = headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect();
    match take(&app, &account, Received { headers, body: body.to_vec() }).await {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(HintRefused::NoAccount) => StatusCode::NOT_FOUND.into_response(),
        Err(HintRefused::Forged(why)) => {
            tracing::warn!(account, %why, "A provider's callback was refused");
            (StatusCode::UNAUTHORIZED, "not taken\n").into_response()
        }
        Err(HintRefused::Store(error)) => {
            error.log("A provider's callback failed in the store");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
