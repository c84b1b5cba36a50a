//! What every request goes through, in one layer: its id and its span, a count, a line in the log, and an answer whatever happens.

use std::panic::AssertUnwindSafe;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Asked, HEALTHZ, READYZ};
use crate::api::body::json;
use crate::app::coin_refunds::PAGE_PATH;
use crate::telemetry::routes::{NO_ROUTE, answered};
use crate::telemetry::trace_id::{self, TraceId};
use crate::telemetry::traces;
use crate::wire::params::error_body;

#[derive(Debug, Clone)]
pub struct Farewell {
    pub stop: CancellationToken,
    pub asked: Asked,
}

/// Once a shutdown began, every answer says that its connection ends: a client that keeps it open would write its next request
/// into a connection that is being closed, and could not know whether it was taken.
pub async fn answer(State(farewell): State<Farewell>, request: Request, next: Next) -> Response {
    if ![HEALTHZ, READYZ].contains(&request.uri().path()) {
        farewell.asked.count();
    }
    let old = request.version() <= Version::HTTP_11;
    let mut response = watched(request, next).await;
    if old && farewell.stop.is_cancelled() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Gives a request its id and its span, counts it, and writes one line about it: never its query, which may hold a page's token.
async fn watched(request: Request, next: Next) -> Response {
    let began = tokio::time::Instant::now();
    let pattern = request.extensions().get::<MatchedPath>().cloned();
    let route = pattern.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let method = request.method().clone();
    let line = tracing::event_enabled!(tracing::Level::DEBUG).then(|| path_for_log(request.uri().path()));
    let (id, span) = (TraceId::of(request.headers()), traces::request_span(word(&method), route, request.headers()));
    let answer = async {
        let response = AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| panicked());
        let (status, took) = (response.status().as_u16(), began.elapsed());
        answered(route, status, took);
        traces::current_span().record("http.response.status_code", status);
        if let Some(path) = line {
            tracing::debug!(%method, path, status, micros = took.as_micros(), "Answered");
        }
        response
    };
    trace_id::within(id, answer.instrument(span)).await
}

/// What has panicked has told the log.
fn panicked() -> Response {
    json(
        StatusCode::INTERNAL_SERVER_ERROR,
        error_body("The gateway has failed at this. What it did is not certain; ask for the state."),
    )
}

/// A path as it may be logged: the rest of a payer's refund link is its secret.
fn path_for_log(path: &str) -> String {
    // as a router may read it: in any case, with slashes doubled
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [first, _, ..] if first.eq_ignore_ascii_case(PAGE_PATH.trim_matches('/')) => format!("{PAGE_PATH}…"),
        _ => path.to_owned(),
    }
}

/// A method as a label: callers make up others.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::path_for_log;

    #[test]
    fn a_refund_link_is_not_logged() {
        for path in ["/refund/0123", "/refund/0123/confirm", "//refund//0123", "/Refund/0123"] {
            assert_eq!(path_for_log(path), "/refund/…", "{path}");
        }
        for path in ["/", "/refund", "/invoice/refund/1", "/api/v1/payment"] {
            assert_eq!(path_for_log(path), path);
        }
    }
}
