//! The acquirer's API over HTTP.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use rails::sim::acquirer::{Reply, WireRequest};
use zeroize::Zeroizing;

use super::PATH;
use crate::sandbox::Sandbox;
use crate::sandbox::controls::Refused;

/// More than any request to it has.
const BODY: usize = 64 << 10;

pub fn routes() -> Router<Sandbox> {
    Router::new().route(&format!("{PATH}/v1/{{*call}}"), any(handle))
}

async fn handle(State(sandbox): State<Sandbox>, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY).await else {
        return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    let request = wire_request(&parts, &body);
    drop(body);
    Ok(match sandbox.acquirer.handle(&request).await? {
        Reply::Answer { status, body } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        Reply::HangUp => hang_up(),
    })
}

fn wire_request(parts: &Parts, body: &Bytes) -> WireRequest {
    let text = |(name, value): (&HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    WireRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().strip_prefix(PATH).unwrap_or_default().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.iter().filter_map(text).collect(),
        body: Zeroizing::new(body.to_vec()),
    }
}

/// Breaks the connection off: a body is announced that fails before its first byte, and the server closes.
fn hang_up() -> Response {
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("hung up on order")) });
    ([(header::CONTENT_LENGTH, "1024")], Body::from_stream(broken)).into_response()
}
