//! `lockgate doctor`: each line says what is so, and if it is not right, what to do.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use clap::Args;
use domain::Time;
use domain::asset::{Asset, Kind};
use domain::fiat::DEVISES;
use rails::evm::abi::Erc20::decimalsCall;
use rails::evm::rpc::CallRequest;

use super::place::load;
use super::treasury::about_wallets;
use super::{Outcome, say};
use crate::app::chains::Chain;
use crate::app::deploy::{Contract, Deployed, status};
use crate::app::mails as outbox;
use crate::app::master_key::same_master_key;
use crate::app::rates::RateBook;
use crate::app::treasury::wallets::Wallets;
use crate::clock::Clock;
use crate::config::Config;
use crate::net::plain;
use crate::net::reach::reach;
use crate::net::smtp::SmtpServer;
use crate::store::chain_txs::{self, Purpose};
use crate::store::{Store, StoreError, Tx, mails, merchants};
use crate::wire::time::written;
use crate::workers::fetch_rates::currencies;

#[derive(Debug, Args)]
pub struct Doctor {
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Findings so far.
#[derive(Debug, Default)]
struct Findings {
    wrong: u32,
}

impl Findings {
    fn ok(&self, what: &str) {
        say(&format!("ok     {what}"));
    }

    fn note(&self, what: &str) {
        say(&format!("note   {what}"));
    }

    fn wrong(&mut self, what: &str) {
        self.wrong += 1;
        say(&format!("WRONG  {what}"));
    }
}

impl Doctor {
    pub async fn run(self) -> Outcome {
        let mut findings = Findings::default();
        let config = match load(&self.config) {
            Ok(config) => config,
            Err(error) => {
                findings.wrong(&format!("configuration: {error}"));
                return Ok(ExitCode::FAILURE);
            }
        };
        findings.ok(&format!("configuration: {}", self.config.display()));
        disk(&config, &mut findings);
        let store = database(&config, &mut findings).await;
        mail(&config, store.as_ref(), &mut findings).await?;
        rates(&config, &plain::client()?, &mut findings).await;
        for chain in config.chains(plain::client()?)? {
            look_at(&chain, &mut findings).await;
            treasury(&chain, store.as_ref(), &mut findings).await?;
        }
        if let Some(store) = store {
            callbacks(&config, &store, &mut findings).await?;
        }
        say(&match findings.wrong {
            0 => "Everything is in order.".to_owned(),
            wrong => format!("{wrong} to mend."),
        });
        Ok(if findings.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

async fn database(config: &Config, findings: &mut Findings) -> Option<Store> {
    let database = &config.database;
    if !database.exists() {
        findings.wrong(&format!("database: none at {}: run `lockgate migrate`", database.name()));
        return None;
    }
    let opened = database.check_whole().and_then(|()| Store::open(database));
    match opened {
        Ok(store) => {
            findings.ok(&format!("database: {} is sound", database.name()));
            if let Err(error) = same_master_key(&store, &config.master_key).await {
                findings.wrong(&format!("master key: {error}"));
            }
            Some(store)
        }
        Err(error) => {
            findings.wrong(&format!("database: {error}"));
            None
        }
    }
}

/// For a person who waits.
const LOOK_PATIENCE: Duration = Duration::from_secs(10);

/// Whether mails can go, and what became of those that there are.
async fn mail(config: &Config, store: Option<&Store>, findings: &mut Findings) -> Result<(), StoreError> {
    match &config.smtp {
        None => findings.note("mail: no [smtp] is configured: pass on yourself what is in `lockgate mails`"),
        Some(server) => match (SmtpServer { patience: LOOK_PATIENCE, ..server.clone() }).look().await {
            Ok(()) => findings.ok(&format!("mail: {}:{} answers", server.host, server.port)),
            Err(error) => findings.wrong(&format!("mail: {}:{}: {error}", server.host, server.port)),
        },
    }
    let Some(store) = store else { return Ok(()) };
    let (waiting, failed, since) = outbox::standing(&store.read(mails::list).await?);
    if let Some(since) = since {
        findings.note(&format!("mail: {waiting} wait, the oldest since {} UTC", written(since.0)));
    }
    if failed > 0 {
        findings.note(&format!("mail: {failed} could not be sent: `lockgate mails` says why"));
    }
    Ok(())
}

/// Below this, a database that grows can stop a sale.
const LITTLE_SPACE: u64 = 2 << 30;

fn disk(config: &Config, findings: &mut Findings) {
    let dir = config.data_dir.ancestors().find(|dir| dir.exists()).unwrap_or(&config.data_dir);
    match rustix::fs::statvfs(dir) {
        Ok(space) => {
            let free = space.f_bavail.saturating_mul(space.f_frsize);
            let text = format!("disk: {} MiB free at {}", free >> 20, dir.display());
            if free < LITTLE_SPACE {
                findings.wrong(&format!("{text}: make room or move data_dir"))
            } else {
                findings.ok(&text)
            }
        }
        Err(error) => findings.wrong(&format!("disk: {}: {error}", dir.display())),
    }
}

/// What currencies cost, as the sources say now. Whether any is needed depends on the accounts, so a missing one is no fault.
async fn rates(config: &Config, http: &reqwest::Client, findings: &mut Findings) {
    let (book, now) = (RateBook::fixed(config.fixed_rates.clone()), Time(Clock::system().now()));
    for source in &config.rate_sources {
        match currencies::fetch(source, http, now).await {
            Ok(quotes) => quotes.into_iter().for_each(|(symbol, quote)| book.quote(&symbol, quote)),
            Err(error) => findings.wrong(&format!("rates: {} gave no currency rates: {error}", source.name())),
        }
    }
    for code in DEVISES {
        match book.fiat("USD", code, now) {
            Ok(None) => {}
            Ok(Some(rate)) => findings.ok(&format!("rates: 1 USD is {} {code} ({})", rate.price, rate.source)),
            Err(error) => findings.note(&format!(
                "rates: {error}: nobody can be charged in {code} for an invoice in USD; `rates.sources` may name ecb and coingecko"
            )),
        }
    }
}

/// A clock that differs more than this from a chain's newest block is suspect.
const SKEW_SECONDS: i64 = 120;

async fn look_at(chain: &Chain, findings: &mut Findings) {
    let name = &chain.name;
    match chain.rpc.chain_id().await {
        Ok(id) if id == chain.chain_id => {}
        Ok(id) => {
            return findings.wrong(&format!("{name}: the node serves chain {id}, not {}: mend `rpc`", chain.chain_id));
        }
        Err(error) => return findings.wrong(&format!("{name}: {error}: check `rpc` and the network")),
    }
    match chain.rpc.block_by_tag("latest").await {
        Ok(Some(head)) => {
            let age = Clock::system().now() / 1_000 - i64::try_from(head.time_s).unwrap_or(i64::MAX);
            let text = format!("{name}: newest block {} is {age} s old by this machine's clock", head.number);
            if age.abs() <= SKEW_SECONDS {
                findings.ok(&text);
            } else {
                findings.wrong(&format!("{text}: check the clock (NTP), or the node is behind"));
            }
        }
        Ok(None) => findings.wrong(&format!("{name}: the node has no newest block: check the node")),
        Err(error) => findings.wrong(&format!("{name}: {error}")),
    }
    for asset in &chain.assets {
        token(chain, asset, findings).await;
    }
    match status(chain, Contract::Factory).await {
        Ok(Deployed::Yes) => findings.ok(&format!("{name}: the forwarder factory is there")),
        Ok(Deployed::No) => findings.wrong(&format!("{name}: no forwarder factory: `lockgate chain deploy {name}`")),
        Err(error) => findings.wrong(&format!("{name}: {error}")),
    }
    if chain.treasury.is_some() {
        match status(chain, Contract::MultiSend).await {
            Ok(Deployed::Yes) => findings.ok(&format!("{name}: the multi-send contract is there")),
            Ok(Deployed::No) => findings.note(&format!(
                "{name}: no multi-send contract: the treasury pays each transfer by a transaction of its own; `lockgate chain deploy {name}`"
            )),
            Err(error) => findings.wrong(&format!("{name}: {error}")),
        }
    }
    let Some(key) = &chain.gas_key else {
        return findings.note(&format!("{name}: no gas key: set LOCKGATE_GAS_KEY, or flush by other means"));
    };
    match chain.rpc.balance(key.address()).await {
        Ok(balance) if balance.is_zero() => {
            findings.wrong(&format!("{name}: the gas key {} has no coins: send it some", key.address()));
        }
        Ok(balance) => findings.ok(&format!("{name}: the gas key {} has {balance} wei", key.address())),
        Err(error) => findings.wrong(&format!("{name}: {error}")),
    }
}

/// Days that a change of the treasury waits, and what is out to be signed for days, are the operator's to look at.
const LONG_OUT_MILLIS: i64 = 2 * domain::time::DAY;

async fn treasury(chain: &Chain, store: Option<&Store>, findings: &mut Findings) -> Result<(), StoreError> {
    let (Some(treasury), name) = (&chain.treasury, &chain.name) else { return Ok(()) };
    let signer = if treasury.key().is_some() { "signed for here" } else { "signed for offline" };
    match chain.rpc.balance(treasury.address()).await {
        Ok(balance) if balance.is_zero() => {
            findings.wrong(&format!(
                "{name}: the treasury {} has no native coin for gas: send it some",
                treasury.address()
            ));
        }
        Ok(balance) => {
            findings.ok(&format!("{name}: the treasury {}, {signer}, has {balance} wei", treasury.address()))
        }
        Err(error) => findings.wrong(&format!("{name}: {error}")),
    }
    let Some(store) = store else { return Ok(()) };
    let read =
        |tx: &Tx<'_>| Ok::<_, StoreError>((Wallets::read(tx, name)?, chain_txs::open(tx, name, Purpose::Transfer)?));
    let (wallets, open) = store.read(read).await?;
    for line in about_wallets(chain, &wallets) {
        findings.note(&format!("{name}: {line}"));
    }
    let now = Time(Clock::system().now());
    for sent in open.iter().filter(|sent| sent.state == "unsigned" && now.since(sent.created_at) > LONG_OUT_MILLIS) {
        findings.note(&format!(
            "{name}: nonce {} of {} went out to be signed days ago: import it, or `lockgate treasury export --again`; if its transfer is \
             over, `lockgate treasury export --call-off` frees the nonce",
            sent.nonce, sent.sender
        ));
    }
    Ok(())
}

/// A wrong token address or number of decimals would take wrong amounts: the contract is asked.
async fn token(chain: &Chain, asset: &Asset, findings: &mut Findings) {
    let Kind::Token(contract) = asset.kind else { return };
    let contract = Address::from(contract);
    let input = Bytes::from(decimalsCall {}.abi_encode());
    let call = CallRequest { from: None, to: contract, value: 0, input };
    match chain.rpc.call(&call).await {
        Ok(answer) if U256::try_from_be_slice(&answer) == Some(U256::from(asset.decimals)) => {
            findings.ok(&format!("{}: {} at {contract} has {} decimals", chain.name, asset.code, asset.decimals));
        }
        Ok(_) => findings.wrong(&format!(
            "{}: {} at {contract} is no token with {} decimals: mend the configuration, and take no payment in it until then",
            chain.name, asset.code, asset.decimals
        )),
        Err(error) => findings.wrong(&format!("{}: {}: {error}", chain.name, asset.code)),
    }
}

async fn callbacks(config: &Config, store: &Store, findings: &mut Findings) -> Result<(), Box<dyn std::error::Error>> {
    let merchants = store.read(merchants::list).await?;
    if merchants.is_empty() {
        findings.note("merchants: none: `lockgate merchant create`");
    }
    for merchant in merchants {
        let Some(url) = &merchant.callback_url else {
            findings.note(&format!("merchant {}: no callback URL: `lockgate merchant callback set`", merchant.number));
            continue;
        };
        match reach(url, config.policy()).await {
            Ok(()) => findings.ok(&format!("merchant {}: the host of its callback URL answers", merchant.number)),
            Err(error) => findings.wrong(&format!("merchant {}: callbacks: {error}", merchant.number)),
        }
    }
    Ok(())
}
