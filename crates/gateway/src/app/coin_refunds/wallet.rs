//! A refund from the merchant's own wallet: what he is to sign, which transaction he says it was, and what the chain says of it.

use alloy_primitives::{Address, B256, U256};
use domain::asset::{Asset, Kind};
use domain::coin_refund::{Source, State};
use domain::confirmations::depth;
use domain::time::{DAY, MINUTE, SECOND};
use domain::{RefundId, Time};
use rails::evm::logs::{LogEvent, decode};
use rails::evm::rpc::{Receipt, RpcError};
use rails::evm::token::transfer_call;
use serde_json::{Value, json};

use super::acts::{Of, existing};
use super::{Refused, about};
use crate::app::acts::{Actor, record, record_for};
use crate::app::chains::Chain;
use crate::app::{App, SharedApp};
use crate::store::coin_refunds::{self, CoinRefundRow};
use crate::store::{StoreError, Tx};

/// A transaction that was named and is in no block after so long is not waited for any more.
const WAIT_MILLIS: i64 = DAY;
/// How far a chain's clock may be behind ours.
const CLOCKS_APART_MILLIS: i64 = MINUTE;

/// What the merchant's wallet has to pay.
#[derive(Debug)]
pub struct Due<'a> {
    pub chain: &'a Chain,
    pub asset: &'a Asset,
    pub wallet: Address,
    pub to: Address,
}

/// The contract of a coin that has one.
pub fn contract(asset: &Asset) -> Option<Address> {
    match asset.kind {
        Kind::Token(contract) => Some(contract.into()),
        Kind::Native => None,
    }
}

/// Nothing before the payer has confirmed, or where the treasury pays.
pub fn due<'a>(app: &'a App, row: &CoinRefundRow) -> Result<Due<'a>, Refused> {
    let (wallet, to) = ends(row)?;
    let unknown = || Refused::UnknownCoin(row.asset.clone());
    let (chain, asset) = app.chains.get(&row.chain).zip(app.asset(&row.asset)).ok_or_else(unknown)?;
    Ok(Due { chain, asset, wallet, to })
}

/// The transaction that the merchant's wallet has to make: the fields of `eth_sendTransaction`. Gas and nonce are the wallet's affair.
pub fn unsigned(app: &App, row: &CoinRefundRow) -> Result<Value, Refused> {
    let Due { chain, asset, wallet, to } = due(app, row)?;
    let (receiver, value, data) = match asset.kind {
        Kind::Token(token) => (Address::from(token), 0, transfer_call(to, row.units.0).to_string()),
        Kind::Native => (to, row.units.0, "0x".to_owned()),
    };
    let chain_id = format!("0x{:x}", chain.chain_id);
    Ok(json!({ "chainId": chain_id, "from": wallet, "to": receiver, "value": format!("0x{value:x}"), "data": data }))
}

/// Who pays, and whom.
pub fn ends(row: &CoinRefundRow) -> Result<(Address, Address), Refused> {
    let why = "the payer has not confirmed an address, or the treasury pays";
    let refused = || Refused::NotNow { state: row.state, why };
    if row.source != Source::MerchantWallet || !matches!(row.state, State::Confirmed | State::Reported) {
        return Err(refused());
    }
    let read = |text: &str| text.parse::<Address>().map_err(|_| refused());
    Ok((read(&row.wallet)?, read(row.destination.as_deref().ok_or_else(refused)?)?))
}

/// The merchant says which transaction it was. Another one may be named until one is proven; the same one again is no news.
pub fn report(
    app: &App,
    tx: &Tx<'_>,
    of: Of<'_>,
    id: &RefundId,
    hash: &str,
    actor: &Actor,
) -> Result<CoinRefundRow, Refused> {
    let mut row = existing(tx, of, id)?;
    let hash = hash.trim().parse::<B256>().map(|hash| hash.to_string()).map_err(|_| Refused::NoHash);
    // named before, and perhaps proven since
    if matches!(row.state, State::Reported | State::Done) && row.tx_hash.as_ref() == hash.as_ref().ok() {
        return Ok(row);
    }
    ends(&row)?;
    let hash = hash?;
    (row.state, row.tx_hash, row.note) = (State::Reported, Some(hash.clone()), None);
    row.changed_at = app.now();
    coin_refunds::update(tx, &mut row)?;
    record_for(app, tx, actor, &row.merchant_id, "coin_refund.reported", (about(id), hash))?;
    Ok(row)
}

/// Why a transaction that was named does not prove a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotIt {
    NoBlock,
    NotFinal,
    Unread,
    Replaced,
    NoHash,
    NoEnds,
    Failed,
    Older,
    Other,
    Taken,
}

/// Between its hash and why.
const IS_NOT_IT: &str = " is not it: ";

impl NotIt {
    /// As pages call it, and as a refund's note has it.
    pub const ALL: [(NotIt, &'static str, &'static str); 10] = [
        (NotIt::NoBlock, "no-block", "it is in no block yet"),
        (NotIt::NotFinal, "not-final", "it is in a block, but not final yet"),
        (NotIt::Unread, "unread", "its block cannot be read yet"),
        (NotIt::Replaced, "replaced", "its block was replaced"),
        (NotIt::NoHash, "no-hash", "its hash cannot be read"),
        (NotIt::NoEnds, "no-ends", "it is not known who was to pay whom"),
        (NotIt::Failed, "failed", "it failed on the chain"),
        (NotIt::Older, "older", "it is older than the payer's confirmation"),
        (
            NotIt::Other,
            "other",
            "it does not move exactly this amount from the merchant's wallet to the confirmed address",
        ),
        (NotIt::Taken, "taken", "it is the proof of another refund"),
    ];

    fn words(self) -> &'static str {
        NotIt::ALL.iter().find(|(why, ..)| *why == self).map_or("", |(.., words)| words)
    }
}

/// The transaction that a note says was not it, and why not, as pages call it.
pub fn not_it(note: &str) -> Option<(&str, &'static str)> {
    let (hash, why) = note.strip_prefix("transaction ")?.split_once(IS_NOT_IT)?;
    let (_, name, _) = NotIt::ALL.iter().find(|(.., words)| *words == why)?;
    Some((hash, name))
}

/// What the chain says of a transaction that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    /// In no block, or not deep enough.
    NotYet(NotIt),
    /// Final: the movements that fit, by log index.
    Moved(Vec<i64>),
    /// Final, and it is not what was to be paid.
    Other(NotIt),
}

/// Asks the chains about what merchants named. Answers how many refunds changed.
pub async fn look_due(app: &SharedApp) -> Result<usize, LookFailed> {
    let (mut changed, mut first_error) = (0, None);
    for row in app.store.read(|tx| coin_refunds::reported(tx, 200)).await? {
        let Some(chain) = app.chains.get(&row.chain) else { continue };
        match found(app, chain, &row).await {
            Ok(found) => {
                let worker = app.clone();
                changed += usize::from(app.store.write(move |tx| settle(&worker, tx, row, &found)).await?);
            }
            // one chain's trouble does not hold up the others
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    first_error.map_or(Ok(changed), |error| Err(error.into()))
}

#[derive(Debug, thiserror::Error)]
pub enum LookFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rpc(#[from] RpcError),
}

async fn found(app: &App, chain: &Chain, row: &CoinRefundRow) -> Result<Found, RpcError> {
    let (Some(hash), Some(asset)) = (row.tx_hash.as_deref().and_then(|hash| hash.parse().ok()), app.asset(&row.asset))
    else {
        return Ok(Found::Other(NotIt::NoHash));
    };
    let Ok((wallet, to)) = ends(row) else { return Ok(Found::Other(NotIt::NoEnds)) };
    let Some(receipt) = chain.rpc.receipt(hash).await? else { return Ok(Found::NotYet(NotIt::NoBlock)) };
    let head = chain.rpc.block_number().await?;
    if depth(head, receipt.block_number) < chain.confirmations.deepest() {
        return Ok(Found::NotYet(NotIt::NotFinal));
    }
    let Some(block) = chain.rpc.block_by_number(receipt.block_number).await? else {
        return Ok(Found::NotYet(NotIt::Unread));
    };
    if block.header.hash != receipt.block_hash {
        return Ok(Found::NotYet(NotIt::Replaced));
    }
    if !receipt.succeeded() {
        return Ok(Found::Other(NotIt::Failed));
    }
    let made_at = i64::try_from(block.header.time_s).unwrap_or(i64::MAX).saturating_mul(SECOND);
    if row.confirmed_at.is_none_or(|at| made_at.saturating_add(CLOCKS_APART_MILLIS) < at.0) {
        return Ok(Found::Other(NotIt::Older));
    }
    let native = block.transactions.iter().any(|sent| {
        sent.hash == hash && sent.from == wallet && sent.to == Some(to) && sent.value == U256::from(row.units.0)
    });
    let moved = match asset.kind {
        Kind::Native if native => vec![-1],
        Kind::Native => Vec::new(),
        Kind::Token(_) => movements(asset, &receipt, wallet, to, row.units.0),
    };
    Ok(match moved.is_empty() {
        true => Found::Other(NotIt::Other),
        false => Found::Moved(moved),
    })
}

/// The logs of the coin's own contract that move exactly this.
fn movements(asset: &Asset, receipt: &Receipt, wallet: Address, receiver: Address, units: u128) -> Vec<i64> {
    let Kind::Token(contract) = asset.kind else { return Vec::new() };
    let facts = receipt.logs.iter().filter_map(|log| decode(log).ok().flatten());
    let fits = facts.filter(|fact| {
        matches!(&fact.event, LogEvent::Deposit { token, from, to, amount }
            if token.0.0 == contract && *from == wallet && *to == receiver && *amount == units)
    });
    fits.filter_map(|fact| i64::try_from(fact.log_index).ok()).collect()
}

/// Writes down what was found; whether anything changed. A movement proves one refund only.
fn settle(app: &App, tx: &Tx<'_>, read: CoinRefundRow, found: &Found) -> Result<bool, StoreError> {
    let now = app.now();
    let Some(mut row) = coin_refunds::by_id(tx, &read.merchant_id, &read.id)? else { return Ok(false) };
    // another transaction was named meanwhile, or somebody else looked
    if (row.version, row.state) != (read.version, State::Reported) {
        return Ok(false);
    }
    let hash = row.tx_hash.clone().unwrap_or_default();
    match found {
        Found::NotYet(why) if now.since(row.changed_at) > WAIT_MILLIS => send_back(&mut row, &hash, *why, now),
        Found::NotYet(_) => return Ok(false),
        Found::Other(why) => send_back(&mut row, &hash, *why, now),
        Found::Moved(logs) => {
            let mut free = None;
            for log in logs {
                if coin_refunds::by_log(tx, &row.chain, &hash, *log)?.is_none() {
                    free = free.or(Some(*log));
                }
            }
            match free {
                None => send_back(&mut row, &hash, NotIt::Taken, now),
                Some(log) => (row.state, row.log_index, row.note, row.changed_at) = (State::Done, Some(log), None, now),
            }
        }
    }
    if row.state == State::Done {
        let actor = Actor("lockgate".into());
        record(app, tx, &actor, "coin_refund.arrived", about(&row.id), hash)?;
        tracing::info!(refund = %row.id, "A refund from a merchant's wallet arrived");
    } else {
        tracing::warn!(refund = %row.id, note = row.note, "A transaction does not prove a refund");
    }
    coin_refunds::update(tx, &mut row)?;
    Ok(true)
}

fn send_back(row: &mut CoinRefundRow, hash: &str, why: NotIt, now: Time) {
    (row.state, row.tx_hash, row.changed_at) = (State::Confirmed, None, now);
    row.note = Some(format!("transaction {hash}{IS_NOT_IT}{}", why.words()));
}
