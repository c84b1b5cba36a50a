//! The HTTP server: routes together, readiness, and a shutdown that loses no accepted request.

mod front;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::callers::Callers;
use crate::api::limits::{Limits, PerMinute};
use crate::api::{self, Parts, Proxies, Web};
use crate::app::SharedApp;

/// How long requests that are under way may take once nothing new is taken in.
const LAST_REQUESTS: Duration = Duration::from_secs(30);
/// How long `/readyz` waits for the database.
const LOOK: Duration = Duration::from_secs(3);
/// After its drain time a shutdown goes on serving until nobody has asked for so long …
const QUIET: Duration = Duration::from_millis(250);
/// … but not longer than this.
const TURNING_AWAY: Duration = Duration::from_secs(10);
const HEALTHZ: &str = "/healthz";
const READYZ: &str = "/readyz";

/// Everything a request needs, and what stops it all.
pub fn web(app: SharedApp, limits: PerMinute, proxies: Vec<ipnet::IpNet>, stop: CancellationToken) -> Web {
    let (limits, callers, proxies) = (Arc::new(Limits::new(limits)), Callers::default(), Proxies(proxies.into()));
    Parts { app, limits, callers, proxies, streams: Arc::default(), stop }.into()
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
        .merge(crate::dashboard::routes())
        .merge(api::routes())
        .with_state(web)
        .merge(more)
        .fallback(api::nonstopay::no_such_path);
    let (closing, asked) = (CancellationToken::new(), Asked::default());
    let (closed, farewell) = (closing.clone(), front::Farewell { stop: stop.clone(), asked: asked.clone() });
    let router = router.layer(from_fn_with_state(farewell, front::answer));
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

/// Counts requests, without those that ask how we are.
#[derive(Debug, Clone, Default)]
struct Asked(Arc<AtomicU64>);

impl Asked {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

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
