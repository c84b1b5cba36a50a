//! The sandbox: the same gateway on a simulated chain and a simulated acquirer, with a clock that can be moved and an inbox for its
//! callbacks. An open one is for whoever reaches it. One that is joined to a live gateway is for that gateway's merchants, who come in from
//! their pages (`entry`): nothing in it is open or known to all.

pub mod acquirer;
mod chain;
mod charge;
mod clock;
mod controls;
mod desk;
mod entry;
mod file;
mod guests;
mod inbox;
mod invoice_page;
mod mails;
mod page;
mod pay;
mod people;
mod reach;
mod seed;
mod treasury;

#[cfg(test)]
mod openapi_tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::Web;
use crate::app::SharedApp;
use crate::app::master_key::is_live;
use crate::clock::Clock;
use crate::net::client::CallbackClient;
use crate::random::Random;
use crate::server;
use crate::store::{Database, Store, StoreError, Tx, settings};
use crate::workers;

pub use acquirer::SandboxAcquirer;
pub use chain::SandboxChain;
pub use clock::resume as clock_of;
pub use file::SandboxFile;
pub use reach::{Joined, Reach, policy};
pub use seed::{commands_app, limits, master_key};
pub use treasury::{PASSPHRASE as TREASURY_PASSPHRASE, TreasuryKey};

/// `lockgate sandbox [--listen ADDR] [--data DIR] [--seed N]`.
#[derive(Debug, Clone)]
pub struct Options {
    pub listen: SocketAddr,
    pub data: PathBuf,
    /// The address of a PostgreSQL database to keep everything in, instead of a file in `data`; it is remembered there.
    pub database_url: Option<String>,
    /// The seed of a new sandbox (1 if none is named); that of an old one stays what it was.
    pub seed: Option<u64>,
    /// Which treasury a new sandbox has (`hot` if none is named), or from now on another one.
    pub treasury: Option<TreasuryKey>,
    /// Where `/metrics` is served, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// The live gateway whose merchants come here; without one the sandbox is open to whoever reaches it.
    pub joined: Option<Joined>,
}

#[derive(Debug, thiserror::Error)]
pub enum SandboxFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("the simulated chain cannot be rebuilt: {0}")]
    Chain(String),
    #[error("the simulated acquirer cannot be resumed: {0}")]
    Acquirer(String),
    #[error("this sandbox was made with --seed {kept}; use another --data for --seed {wanted}")]
    OtherSeed { kept: u64, wanted: u64 },
    /// Its directory cannot be had; the sentence says why.
    #[error("{0}")]
    Directory(String),
    #[error(
        "this sandbox is open to all: its log-ins, its key and perhaps its seed are known. Use another --data with --live"
    )]
    WasOpen,
    #[error(
        "the merchants of a live gateway use this sandbox: start it with --live and --base-url, or use another --data"
    )]
    WasJoined,
    #[error("this is a live gateway's database: a sandbox would put simulated money into its books. Name another one")]
    Live,
    #[error("cannot set up the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
    #[error("{0}")]
    Metrics(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// What the sandbox's own routes have at hand.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub app: SharedApp,
    pub chain: Arc<SandboxChain>,
    pub acquirer: Arc<SandboxAcquirer>,
    /// None in a sandbox that is joined to a live gateway: there is nothing that a script may know.
    pub file: Option<Arc<SandboxFile>>,
}

/// Runs a sandbox until `stop` is cancelled. `announce` is called once it serves.
pub async fn run(
    options: Options,
    stop: CancellationToken,
    announce: impl FnOnce(Option<&SandboxFile>),
) -> Result<(), SandboxFailed> {
    let unusable = |source| SandboxFailed::File { path: options.data.display().to_string(), source };
    std::fs::create_dir_all(&options.data).map_err(unusable)?;
    let lock = crate::lock::take(&options.data).map_err(SandboxFailed::Directory)?;
    let database = match &options.database_url {
        Some(url) => {
            // before the directory remembers it
            if Store::open(&Database::at(url)?)?.read(is_live).await? {
                return Err(SandboxFailed::Live);
            }
            Database::put(&options.data, url)?
        }
        None => Database::of(&options.data)?,
    };
    let store = Store::open(&database)?;
    let listener = TcpListener::bind(options.listen).await;
    let listener = listener.map_err(|source| SandboxFailed::Listen { address: options.listen, source })?;
    let at = Reach::of(listener.local_addr()?, options.joined.as_ref());
    let (at, inner) = at.with_inner_listener().await?;

    let seed = seed_of(&store, options.seed, at.joined.is_some()).await?;
    if let Some(live) = &at.joined {
        let ended = guests::only_by_this_secret(&store, live).await?;
        if ended > 0 {
            tracing::info!(ended, "Another secret joins this sandbox to its live gateway: all sessions ended");
        }
    }
    let signer = TreasuryKey::choose(&store, options.treasury, seed, &options.data).await?;
    let clock = clock::resume(&store).await?;
    let random = Random::system();
    let chain = Arc::new(SandboxChain::resume(&store, &clock, seed).await?);
    let acquirer = Arc::new(SandboxAcquirer::resume(&store, &clock, seed, &at).await?);
    let made = seed::gateway(&store, &clock, &random, &chain, &at, (seed, signer)).await?;
    let file = SandboxFile::of(&at.public, &made).map(Arc::new);
    let sandbox = Sandbox { app: made.app.clone(), chain, acquirer, file: file.clone() };

    let tasks = TaskTracker::new();
    tasks.spawn(chain::mine_by_itself(sandbox.clone(), stop.clone()));
    tasks.spawn(treasury::declare(made.app.clone(), stop.clone()));
    tasks.spawn(acquirer::webhooks::post_them(sandbox.acquirer.clone(), crate::net::plain::client()?, stop.clone()));
    workers::start(&made.app, &lock.node, CallbackClient::new(made.app.policy)?, &stop, &tasks);
    if let Some(address) = options.metrics {
        let listener = crate::scrape::listen(address).await.map_err(SandboxFailed::Metrics)?;
        let scraped = crate::scrape::Scraped::new(made.app.clone(), &lock.node, false);
        tasks.spawn(crate::scrape::serve(listener, scraped, stop.clone()));
    }
    if let Some(file) = &file {
        file.write(&options.data).map_err(unusable)?;
    }
    announce(file.as_deref());

    // until the workers have ended, after all else
    let inner = inner.map(|listener| tokio::spawn(controls::serve_inner(listener, sandbox.clone())));
    let (limits, proxies) = match options.joined {
        None => (seed::limits(), Vec::new()),
        Some(joined) => (seed::limits_of_strangers(), joined.proxies),
    };
    let web = server::web(made.app.clone(), limits, proxies, stop.clone());
    let served = server::serve(listener, web.clone(), routes(sandbox, web), &tasks, Duration::ZERO).await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    if let Some(inner) = inner {
        inner.abort();
    }
    Ok(served?)
}

/// What a sandbox serves beside what every gateway does.
fn routes(sandbox: Sandbox, web: Web) -> Router {
    let desk = desk::routes(&sandbox, web.clone());
    match sandbox.app.is_open_sandbox() {
        true => desk.merge(controls::routes(sandbox)),
        // a sandbox's own clock may stand anywhere
        false => desk.merge(entry::routes(Clock::system(), web)).merge(controls::routes_for_payers(sandbox)),
    }
}

pub use crate::app::master_key::SANDBOX_SEED as SEED;

/// Set in the database of a sandbox that merchants of a live gateway use.
const JOINED: &str = "sandbox_joined";

/// Whether merchants of a live gateway use the sandbox of this database.
pub fn is_joined(tx: &Tx<'_>) -> Result<bool, StoreError> {
    Ok(settings::get(tx, JOINED)?.is_some())
}

/// The seed as kept, or a new sandbox's: 1 is known to all, so a joined one has another.
async fn seed_of(store: &Store, wanted: Option<u64>, is_joined: bool) -> Result<u64, SandboxFailed> {
    let usual = if is_joined { u64::from_le_bytes(Random::system().token_bytes()) } else { 1 };
    let first = wanted.unwrap_or(usual);
    let kept = store
        .write(move |tx| match (settings::get(tx, SEED)?, self::is_joined(tx)?) {
            (Some(_), false) if is_joined => Err(SandboxFailed::WasOpen),
            (Some(_), true) if !is_joined => Err(SandboxFailed::WasJoined),
            (Some(kept), _) => Ok(kept.parse().unwrap_or(first)),
            (None, _) if is_live(tx)? => Err(SandboxFailed::Live),
            (None, _) => {
                if is_joined {
                    settings::put(tx, JOINED, "1")?;
                }
                Ok(settings::put(tx, SEED, &first.to_string()).map(|()| first)?)
            }
        })
        .await?;
    match wanted {
        Some(wanted) if wanted != kept => Err(SandboxFailed::OtherSeed { kept, wanted }),
        _ => Ok(kept),
    }
}
