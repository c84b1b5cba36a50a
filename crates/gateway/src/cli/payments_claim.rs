//! `lockgate payments claim`.

use std::process::ExitCode;

use alloy_primitives::{Address, B256};

use super::place::load;
use super::{Outcome, say};
use crate::app::App;
use crate::app::claims::{Holding, holdings, plan};
use crate::net::plain;
use crate::store::{Store, StoreError, merchants};
use crate::workers::flush_deposits::send_plan;

pub async fn claim(config: &std::path::Path, merchant: i64, invoice: i64, tx: Option<&str>, flush: bool) -> Outcome {
    let config = load(config)?;
    let store = Store::open(&config.database)?;
    let app = crate::live::app(&config, store, &plain::client()?).await?;
    let found = app.store.read(|tx| merchants::by_number(tx, merchant)).await.map_err(|error: StoreError| error)?;
    let merchant = found.ok_or_else(|| format!("there is no merchant {merchant}"))?;
    let found = holdings(&app, &merchant, invoice).await?;
    if found.is_empty() {
        return Err(format!("invoice {invoice} has no deposit address: the payer never chose a coin").into());
    }
    found.iter().for_each(show);
    if let Some(hash) = tx {
        explain(&app, &found, hash.parse().map_err(|_| format!("{hash} is no transaction hash"))?).await;
    }
    if !found.iter().any(Holding::is_unexplained) {
        say("The chain holds nothing here that is not recorded.");
        return Ok(ExitCode::SUCCESS);
    }
    if !flush {
        say(
            "There is money that no recorded payment explains. If it stays so (the watcher may be a moment behind), add --flush:",
        );
        say(
            "it is paid to the merchant's and the fee wallet like all other, and recorded from what the contract reports.",
        );
        return Ok(ExitCode::FAILURE);
    }
    for chain in app.chains.values() {
        let plan = plan(&merchant, chain, &found);
        if plan.items.is_empty() {
            continue;
        }
        let key = chain.gas_key.as_ref().ok_or("set LOCKGATE_GAS_KEY: a flush needs gas")?;
        let hash = send_plan(&app, chain, key, &plan).await?;
        say(&format!("{}: flushing in {hash}; the running gateway sees it to its end", chain.name));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(holding: &Holding) {
    let Holding { attempt, asset, holds, recorded } = holding;
    if holds.is_zero() && recorded.is_zero() && asset.code != attempt.asset {
        return;
    }
    say(&format!(
        "{} {}: holds {}, recorded {}{}",
        Address::from(attempt.address),
        asset.code,
        holds.decimal(asset.decimals, 0),
        recorded.decimal(asset.decimals, 0),
        if asset.code == attempt.asset { "" } else { " (not the coin that was asked for)" },
    ));
}

/// Why a transaction that the payer names is not a payment of this invoice, or that it is.
async fn explain(app: &App, found: &[Holding], hash: B256) {
    let addresses: Vec<Address> = found.iter().map(|holding| Address::from(holding.attempt.address)).collect();
    for chain in app.chains.values() {
        let receipt = match chain.rpc.receipt(hash).await {
            Ok(Some(receipt)) => receipt,
            Ok(None) => {
                say(&format!("{}: no such transaction in a block", chain.name));
                continue;
            }
            Err(error) => {
                say(&format!("{}: {error}", chain.name));
                continue;
            }
        };
        if !receipt.succeeded() {
            say(&format!("{}: the transaction failed: no coins moved", chain.name));
            continue;
        }
        let words: Vec<B256> = addresses.iter().map(|address| address.into_word()).collect();
        let to_us: Vec<_> =
            receipt.logs.iter().filter(|log| log.topics.get(2).is_some_and(|to| words.contains(to))).collect();
        if to_us.is_empty() {
            say(&format!("{}: no token transfer in it goes to an address of this invoice", chain.name));
        }
        for log in to_us {
            match chain.asset_of(Some(log.address)) {
                Some(asset) => say(&format!(
                    "{}: it pays {} to this invoice, in block {}",
                    chain.name, asset.code, receipt.block_number
                )),
                None => say(&format!(
                    "{}: it sends a token ({}) that is not watched; anyone may call flush for it",
                    chain.name, log.address
                )),
            }
        }
    }
}
