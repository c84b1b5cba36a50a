//! The sandbox's treasury: filled once by its operator, and paid into by whoever asks for it.

use std::path::Path;
use std::time::Duration;

use alloy_primitives::Address;
use axum::body::Bytes;
use axum::extract::State;
use domain::Units;
use domain::asset::Kind;
use rails::evm::keystore;
use rails::sim::PayRefused;
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::controls::{Answer, Refused, answered, read};
use super::seed::{CHAIN, fund_gas};
use super::{Sandbox, SandboxChain, SandboxFailed};
use crate::app::SharedApp;
use crate::app::treasury::moves::{TopUpRefused, top_up};
use crate::app::treasury::wallets::Wallets;
use crate::store::{Store, StoreError, Tx, settings};

const FILLED: &str = "sandbox_treasury";
/// What the sandbox's operator puts in: base units of 6 decimals.
const COINS: &[(&str, u128)] = &[("USDC", 100_000_000_000), ("USDT", 100_000_000_000)];

/// Which of the sandbox's keys is the treasury's, and where it is: `hot`, `offline`, or one of the two, a colon and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreasuryKey {
    /// Another number is another wallet.
    pub number: u64,
    /// Not known to the gateway: it is in a key file beside the database.
    pub offline: bool,
}

impl Default for TreasuryKey {
    fn default() -> Self {
        TreasuryKey { number: 1, offline: false }
    }
}

impl std::str::FromStr for TreasuryKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, number) = text.split_once(':').unwrap_or((text, "1"));
        let number = number.parse().ok().filter(|number| *number > 0);
        match (kind, number) {
            ("hot", Some(number)) => Ok(TreasuryKey { number, offline: false }),
            ("offline", Some(number)) => Ok(TreasuryKey { number, offline: true }),
            _ => Err("is hot or offline; another number makes another wallet, e.g. hot:2".into()),
        }
    }
}

impl std::fmt::Display for TreasuryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", if self.offline { "offline" } else { "hot" }, self.number)
    }
}

/// The setting that keeps it.
const KEY: &str = "sandbox_treasury_key";
/// What opens a sandbox's key file. No secret: nothing in a sandbox is worth anything.
pub const PASSPHRASE: &str = "a passphrase for the sandbox";

impl TreasuryKey {
    /// What the sandbox was started with last.
    pub fn kept(tx: &Tx<'_>) -> Result<TreasuryKey, StoreError> {
        let kept = settings::get(tx, KEY)?.and_then(|text| text.parse().ok());
        Ok(kept.unwrap_or_default())
    }

    /// As wanted, else as kept; an offline one's key file is in `dir` afterwards.
    pub async fn choose(
        store: &Store,
        wanted: Option<TreasuryKey>,
        seed: u64,
        dir: &Path,
    ) -> Result<TreasuryKey, SandboxFailed> {
        let key = store
            .write(move |tx| match wanted {
                Some(wanted) => settings::put(tx, KEY, &wanted.to_string()).map(|()| wanted),
                None => TreasuryKey::kept(tx),
            })
            .await?;
        let path = dir.join(format!("treasury-{}.json", key.number));
        if key.offline && !path.exists() {
            let sealed = keystore::seal(&path, &super::seed::treasury_key(seed, key), PASSPHRASE);
            sealed.map_err(|error| SandboxFailed::Chain(format!("{}: {error}", path.display())))?;
        }
        Ok(key)
    }

    pub(super) fn purpose(self) -> String {
        match self.number {
            1 => "sandbox treasury key".into(),
            number => format!("sandbox treasury key {number}"),
        }
    }
}

/// Gives a treasury gas, and a new one coins, by transfers on the chain like any other; they wait for the next block. One that comes after
/// the first gets gas only: coins that come before it is the treasury are in no book.
pub async fn fill(store: &Store, sim: &SandboxChain, wallet: Address, key: TreasuryKey) -> Result<(), SandboxFailed> {
    let is_filled = store.read(|tx| settings::get(tx, FILLED)).await?.is_some();
    let coins = if key.number == 1 && !is_filled { COINS } else { &[] };
    let hashes = sim
        .set_up(|chain, _| -> Result<Vec<String>, PayRefused> {
            fund_gas(chain, wallet)?;
            coins.iter().map(|(symbol, units)| Ok(chain.pay_token(symbol, wallet, *units)?.to_string())).collect()
        })
        .await?
        .map_err(|error| SandboxFailed::Chain(error.to_string()))?;
    if !coins.is_empty() {
        store.write(move |tx| settings::put(tx, FILLED, &hashes.join(" "))).await?;
    }
    Ok(())
}

/// Declares what the treasury was filled with as the operator's, once the watcher says that it is final.
pub async fn declare(app: SharedApp, stop: CancellationToken) {
    let hashes = app.store.read(|tx| settings::get(tx, FILLED)).await.ok().flatten().unwrap_or_default();
    for hash in hashes.split(' ').map(str::to_owned) {
        loop {
            let (worker, hash) = (app.clone(), hash.clone());
            let declared = app.store.write(move |tx| top_up(tx, CHAIN, &hash, "sandbox", worker.now())).await;
            match declared {
                Err(TopUpRefused::NotSeen | TopUpRefused::NotFinal) => {}
                Err(TopUpRefused::Store(error)) => tracing::error!(%error, "The treasury's coins were not declared"),
                Ok(_) | Err(TopUpRefused::Declared | TopUpRefused::Claimed(_) | TopUpRefused::Named(_)) => break,
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(300)) => {}
            }
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deposit {
    /// The coin's code, e.g. `USDC_polygon`.
    asset: String,
    /// Whole coins, in decimal notation.
    amount: String,
    /// Whether to mine a block at once (default), or leave the transaction waiting.
    #[serde(default = "yes")]
    mine: bool,
}

fn yes() -> bool {
    true
}

/// `POST /sandbox/treasury/deposits`: somebody sends coins to the treasury.
pub async fn deposit(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let order: Deposit = read(&body)?;
    let app = &sandbox.app;
    let asset = app.assets.iter().find(|asset| asset.is_called(&order.asset));
    let asset = asset.ok_or_else(|| Refused::Bad(format!("asset: there is no coin {}.", order.asset)))?;
    let wallets = app.store.read(|tx| Wallets::read(tx, &asset.chain)).await?;
    let Some(treasury) = wallets.active() else {
        return Err(Refused::Bad(format!("asset: there is no treasury on {}.", asset.chain)));
    };
    let units = Units::parse(&order.amount, asset.decimals);
    let units = units.map_err(|error| Refused::Bad(format!("amount: {error}.")))?;
    if units.is_zero() {
        return Err(Refused::Bad("amount: must be above zero.".into()));
    }
    let token = matches!(asset.kind, Kind::Token(_)).then_some(asset.symbol.as_str());
    let paid = sandbox.chain.pay(token, treasury, units.0).await?;
    let hash = paid.map_err(|error| Refused::Bad(format!("The payer could not pay: {error}.")))?;
    if order.mine {
        sandbox.chain.mine(1).await?;
        app.wake.chains.notify_one();
    }
    Ok(answered(&json!({
        "tx_hash": hash.to_string(),
        "asset": asset.code,
        "amount": units.decimal(asset.decimals, 0),
        "to": treasury.to_string(),
        "from": sandbox.chain.look(|chain| chain.payer_address().to_string()).await,
    })))
}
