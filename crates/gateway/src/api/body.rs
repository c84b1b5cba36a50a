//! Bodies of pages' forms and of providers' callbacks, and JSON out. A merchant's call: [`super::call`].

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::wire::params::{BodyError, MAX_BODY_BYTES, Params, decode_body};

pub fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

pub async fn bytes(body: Body) -> Result<Bytes, BodyError> {
    axum::body::to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| BodyError::TooLarge)
}

pub async fn params(headers: &HeaderMap, body: &[u8]) -> Result<Params, BodyError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    decode_body(content_type, body).await
}
