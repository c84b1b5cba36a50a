//! Coins that came to a treasury before its wallet was watched: recorded from the receipt of a transaction that somebody names.

use alloy_primitives::{Address, B256};
use domain::Time;
use domain::confirmations::depth;
use domain::payment::Finality;
use rails::evm::logs::{LogEvent, decode};
use rails::evm::rpc::{Receipt, RpcError};
use rails::evm::scan::{BlockRef, ChainFact};

use super::moves::{self, Known, TopUpRefused, top_up};
use super::wallets::Wallets;
use crate::app::chains::Chain;
use crate::app::{App, SharedApp};
use crate::store::treasury_moves::{self, MoveRow};
use crate::store::{StoreError, Tx, blocks, treasury_watched};

/// What a final transaction moved in the treasury's wallet, as the node says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    pub tx_hash: B256,
    block: BlockRef,
    facts: Vec<ChainFact>,
}

#[derive(Debug, thiserror::Error)]
pub enum UnseenRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rpc(#[from] RpcError),
    #[error(transparent)]
    TopUp(#[from] TopUpRefused),
    #[error("there is no treasury on {0}")]
    NoTreasury(String),
    #[error("no coins came to the treasury in this transaction: it is in no block")]
    InNoBlock,
    #[error("no coins came to the treasury in this transaction: it failed")]
    Failed,
    #[error("no coins came to the treasury in this transaction: it moved none of its coins")]
    MovedNothing,
    #[error("the transaction is in block {0}, which is not final yet")]
    NotFinal(u64),
    #[error("the node contradicts itself about block {0}: try again, or ask another node")]
    Contradiction(u64),
    #[error(
        "no coins came to the treasury in this transaction, says the watcher, who has read block {0} or is about to: only what came \
         before block {1} is taken from a receipt"
    )]
    Watched(u64, u64),
}

impl Unseen {
    /// When its block was made, as the block's maker claims.
    pub fn at(&self) -> Time {
        Time(i64::try_from(self.block.time_s).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000))
    }
}

/// Asks a node what a transaction moved; the block must be the one that the chain has at its height.
///
/// # Errors
/// When there is nothing to record, or not yet.
pub async fn ask(app: &App, chain: &Chain, tx_hash: B256) -> Result<Unseen, UnseenRefused> {
    let Some(receipt) = chain.rpc.receipt(tx_hash).await? else { return Err(UnseenRefused::InNoBlock) };
    let number = receipt.block_number;
    if !receipt.succeeded() {
        return Err(UnseenRefused::Failed);
    }
    app.store.read(|tx| is_final(tx, chain, number)).await?;
    let header = chain.rpc.header_by_number(number).await?;
    let header = header.filter(|header| header.hash == receipt.block_hash && receipt.transaction_hash == tx_hash);
    let Some(header) = header else { return Err(UnseenRefused::Contradiction(number)) };
    let ours = app.store.read(|tx| Wallets::read(tx, &chain.name)).await?.ours();
    if ours.is_empty() {
        return Err(UnseenRefused::NoTreasury(chain.name.clone()));
    }
    let (block, facts) = (BlockRef::from(&header), facts(chain, &ours, &header, &receipt)?);
    if facts.is_empty() { Err(UnseenRefused::MovedNothing) } else { Ok(Unseen { tx_hash, block, facts }) }
}

fn facts(
    chain: &Chain,
    ours: &[Address],
    header: &rails::evm::rpc::Header,
    receipt: &Receipt,
) -> Result<Vec<ChainFact>, UnseenRefused> {
    let tx_hash = receipt.transaction_hash;
    let mut facts = Vec::new();
    for log in &receipt.logs {
        if log.block_hash != header.hash || log.transaction_hash != tx_hash || log.removed {
            return Err(UnseenRefused::Contradiction(header.number));
        }
        // what other contracts write need not be readable
        if chain.asset_of(Some(log.address)).is_none() {
            continue;
        }
        let Ok(Some(fact)) = decode(log) else { continue };
        let LogEvent::Deposit { token, from, to, amount } = fact.event else { continue };
        if amount > 0 && ours.contains(&from) != ours.contains(&to) {
            let (block, log_index) = (BlockRef::from(header), fact.log_index);
            facts.push(ChainFact::Moved { block, tx_hash, log_index, token, from, to, amount });
        }
    }
    Ok(facts)
}

/// As deep as anything must be below what the watcher has read.
fn is_final(tx: &Tx<'_>, chain: &Chain, number: u64) -> Result<(), UnseenRefused> {
    let read = blocks::recent(tx, &chain.name)?.last().map(|(newest, _)| *newest);
    match read {
        Some(newest) if depth(newest, number) >= chain.confirmations.deepest() => Ok(()),
        _ => Err(UnseenRefused::NotFinal(number)),
    }
}

/// Notes from which block on each coin of the treasury is looked for: the one after `newest`, the last that was read. A coin that is not
/// configured any more was not looked for in it: should it come back, it begins anew.
pub fn begin_watching(tx: &Tx<'_>, chain: &Chain, newest: u64, now: Time) -> Result<(), StoreError> {
    for wallet in Wallets::read(tx, &chain.name)?.ours() {
        let wallet = wallet.to_string();
        let known = treasury_watched::of_wallet(tx, &chain.name, &wallet)?;
        for asset in chain.assets.iter().filter(|asset| matches!(asset.kind, domain::asset::Kind::Token(_))) {
            if !known.iter().any(|(code, _)| *code == asset.code) {
                treasury_watched::begin(tx, &chain.name, &wallet, &asset.code, newest.saturating_add(1), now)?;
            }
        }
        for (code, _) in known {
            if !chain.assets.iter().any(|asset| asset.code == code) {
                treasury_watched::end(tx, &chain.name, &wallet, &code)?;
            }
        }
    }
    Ok(())
}

/// Records what was never seen, as final. Its rows have the keys that the watcher would give them: whatever it reads later, it finds them
/// there. Nothing is written when anything of it is refused.
pub fn record(app: &App, tx: &Tx<'_>, chain: &Chain, unseen: &Unseen, now: Time) -> Result<(), UnseenRefused> {
    let ours = Wallets::read(tx, &chain.name)?.ours();
    let number = unseen.block.number;
    is_final(tx, chain, number)?;
    for fact in &unseen.facts {
        let ChainFact::Moved { token, from, to, .. } = fact else { continue };
        let wallet = if ours.contains(from) { from } else { to };
        let watched = treasury_watched::of_wallet(tx, &chain.name, &wallet.to_string())?;
        let Some(asset) = chain.asset_of(Some(*token)) else { return Err(UnseenRefused::MovedNothing) };
        // of a wallet that is not watched yet nothing is known, and everything may still come
        let from = watched.iter().find(|(code, _)| *code == asset.code).map_or(0, |(_, from)| *from);
        if number >= from {
            return Err(UnseenRefused::Watched(number, from));
        }
    }
    let hash = unseen.tx_hash.to_string();
    if !treasury_moves::of_tx(tx, &chain.name, &hash)?.iter().all(|row| row.finality == Finality::Reversed) {
        // somebody else was quicker
        return Ok(());
    }
    moves::record(tx, chain, &unseen.facts, now)?;
    for row in treasury_moves::of_tx(tx, &chain.name, &hash)? {
        if row.finality == Finality::Seen && row.on_chain.block_hash == unseen.block.hash.to_string() {
            moves::make_final(app, tx, row, Known::Named, now)?;
        }
    }
    tracing::warn!(
        chain = chain.name,
        tx_hash = hash,
        "What came before the treasury was watched is recorded from a receipt"
    );
    Ok(())
}

/// Declares what came in a transaction as the operator's own, also when it came before anybody looked.
///
/// # Errors
/// When nothing came, not finally, or it is somebody's already.
pub async fn top_up_any(
    app: &SharedApp,
    name: &str,
    tx_hash: B256,
    actor: &str,
) -> Result<Vec<MoveRow>, UnseenRefused> {
    let (worker, chain, actor) = (app.clone(), name.to_owned(), actor.to_owned());
    let (hash, who) = (tx_hash.to_string(), actor.clone());
    match app.store.write(move |tx| top_up(tx, &chain, &hash, &who, worker.now())).await {
        Err(TopUpRefused::NotSeen) => {}
        done => return Ok(done?),
    }
    let no_treasury = || UnseenRefused::NoTreasury(name.to_owned());
    let unseen = ask(app, app.chains.get(name).ok_or_else(no_treasury)?, tx_hash).await?;
    let (worker, name) = (app.clone(), name.to_owned());
    app.store
        .write(move |tx| {
            let (now, hash) = (worker.now(), tx_hash.to_string());
            let chain = worker.chains.get(&name).ok_or_else(|| UnseenRefused::NoTreasury(name.clone()))?;
            record(&worker, tx, chain, &unseen, now)?;
            Ok(top_up(tx, &name, &hash, &actor, now)?)
        })
        .await
}
