//! The sandbox: the same gateway on a simulated chain and a simulated acquirer, with a clock that can be moved and an inbox for its
//! callbacks.

pub mod acquirer;
mod chain;
mod charge;
mod clock;
mod controls;
mod desk;
mod file;
mod inbox;
mod invoice_page;
mod mails;
mod page;
mod pay;
mod people;
mod seed;
mod treasury;

#[cfg(test)]
mod openapi_tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::SharedApp;
use crate::app::master_key::is_live;
use crate::net::client::CallbackClient;
use crate::net::guard::Policy;
use crate::random::Random;
use crate::server;
use crate::store::{Database, Store, StoreError, settings};
use crate::workers;

pub use acquirer::SandboxAcquirer;
pub use chain::SandboxChain;
pub use clock::resume as clock_of;
pub use file::SandboxFile;
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
    pub api_key: String,
    pub file: Arc<SandboxFile>,
}

/// Runs a sandbox until `stop` is cancelled. `announce` is called once it serves.
pub async fn run(
    options: Options,
    stop: CancellationToken,
    announce: impl FnOnce(&SandboxFile),
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
    let base_url = file::base_url(listener.local_addr()?);

    let seed = seed_of(&store, options.seed).await?;
    let signer = TreasuryKey::choose(&store, options.treasury, seed, &options.data).await?;
    let clock = clock::resume(&store).await?;
    let random = Random::system();
    let chain = Arc::new(SandboxChain::resume(&store, &clock, seed).await?);
    let acquirer = Arc::new(SandboxAcquirer::resume(&store, &clock, seed, &base_url).await?);
    let made = seed::gateway(&store, &clock, &random, &chain, &base_url, (seed, signer)).await?;
    let file = Arc::new(SandboxFile::new(&base_url, &made));
    let sandbox = Sandbox {
        app: made.app.clone(),
        chain: chain.clone(),
        acquirer,
        api_key: made.api_key.clone(),
        file: file.clone(),
    };

    let tasks = TaskTracker::new();
    tasks.spawn(chain::mine_by_itself(sandbox.clone(), stop.clone()));
    tasks.spawn(treasury::declare(made.app.clone(), stop.clone()));
    tasks.spawn(acquirer::webhooks::post_them(sandbox.acquirer.clone(), crate::net::plain::client()?, stop.clone()));
    workers::start(&made.app, &lock.node, CallbackClient::new(Policy::Sandbox)?, &stop, &tasks);
    if let Some(address) = options.metrics {
        let listener = crate::scrape::listen(address).await.map_err(SandboxFailed::Metrics)?;
        let scraped = crate::scrape::Scraped::new(made.app.clone(), &lock.node, false);
        tasks.spawn(crate::scrape::serve(listener, scraped, stop.clone()));
    }
    file.write(&options.data).map_err(unusable)?;
    announce(&file);

    let web = server::web(made.app.clone(), seed::limits(), Vec::new(), stop.clone());
    let more = desk::routes(&sandbox, web.clone()).merge(controls::routes(sandbox));
    let served = server::serve(listener, web, more, &tasks, Duration::ZERO).await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    Ok(served?)
}

pub use crate::app::master_key::SANDBOX_SEED as SEED;

async fn seed_of(store: &Store, wanted: Option<u64>) -> Result<u64, SandboxFailed> {
    let first = wanted.unwrap_or(1);
    let kept = store
        .write(move |tx| match settings::get(tx, SEED)? {
            Some(kept) => Ok(kept.parse().unwrap_or(first)),
            None if is_live(tx)? => Err(SandboxFailed::Live),
            None => Ok(settings::put(tx, SEED, &first.to_string()).map(|()| first)?),
        })
        .await?;
    match wanted {
        Some(wanted) if wanted != kept => Err(SandboxFailed::OtherSeed { kept, wanted }),
        _ => Ok(kept),
    }
}
