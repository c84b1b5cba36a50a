//! The live gateway, as the configuration says.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::limits::PerMinute;
use crate::app::master_key::same_master_key;
use crate::app::providers::Providers;
use crate::app::rates::RateBook;
use crate::app::treasury::wallets::look_at_configured;
use crate::app::{App, SharedApp, Wake, page_key};
use crate::clock::Clock;
use crate::config::Config;
use crate::net::client::CallbackClient;
use crate::net::plain;
use crate::random::Random;
use crate::store::Store;
use crate::workers::{self, archive_old, fetch_rates, send_mails, share_news};
use crate::{lock, scrape, server};

type Failed = Box<dyn std::error::Error>;

/// Serves until `stop` is cancelled, then finishes what was begun.
pub async fn run(config: Config, stop: CancellationToken) -> Result<(), Failed> {
    std::fs::create_dir_all(&config.data_dir)?;
    let mut lock = lock::take(&config.data_dir)?;
    let store = Store::open(&config.database)?;
    same_master_key(&store, &config.master_key).await?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    let metrics = match config.operations.metrics {
        Some(address) => Some(scrape::listen(address).await?),
        None => None,
    };
    let http = plain::client()?;
    let app = app(&config, store, &http).await?;

    look_at_configured(&app, config.payee_wait_millis).await?;

    // workers go on while requests are drained: until then nobody else does what is this node's
    let (tasks, rest) = (TaskTracker::new(), CancellationToken::new());
    let (is_ours, line) = share_news::enter(&app, &lock.node).await?;
    if !is_ours {
        lock.rename()?;
        tracing::warn!(
            node = lock.node,
            "Another gateway works under this directory's name: was the directory copied? This one has a new name"
        );
        if let Some(line) = &line {
            line.claim(&lock.node).await?;
        }
    }
    workers::start(&app, &lock.node, CallbackClient::new(app.policy)?, &rest, &tasks);
    tasks.spawn(fetch_rates::run(app.clone(), config.rate_sources.clone(), http, rest.clone()));
    if let Some(server) = &config.smtp {
        tasks.spawn(send_mails::run(app.clone(), server.clone(), rest.clone()));
    }
    if let Some(listener) = metrics {
        let scraped = scrape::Scraped::new(app.clone(), &lock.node, config.smtp.is_some());
        tasks.spawn(scrape::serve(listener, scraped, rest.clone()));
    }
    if let Some(retention) = &config.retention {
        tasks.spawn(archive_old::run(app.clone(), retention.clone(), lock.node.clone(), rest.clone()));
    }
    tracing::info!(listen = %config.listen, base_url = app.base_url, chains = app.chains.len(), "Serving");
    let limits = PerMinute { per_key: config.limits.per_key_per_minute, per_ip: config.limits.per_ip_per_minute };
    let web = server::web(app.clone(), limits, config.trusted_proxies.clone(), stop.clone());
    tasks.spawn(share_news::run(app, web.limits.clone(), lock.node.clone(), line, rest.clone()));
    let more = crate::dashboard::switch::routes(&web);
    let served = server::serve(listener, web, more, &tasks, config.operations.drain).await;
    stop.cancel();
    rest.cancel();
    tasks.close();
    tasks.wait().await;
    Ok(served?)
}

/// The gateway's parts, without anything running.
pub async fn app(config: &Config, store: Store, http: &reqwest::Client) -> Result<SharedApp, Failed> {
    let random = Random::system();
    let chains = config.chains(http.clone())?;
    let app = App {
        page_key: page_key(&store, &random).await?,
        store,
        clock: Clock::system(),
        random,
        master_key: config.master_key.clone(),
        policy: config.policy(),
        sandbox: false,
        base_url: config.base_url.clone(),
        assets: config.assets(),
        chains: chains.into_iter().map(|chain| (chain.name.clone(), chain)).collect(),
        rates: RateBook::fixed(config.fixed_rates.clone()),
        providers: Providers::new(http.clone()),
        cards: config.cards,
        settlement_coin: config.settlement_coin.clone(),
        default_fee: config.default_fee,
        operator_email: config.operator_email.clone(),
        payee_wait_millis: config.payee_wait_millis,
        switch: config.sandbox.clone(),
        wake: Wake::default(),
    };
    app.agree_on_time().await?;
    Ok(Arc::new(app))
}
