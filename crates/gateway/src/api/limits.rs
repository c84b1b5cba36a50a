//! The answer to who calls too often.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub use crate::app::limits::{Limits, PerMinute, TooMany};
use crate::wire::params::error_body;

impl IntoResponse for TooMany {
    fn into_response(self) -> Response {
        let seconds = self.seconds();
        let sentence = format!("Too many requests. Try again in {seconds} s.");
        let json = HeaderValue::from_static("application/json");
        let headers = [(header::RETRY_AFTER, HeaderValue::from(seconds)), (header::CONTENT_TYPE, json)];
        (StatusCode::TOO_MANY_REQUESTS, headers, error_body(&sentence)).into_response()
    }
}
