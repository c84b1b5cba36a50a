//! The HTTP server: routes together, readiness, and a shutdown that loses no accepted request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::api::limits::{Limits, PerMinute};
use crate::api::{self, Proxies, Web};
use crate::app::SharedApp;
use crate::app::coin_refunds::PAGE_PATH;
use crate::store::{StoreError, settings};
use crate::telemetry::routes::{NO_ROUTE, answered};
use crate::telemetry::trace_id::{self, TraceId};
use crate::telemetry::traces;

/// How long requests that are under way may take once nothing new is taken in.
const LAST_REQUESTS: Duration = Duration::from_secs(30);
/// After its drain time a shutdown goes on serving until nobody has asked for so long …
const QUIET: Duration = Duration::from_millis(250);
/// … but not longer than this.
const TURNING_AWAY: Duration = Duration::from_secs(10);
const HEALTHZ: &str = "/healthz";
const READYZ: &str = "/readyz";

/// Everything a request needs, and what stops it all.
pub fn web(app: SharedApp, limits: PerMinute, proxies: Vec<ipnet::IpNet>, stop: CancellationToken) -> Web {
    Web { app, limits: Arc::new(Limits::new(limits)), callers: Arc::default(), proxies: Proxies(proxies.into()), stop }
}

/// Serves until `stop` is cancelled. From then on `/readyz` says so, and all else is served as before for `drain`: long enough for whoever
/// sends requests here to look at it. Then nothing new is taken in, and what was accepted is finished.
pub async fn serve(
    listener: TcpListener,
    web: Web,
    more: Router,
    tasks: &TaskTracker,
    drain: Duration,
) -> std::io::Result<()> {
    tasks.spawn(forget_quiet_callers(web.limits.clone(), web.stop.clone()));
    let stop = web.stop.clone();
    let router = Router::new()
        .route(HEALTHZ, get(|| async { "ok\n" }))
        .route(READYZ, get(ready))
        .merge(crate::checkout::routes::routes())
        .merge(api::routes())
        .with_state(web)
        .merge(more)
        .fallback(api::nonstopay::no_such_path)
        .layer(CatchPanicLayer::new())
        .layer(from_fn(watch));
    let (closing, asked) = (CancellationToken::new(), Asked::default());
    let (closed, farewell) = (closing.clone(), Farewell { stop: stop.clone(), asked: asked.clone() });
    let router = router.layer(from_fn_with_state(farewell, say_farewell));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.cancelled().await;
        tokio::time::sleep(drain).await;
        asked.no_more().await;
        closing.cancel();
    });
    tokio::select! {
        result = server => result,
        () = async { closed.cancelled().await; tokio::time::sleep(LAST_REQUESTS).await } => {
            tracing::warn!("Some requests did not end in time and were cut off");
            Ok(())
        }
    }
}

/// Ready to take requests: not draining, and the database answers.
async fn ready(State(web): State<Web>) -> (StatusCode, &'static str) {
    if web.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match web.app.store.read(|tx| settings::get(tx, "page_key")).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err::<_, StoreError>(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}

/// Counts requests, without those that ask how we are.
#[derive(Debug, Clone, Default)]
struct Asked(Arc<AtomicU64>);

impl Asked {
    /// Waits until nobody has asked for a while.
    async fn no_more(&self) {
        let began = tokio::time::Instant::now();
        let mut last = None;
        while last != Some(self.0.load(Ordering::Relaxed)) && began.elapsed() < TURNING_AWAY {
            last = Some(self.0.load(Ordering::Relaxed));
            tokio::time::sleep(QUIET).await;
        }
    }
}

#[derive(Debug, Clone)]
struct Farewell {
    stop: CancellationToken,
    asked: Asked,
}

/// Once a shutdown began, every answer says that its connection ends: a client that keeps it open would write its next request
/// into a connection that is being closed, and could not know whether it was taken.
async fn say_farewell(State(farewell): State<Farewell>, request: Request, next: Next) -> Response {
    if ![HEALTHZ, READYZ].contains(&request.uri().path()) {
        farewell.asked.0.fetch_add(1, Ordering::Relaxed);
    }
    let old = request.version() <= Version::HTTP_11;
    let mut response = next.run(request).await;
    if old && farewell.stop.is_cancelled() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
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

/// Gives a request its id and its span, counts it, and writes one line about it: never its query, which may hold a page's token.
async fn watch(request: Request, next: Next) -> Response {
    let began = tokio::time::Instant::now();
    let pattern = request.extensions().get::<MatchedPath>().cloned();
    let route = pattern.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let method = request.method().clone();
    let line = tracing::event_enabled!(tracing::Level::DEBUG).then(|| path_for_log(request.uri().path()));
    let (id, span) = (TraceId::of(request.headers()), traces::request_span(word(&method), route, request.headers()));
    let answer = async {
        let response = next.run(request).await;
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

async fn forget_quiet_callers(limits: Arc<Limits>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(60)) => limits.forget_quiet(),
        }
    }
}

/// Cancels `stop` at SIGTERM or Ctrl-C.
pub async fn stop_at_signal(stop: CancellationToken) {
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("Stopping: finishing what was begun");
    stop.cancel();
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
