//! Parameters in, JSON out.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;

use crate::wire::params::{BodyError, MAX_BODY_BYTES, Params, decode_body, error_body};

/// How long a body may take to arrive.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);
/// So much of a body is read at most; of what is more than [`MAX_BODY_BYTES`], nothing is kept.
const READ_AT_MOST: usize = 64 << 20;

pub fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// Reads the body to its end before the call is looked at. A server that answers while the client still sends, and closes,
/// makes the client see a broken connection instead of the answer.
pub async fn take_in(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(ARRIVES_WITHIN, read_to_end(body)).await {
        Ok(Ok(kept)) => next.run(Request::from_parts(parts, Body::from(kept))).await,
        Ok(Err(_)) => json(StatusCode::BAD_REQUEST, error_body("The body broke off.")),
        Err(_) => json(StatusCode::REQUEST_TIMEOUT, error_body("The body did not arrive in time.")),
    }
}

/// The body, or as much of one that is too large as shows that it is.
async fn read_to_end(body: Body) -> Result<Vec<u8>, axum::Error> {
    let (mut kept, mut read, mut chunks) = (Vec::new(), 0_usize, body.into_data_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        read = read.saturating_add(chunk.len());
        if read > READ_AT_MOST {
            break;
        }
        let room = (MAX_BODY_BYTES + 1).saturating_sub(kept.len());
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(kept)
}

/// The body's bytes, as they came.
pub async fn bytes(body: Body) -> Result<Vec<u8>, BodyError> {
    let bytes = axum::body::to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| BodyError::TooLarge)?;
    Ok(bytes.into())
}

pub async fn params(headers: &HeaderMap, body: &[u8]) -> Result<Params, BodyError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    decode_body(content_type, body).await
}

/// Parameters of a call that is a GET in the contract, from the query string; the body of the POST variant if that has none.
pub async fn query_or_body(uri: &Uri, headers: &HeaderMap, body: Body) -> Result<Params, BodyError> {
    match uri.query().filter(|query| !query.is_empty()) {
        Some(query) => Params::from_query(query),
        None => params(headers, &bytes(body).await?).await,
    }
}
