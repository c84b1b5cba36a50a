//! The HTTP server: routes together, readiness, and a shutdown that loses no accepted request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::limits::{Limits, PerMinute};
use crate::api::{self, Proxies, Web};
use crate::app::SharedApp;
use crate::app::coin_refunds::PAGE_PATH;

/// How long open requests may take after a shutdown began.
const DRAIN: Duration = Duration::from_secs(30);
/// How long `/readyz` waits for the database.
const LOOK: Duration = Duration::from_secs(3);
/// A shutdown goes on serving until nobody has asked for so long, so that those who look at `/readyz` can turn away first …
const QUIET: Duration = Duration::from_millis(250);
/// … but not longer than this.
const TURNING_AWAY: Duration = Duration::from_secs(10);

/// Everything a request needs, and what stops it all.
pub fn web(app: SharedApp, limits: PerMinute, proxies: Vec<ipnet::IpNet>, stop: CancellationToken) -> Web {
    Web { app, limits: Arc::new(Limits::new(limits)), proxies: Proxies(proxies.into()), stop }
}

/// Serves until `stop` is cancelled, then finishes what was accepted.
pub async fn serve(listener: TcpListener, web: Web, more: Router, tasks: &TaskTracker) -> std::io::Result<()> {
    tasks.spawn(forget_quiet_callers(web.limits.clone(), web.stop.clone()));
    let stop = web.stop.clone();
    let router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .merge(crate::checkout::routes::routes())
        .merge(api::routes())
        .with_state(web)
        .merge(more)
        .fallback(api::nonstopay::no_such_path)
        .layer(CatchPanicLayer::new())
        .layer(from_fn(log));
    let (drained, asked) = (stop.clone(), Asked::default());
    let farewell = Farewell { stop: stop.clone(), asked: asked.clone() };
    let router = router.layer(from_fn_with_state(farewell, say_farewell));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.cancelled().await;
        asked.no_more().await;
    });
    tokio::select! {
        result = server => result,
        () = async { drained.cancelled().await; tokio::time::sleep(DRAIN).await } => {
            tracing::warn!("Some requests did not end in time and were cut off");
            Ok(())
        }
    }
}

/// Ready to take requests: not draining, and the database keeps what it is given.
async fn ready(State(web): State<Web>) -> (StatusCode, &'static str) {
    if web.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    let store = web.app.store.clone();
    // a database that hangs does not hold up the answer
    match tokio::time::timeout(LOOK, tokio::spawn(async move { store.works().await })).await {
        Ok(Ok(Ok(()))) => (StatusCode::OK, "ready\n"),
        Ok(Ok(Err(_))) => (StatusCode::SERVICE_UNAVAILABLE, "the database keeps nothing\n"),
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}

/// Counts requests.
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
    farewell.asked.0.fetch_add(1, Ordering::Relaxed);
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

/// One line a request: never its query, which may hold a page's token.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), path_for_log(request.uri().path()));
    let began = tokio::time::Instant::now();
    let response = next.run(request).await;
    tracing::debug!(%method, path, status = response.status().as_u16(), micros = began.elapsed().as_micros(), "Answered");
    response
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
