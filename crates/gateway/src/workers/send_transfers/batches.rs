//! Several transfers of one coin in one transaction, through the contract that sends to many, where that is cheaper.
//!
//! One bad receiver would make all of it fail: what the node finds impossible is halved until he is alone, and goes the way of a single
//! transfer. The contract moves what the treasury has approved, never more than one day's cap.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, U256};
use domain::Units;
use domain::time::SECOND;
use rails::evm::artifact::multi_send_address;
use rails::evm::rpc::{CallRequest, RpcError};
use rails::evm::sign::GasKey;
use rails::evm::token::{allowance, approve_call, send_many_call, transfer_call};

use super::{TransferFailed, again_later, can_pay, store_and_send, write_all};
use crate::app::SharedApp;
use crate::app::chains::{Chain, Treasury};
use crate::app::deploy::{Contract, DeployFailed, Deployed, status};
use crate::app::treasury::batch::{approval_of, store_other, underway};
use crate::app::treasury::plan::{Fit, allowed_at_most, is_approval_worth, judge_together};
use crate::app::treasury::send::{Carried, objection, sent_today};
use crate::app::treasury::wallets::Wallets;
use crate::crash::crash_point;
use crate::store::chain_txs::{BytesRow, ChainTxRow, Purpose};
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx};
use crate::workers::transactions::{NewCall, SendFailed, name_of, send as send_bytes, sign_new};

/// The most that one transaction carries, and the most gas that it may use: well below what any block holds.
const MOST: usize = 50;
const GAS_AT_MOST: u64 = 10_000_000;
/// Between two looks whether what they wait for is in a block.
const WAIT_MILLIS: i64 = 2 * SECOND;

/// Whose coins go, and over what.
#[derive(Clone, Copy)]
struct Way<'a> {
    app: &'a SharedApp,
    chain: &'a Chain,
    key: &'a GasKey,
    token: Address,
}

/// Sends what can go together. Answers what is to go alone; the rest is on its way, or waits.
pub(super) async fn send(
    app: &SharedApp,
    chain: &Chain,
    treasury: &Treasury,
    key: &GasKey,
    due: Vec<TransferRow>,
) -> (Vec<TransferRow>, Result<(), TransferFailed>) {
    let mut result = Ok(());
    let (mut alone, mut coins) = (Vec::new(), BTreeMap::<String, Vec<TransferRow>>::new());
    for row in due {
        if row.alone { alone.push(row) } else { coins.entry(row.asset.clone()).or_default().push(row) }
    }
    for rows in coins.into_values() {
        if rows.len() < 2 {
            alone.extend(rows);
            continue;
        }
        let waiting = rows.clone();
        match of_one_coin(app, chain, treasury, key, rows).await {
            Ok(rest) => alone.extend(rest),
            Err(error) => {
                // those that were stored before it went wrong have changed, and are left as they are
                for row in waiting {
                    if let Err(error) = again_later(app, row, &error).await {
                        return (Vec::new(), Err(error));
                    }
                }
                result = Err(error);
            }
        }
    }
    alone.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    (alone, result)
}

fn rows_of(fits: Vec<Fit>) -> impl Iterator<Item = TransferRow> {
    fits.into_iter().map(|fit| fit.row)
}

async fn of_one_coin(
    app: &SharedApp,
    chain: &Chain,
    treasury: &Treasury,
    key: &GasKey,
    rows: Vec<TransferRow>,
) -> Result<Vec<TransferRow>, TransferFailed> {
    let asset = rows.first().and_then(|row| chain.assets.iter().find(|asset| asset.code == row.asset));
    let Some(asset) = asset else { return Ok(rows) };
    let now = app.now();
    let look = |tx: &Tx<'_>| {
        Ok::<_, StoreError>((sent_today(tx, &chain.name, &asset.code, now)?, Wallets::read(tx, &chain.name)?))
    };
    let (sent, wallets) = app.store.read(look).await?;
    // what may not go at all is told so one by one
    let (not, rows) = rows.into_iter().partition(|row| objection(&wallets, treasury, row, now).is_some());
    let (token, fits, mut alone) = judge_together(chain, treasury, rows, sent, now);
    alone.extend::<Vec<TransferRow>>(not);
    let (Some(token), true) = (token, fits.len() > 1) else {
        alone.extend(rows_of(fits));
        return Ok(alone);
    };
    let way = Way { app, chain, key, token };
    let spender = multi_send_address();
    let allowed = match status(chain, Contract::MultiSend).await {
        Ok(Deployed::Yes) => allowance(&chain.rpc, token, key.address(), spender).await?,
        Err(DeployFailed::Rpc(error)) => return Err(error.into()),
        Ok(Deployed::No) | Err(_) => None,
    };
    // without the contract, or of a coin that knows no allowance, each goes alone
    let Some(allowed) = allowed else {
        alone.extend(rows_of(fits));
        return Ok(alone);
    };
    let sum = fits.iter().fold(U256::ZERO, |sum, fit| sum.saturating_add(U256::from(fit.units)));
    let (sender, receiver) = (name_of(key.address()), name_of(spender));
    let look = |tx: &Tx<'_>| underway(tx, &chain.name, &sender, &receiver, (&asset.code, token));
    let underway = app.store.read(look).await?;
    if allowed < sum {
        if underway.in_vain {
            alone.extend(rows_of(fits));
        } else if underway.is_approving {
            way.wait(fits, "the approval before it").await?;
        } else {
            alone.extend(way.approve(fits, allowed_at_most(treasury, asset), allowed).await?);
        }
    } else if allowed < sum.saturating_add(U256::from(underway.in_flight.0)) {
        way.wait(fits, "the batch before it").await?;
    } else {
        alone.extend(way.in_parts(fits).await?);
    }
    Ok(alone)
}

/// What became of transfers that were to go together.
enum Tried {
    /// Stored and sent, or another process was quicker.
    Gone,
    /// The node finds it impossible, or it is too large.
    Halve,
    /// Each by itself costs no more.
    Alone,
}

impl Way<'_> {
    /// Sends batches, halving what is impossible. Answers what is to go alone.
    async fn in_parts(&self, fits: Vec<Fit>) -> Result<Vec<TransferRow>, TransferFailed> {
        let mut alone = Vec::new();
        let mut parts: Vec<Vec<Fit>> = fits.chunks(MOST).rev().map(<[Fit]>::to_vec).collect();
        while let Some(mut part) = parts.pop() {
            let tried = if part.len() > 1 { self.together(&part).await? } else { Tried::Alone };
            match tried {
                Tried::Gone => {}
                Tried::Alone => alone.extend(rows_of(part)),
                Tried::Halve => {
                    let second = part.split_off(part.len() / 2);
                    parts.extend([second, part]);
                }
            }
        }
        Ok(alone)
    }

    async fn together(&self, part: &[Fit]) -> Result<Tried, TransferFailed> {
        let to = multi_send_address();
        let all: Vec<(Address, u128)> = part.iter().map(|fit| (fit.to, fit.units)).collect();
        let input = send_many_call(self.token, &all);
        let gas = match self.estimate(to, input.clone()).await? {
            Some(gas) if gas <= GAS_AT_MOST => gas,
            _ => return Ok(Tried::Halve),
        };
        let mut singles = 0u64;
        for fit in part {
            let Some(single) = self.estimate(self.token, transfer_call(fit.to, fit.units)).await? else {
                return Ok(Tried::Alone);
            };
            singles = singles.saturating_add(single);
            if singles > gas {
                break;
            }
        }
        if gas >= singles {
            return Ok(Tried::Alone);
        }
        let carried: Vec<Carried> = part.iter().map(|fit| Carried::of(&fit.row)).collect();
        let items = serde_json::to_string(&carried).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        let new = NewCall { purpose: Purpose::Transfer, items, to, input };
        let signed = match sign_new(self.app, self.chain, self.key, new).await {
            Err(SendFailed::Impossible(_)) => return Ok(Tried::Halve),
            signed => signed?,
        };
        let rows = part.iter().map(|fit| fit.row.clone()).collect();
        store_and_send(self.app, self.chain, self.key, rows, signed).await?;
        Ok(Tried::Gone)
    }

    /// Units of gas; `None` when the node finds the call impossible.
    async fn estimate(&self, to: Address, input: Bytes) -> Result<Option<u64>, TransferFailed> {
        let call = CallRequest { from: Some(self.key.address()), to, value: 0, input };
        match self.chain.rpc.estimate_gas(&call).await {
            Ok(gas) => Ok(Some(gas)),
            Err(RpcError::Node { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets the contract move up to a day's cap of the coin, if that pays; then these wait for it. Answers what is to go alone.
    async fn approve(&self, fits: Vec<Fit>, most: Units, allowed: U256) -> Result<Vec<TransferRow>, TransferFailed> {
        let (mut good, mut alone, mut singles) = (Vec::new(), Vec::new(), Vec::new());
        for fit in fits {
            match self.estimate(self.token, transfer_call(fit.to, fit.units)).await? {
                Some(gas) => {
                    singles.push(gas);
                    good.push(fit);
                }
                None => alone.push(fit.row),
            }
        }
        let spender = multi_send_address();
        let mut input = approve_call(spender, most.0);
        let mut gas = self.estimate(self.token, input.clone()).await?;
        if gas.is_none() && !allowed.is_zero() {
            // some coins, USDT on Ethereum among them, want the rest taken back first
            input = approve_call(spender, 0);
            gas = self.estimate(self.token, input.clone()).await?;
        }
        if !gas.is_some_and(|gas| is_approval_worth(gas, &singles)) {
            alone.extend(rows_of(good));
            return Ok(alone);
        }
        let new = NewCall { purpose: Purpose::Transfer, items: approval_of(self.token), to: self.token, input };
        let signed = sign_new(self.app, self.chain, self.key, new).await?;
        can_pay(self.chain, self.key, &signed).await?;
        self.store_approval(signed).await?;
        self.wait(good, "the approval before it").await?;
        Ok(alone)
    }

    async fn store_approval(&self, signed: (ChainTxRow, BytesRow)) -> Result<(), TransferFailed> {
        crash_point("approval.before_store");
        let kept = signed.clone();
        match self.app.store.write(move |tx| store_other(tx, &kept.0, &kept.1)).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            // another process was quicker with the nonce
            Err(error) if error.is_taken() => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        crash_point("approval.after_store");
        let (sent, bytes) = signed;
        let name = &self.chain.name;
        tracing::info!(chain = name, nonce = sent.nonce, hash = bytes.hash, "Approving the multi-send contract");
        send_bytes(self.chain, &bytes).await;
        crash_point("approval.after_send");
        Ok(())
    }

    /// They are looked at again in a moment, and let others by; the rows say what they wait for.
    async fn wait(&self, fits: Vec<Fit>, what: &str) -> Result<(), TransferFailed> {
        let until = self.app.now().plus(WAIT_MILLIS);
        let mut rows: Vec<TransferRow> = rows_of(fits).collect();
        for row in &mut rows {
            (row.due_at, row.note) = (Some(until), Some(format!("it goes with others, and waits for {what}")));
        }
        write_all(self.app, rows).await
    }
}
