//! Parameters in, JSON out.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::wire::params::{BodyError, MAX_BODY_BYTES, Params, decode_body};

pub fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
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
