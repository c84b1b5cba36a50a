//! `GET /metrics` for Prometheus, on a listener of its own: what the process has counted, and what rows and chains say at that moment.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::SharedApp;
use crate::clock::Clock;
use crate::store::{StoreError, due, leases};
use crate::telemetry::metrics::METRICS;

pub const PATH: &str = "/metrics";
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whose numbers they are.
#[derive(Debug, Clone)]
pub struct Scraped {
    app: SharedApp,
    node: Arc<str>,
    /// Mails are somebody's work here. Without a mail server they wait, which is as it should be.
    sends_mails: bool,
    started_s: i64,
}

impl Scraped {
    pub fn new(app: SharedApp, node: &str, sends_mails: bool) -> Scraped {
        Scraped { app, node: node.into(), sends_mails, started_s: Clock::system().now() / 1_000 }
    }
}

/// Listens for scrapes.
///
/// # Errors
/// In words for the operator.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| format!("metrics: cannot listen on {address}: {error}"))
}

/// Answers scrapes until `stop` is cancelled.
pub async fn serve(listener: TcpListener, scraped: Scraped, stop: CancellationToken) {
    let router = Router::new().route(PATH, get(answer)).with_state(scraped);
    let server = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        result = server => {
            if let Err(error) = result {
                tracing::error!(%error, "Metrics are not served any more");
            }
        }
        // nobody waits for a scrape that hangs
        () = stop.cancelled() => {}
    }
}

async fn answer(State(scraped): State<Scraped>) -> Response {
    let now = now(&scraped).await;
    let mut text = String::new();
    let registries = [&METRICS.registry, &now, &process(scraped.started_s)];
    let written = registries.iter().try_for_each(|registry| encode_registry(&mut text, registry));
    match written.and_then(|()| encode_eof(&mut text)) {
        Ok(()) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Work {
    work: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Chain {
    chain: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lease {
    work: String,
    of: String,
}

/// What is so at this moment.
#[derive(Debug, Default)]
struct Now {
    /// Whether the database answered.
    answers: Gauge,
    ages: Family<Work, Gauge>,
    parked: Family<Work, Gauge>,
    leases: Family<Lease, Gauge>,
    heads: Family<Chain, Gauge>,
    lags: Family<Chain, Gauge>,
    watched: Family<Chain, Gauge>,
}

async fn now(scraped: &Scraped) -> Registry {
    let now = Now::default();
    match look(scraped, &now).await {
        Ok(()) => now.answers.set(1),
        Err(error) => {
            tracing::warn!(%error, "The database does not say what is due");
            now.answers.set(0)
        }
    };
    now_registry(now)
}

fn now_registry(now: Now) -> Registry {
    let mut registry = Registry::with_prefix("lockgate");
    let r = &mut registry;
    r.register("store_answers", "1 if the database answered this scrape", now.answers);
    let help = "For how long the oldest piece of work is due; 0 if none is";
    r.register_with_unit("oldest_due_age", help, Unit::Seconds, now.ages);
    r.register("parked", "What waits for a person; 1000 stands for more", now.parked);
    r.register("lease_held", "1 for what only one node does at a time, if it is this one", now.leases);
    r.register("chain_head_block", "The newest block of a chain that this node follows", now.heads);
    r.register("chain_lag_blocks", "Blocks of a followed chain that are not read yet", now.lags);
    r.register("chain_watched_addresses", "Deposit addresses in memory", now.watched);
    registry
}

async fn look(scraped: &Scraped, now: &Now) -> Result<(), StoreError> {
    let app = &scraped.app;
    let time = app.now();
    let read = app.store.read(|tx| Ok::<_, StoreError>((due::oldest(tx)?, due::parked(tx)?, leases::list(tx)?)));
    let (oldest, parked, leases) = read.await?;
    for (work, since) in oldest {
        if work != "mails" || scraped.sends_mails {
            let age = since.map_or(0, |since| time.since(since).max(0)) / 1_000;
            now.ages.get_or_create(&Work { work }).set(age);
        }
    }
    // known to the one node that passes invoices: no row says when the oldest was made without a look at each merchant
    let unpassed = match METRICS.unpassed_since.load(Relaxed) {
        0 => 0,
        since => time.since(domain::Time(since)).max(0) / 1_000,
    };
    now.ages.get_or_create(&Work { work: "invoices" }).set(unpassed);
    for (work, count) in parked {
        now.parked.get_or_create(&Work { work }).set(count);
    }
    for (name, holder, until) in leases {
        if *holder == *scraped.node && until > time {
            let (work, of) = name.split_once(' ').unwrap_or((&name, ""));
            now.leases.get_or_create(&Lease { work: work.to_owned(), of: of.to_owned() }).set(1);
            if let (Some(chain), "follow") = (app.chains.get(of), work) {
                followed(chain, now);
            }
        }
    }
    Ok(())
}

fn followed(chain: &crate::app::chains::Chain, now: &Now) {
    let (health, label) = (chain.health(), || Chain { chain: chain.name.clone() });
    let gauge = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    if let Some(head) = health.head {
        now.heads.get_or_create(&label()).set(gauge(head));
        now.lags.get_or_create(&label()).set(gauge(head.saturating_sub(health.read_up_to.unwrap_or(0))));
    }
    now.watched.get_or_create(&label()).set(i64::try_from(chain.addresses.len()).unwrap_or(i64::MAX));
}

/// The names that every process has.
fn process(started_s: i64) -> Registry {
    let mut registry = Registry::default();
    let gauge = |value: i64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        gauge
    };
    let help = "When the process was started, since 1970";
    registry.register_with_unit("process_start_time", help, Unit::Seconds, gauge(started_s));
    if let Some(bytes) = resident_bytes() {
        registry.register_with_unit("process_resident_memory", "Memory in use", Unit::Bytes, gauge(bytes));
    }
    registry
}

fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1_024)
}

#[cfg(test)]
mod tests;
