//! From a block and its logs to the facts that concern us. Pure.
//!
//! Not seen here: native coin that a contract sends from within its own call (no log, no transaction of the block shows
//! it). It still leaves the forwarder by `flush`, and the `Flushed` fact shows it then.

use super::abi::{Erc20::Transfer, Forwarder::Flushed};
use super::logs::{LogError, LogEvent, LogFact, decode};
use super::rpc::{Block, BlockTx, Header, RawLog};
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;

/// Added to a transaction's index to make the log index of a native deposit. No block has a billion logs.
pub const NATIVE_LOG_INDEX: u64 = 1_000_000_000;

/// Which block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockRef {
    /// Height.
    pub number: u64,
    /// Decides which of two blocks at one height.
    pub hash: B256,
    /// Unix seconds, as the block's maker claims.
    pub time_s: u64,
}

impl From<&Header> for BlockRef {
    fn from(header: &Header) -> Self {
        Self { number: header.number, hash: header.hash, time_s: header.time_s }
    }
}

/// Something the chain says, as long as its block is in the chain. Its key is (chain, `tx_hash`, `log_index`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainFact {
    /// A watched address was paid.
    Deposit {
        /// Where it is written.
        block: BlockRef,
        /// The paying transaction.
        tx_hash: B256,
        /// Position in the block; from [`NATIVE_LOG_INDEX`] on for the native coin.
        log_index: u64,
        /// `None` is the native coin.
        token: Option<Address>,
        /// Who paid.
        from: Address,
        /// The watched address.
        to: Address,
        /// Base units, not zero.
        amount: u128,
    },
    /// Tokens came to one of our wallets, or left it.
    Moved {
        /// Where it is written.
        block: BlockRef,
        /// The transaction that moved them, whoever sent it.
        tx_hash: B256,
        /// Position in the block.
        log_index: u64,
        /// The contract.
        token: Address,
        /// Whose they were; one of our wallets, or `to` is. Never both the same.
        from: Address,
        /// Who got them.
        to: Address,
        /// Base units, not zero.
        amount: u128,
    },
    /// A watched forwarder paid out. `token` may be any contract at all, one that lies included.
    Flushed {
        /// Where it is written.
        block: BlockRef,
        /// The transaction that called `flush`, whoever sent it.
        tx_hash: B256,
        /// Position in the block.
        log_index: u64,
        /// The watched address.
        forwarder: Address,
        /// `None` is the native coin.
        token: Option<Address>,
        /// Base units the merchant's wallet got.
        merchant_amount: u128,
        /// Base units the fee wallet got.
        fee_amount: u128,
    },
}

impl ChainFact {
    /// Where it is written.
    pub fn block(&self) -> &BlockRef {
        match self {
            Self::Deposit { block, .. } | Self::Moved { block, .. } | Self::Flushed { block, .. } => block,
        }
    }

    /// Position in the block: the order of facts.
    pub fn log_index(&self) -> u64 {
        match self {
            Self::Deposit { log_index, .. } | Self::Moved { log_index, .. } | Self::Flushed { log_index, .. } => {
                *log_index
            }
        }
    }
}

/// What one block says about us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scanned {
    /// In the order of `log_index`.
    pub facts: Vec<ChainFact>,
    /// What concerns a watched address and cannot be read, now or ever: for a person to look at.
    pub rejected: Vec<LogError>,
}

/// The input does not belong together. Read it again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// A log of another block.
    #[error("a log of block {found} among those of {block}")]
    ForeignLog {
        /// The block scanned.
        block: B256,
        /// The log's block.
        found: B256,
    },
    /// Nobody says whether the transaction succeeded.
    #[error("no receipt of {0}")]
    NoReceipt(B256),
}

/// Transactions that sent native coin to a watched address, if they succeeded: their receipts are needed for [`scan`].
pub fn native_candidates<'a>(
    block: &'a Block,
    watched: &dyn Fn(&Address) -> bool,
) -> impl Iterator<Item = (&'a BlockTx, Address)> {
    block.transactions.iter().filter_map(move |tx| Some((tx, tx.to.filter(|to| !tx.value.is_zero() && watched(to))?)))
}

/// Facts of one block. `logs` are all of this block that may matter, in any order; `succeeded` tells what receipts say,
/// for the transactions of [`native_candidates`]. `wallets` are ours: token transfers to and from them are told as
/// [`ChainFact::Moved`], also where the other side is watched.
///
/// # Errors
/// When logs or receipts are not those of this block.
pub fn scan(
    block: &Block,
    logs: &[RawLog],
    watched: &dyn Fn(&Address) -> bool,
    wallets: &[Address],
    succeeded: &dyn Fn(&B256) -> Option<bool>,
) -> Result<Scanned, ScanError> {
    let at = BlockRef::from(&block.header);
    let mut scanned = Scanned::default();
    for log in logs {
        if log.block_hash != at.hash {
            return Err(ScanError::ForeignLog { block: at.hash, found: log.block_hash });
        }
        if concerns(log, watched, wallets) {
            match decode(log) {
                Ok(Some(fact)) => chain_facts(at, fact, watched, wallets, &mut scanned.facts),
                Ok(None) => {}
                Err(error) => scanned.rejected.push(error),
            }
        }
    }
    for (tx, to) in native_candidates(block, watched) {
        if !succeeded(&tx.hash).ok_or(ScanError::NoReceipt(tx.hash))? {
            continue;
        }
        let (tx_hash, log_index) = (tx.hash, NATIVE_LOG_INDEX.saturating_add(tx.index));
        match u128::try_from(tx.value) {
            Ok(amount) => {
                let (token, from) = (None, tx.from);
                scanned.facts.push(ChainFact::Deposit { block: at, tx_hash, log_index, token, from, to, amount });
            }
            Err(_) => scanned.rejected.push(LogError::AmountTooLarge { address: tx.from, tx_hash, log_index }),
        }
    }
    scanned.facts.sort_by_key(ChainFact::log_index);
    scanned.facts.dedup();
    Ok(scanned)
}

/// Before decoding, which costs more. Anyone may write anything into a log, so what is not about a watched address must
/// not even be able to be rejected.
fn concerns(log: &RawLog, watched: &dyn Fn(&Address) -> bool, wallets: &[Address]) -> bool {
    match log.topics.as_slice() {
        [Transfer::SIGNATURE_HASH, from, to, ..] => {
            let (from, to) = (Address::from_word(*from), Address::from_word(*to));
            watched(&to) || wallets.contains(&to) || wallets.contains(&from)
        }
        [Flushed::SIGNATURE_HASH, ..] => watched(&log.address),
        _ => false,
    }
}

fn chain_facts(
    block: BlockRef,
    fact: LogFact,
    watched: &dyn Fn(&Address) -> bool,
    wallets: &[Address],
    facts: &mut Vec<ChainFact>,
) {
    let LogFact { tx_hash, log_index, event, .. } = fact;
    match event {
        // A transfer of nothing is not a payment; "address poisoning" sends many.
        LogEvent::Deposit { amount: 0, .. } => {}
        LogEvent::Deposit { token, from, to, amount } => {
            if watched(&to) {
                facts.push(ChainFact::Deposit { block, tx_hash, log_index, token: Some(token), from, to, amount });
            }
            if from != to && (wallets.contains(&from) || wallets.contains(&to)) {
                facts.push(ChainFact::Moved { block, tx_hash, log_index, token, from, to, amount });
            }
        }
        LogEvent::Flush { forwarder, token, merchant_amount, fee_amount } => {
            facts.push(ChainFact::Flushed { block, tx_hash, log_index, forwarder, token, merchant_amount, fee_amount });
        }
    }
}

#[cfg(test)]
mod tests;
