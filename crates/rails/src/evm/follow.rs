//! Follows a chain block by block. The node is never trusted to tell of a reorganisation: each block's parent hash is
//! compared with the block we have seen before it.
//!
//! The caller keeps the cursor (the last blocks seen) in the same database transaction as what it made of the facts.
//! One step reads and decides; it keeps nothing, so a step that failed or was cut off is simply taken again.

mod read;

use super::logs::LogError;
use super::rpc::{Block, RawLog, RpcClient, RpcError, TransportCause};
use super::scan::{BlockRef, ChainFact, ScanError, scan};
use alloy_primitives::{Address, B256};

/// What is looked for.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// The tokens whose transfers are read. `Flushed` is read for every token.
    pub tokens: &'a [Address],
    /// Whether the chain's own coin is accepted. It costs the reading of full blocks.
    pub native: bool,
    /// Our own wallets: token transfers to and from them are facts, too.
    pub wallets: &'a [Address],
    /// Our deposit addresses.
    pub is_watched: &'a (dyn Fn(&Address) -> bool + Sync),
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("tokens", &self.tokens).field("native", &self.native).finish_non_exhaustive()
    }
}

/// How much one step reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Most blocks in one step. Ask for fewer after a time-out.
    pub max_blocks: u64,
    /// Blocks at least this far below the head are read by ranges of heights. Nearer ones are read by block hash: a node
    /// that has not seen a block yet answers a range with silence, but a hash with an error.
    pub range_distance: u64,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Record the facts, and the blocks as seen.
    Blocks {
        /// One or more that follow the cursor without a gap.
        blocks: Vec<BlockRef>,
        /// In the order of the chain.
        facts: Vec<ChainFact>,
        /// What concerns a watched address and cannot be read: for a person to look at.
        rejected: Vec<LogError>,
    },
    /// All blocks above this height are not in the chain any more: reverse their facts and forget them.
    Reorg {
        /// The newest height of the cursor that is still right.
        back_to: u64,
    },
    /// Nothing new.
    Idle {
        /// The newest height the node has. Lower than the cursor when the node lags behind.
        head: u64,
    },
}

/// Why no step could be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// Asking failed. Try again.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// What was read does not belong to one chain: it changed meanwhile, or the nodes behind one URL disagree. Try again.
    #[error("the chain moved while block {number} was read")]
    ChainMoved {
        /// Near this height.
        number: u64,
    },
    /// Following starts with one known block.
    #[error("the cursor has no block to start from")]
    EmptyCursor,
    /// No remembered block is in the chain any more: another chain, or a disaster. For a person to decide.
    #[error("no remembered block from height {oldest} on is in the chain any more")]
    ReorgTooDeep {
        /// The oldest remembered height.
        oldest: u64,
    },
}

impl FollowError {
    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Rpc(_) | Self::ChainMoved { .. })
    }
}

/// One step from `cursor`, the last blocks seen as (height, hash), newest last. It should remember more blocks than a
/// reorganisation of this chain can be deep. Nothing above `head` is read: what is watched must be all that was ever shown to a
/// payer before the node was asked for its head.
///
/// # Errors
/// See [`FollowError`].
pub async fn next_step(
    rpc: &RpcClient,
    head: u64,
    cursor: &[(u64, B256)],
    watch: &Watch<'_>,
    pace: Pace,
) -> Result<Step, FollowError> {
    let &(tip, tip_hash) = cursor.last().ok_or(FollowError::EmptyCursor)?;
    if head <= tip {
        return check_seen(rpc, cursor, head).await;
    }

    let first = tip + 1;
    let (last, by_range) = stretch(tip, head, pace);
    let mut blocks = read::blocks(rpc, first..=last, watch.native).await?;
    match blocks.first() {
        // The node that told the head is not the one that was asked for the block.
        None => return Ok(Step::Idle { head: tip }),
        Some(next) if next.header.parent_hash != tip_hash => {
            return match common_ancestor(rpc, cursor, head).await? {
                back_to if back_to == tip => Err(FollowError::ChainMoved { number: first }),
                back_to => Ok(Step::Reorg { back_to }),
            };
        }
        Some(_) => {}
    }

    let logs = if by_range {
        read_range(rpc, &mut blocks, watch).await?
    } else {
        read::logs_by_hash(rpc, &blocks, watch).await?
    };
    scan_blocks(rpc, &blocks, logs, watch).await
}

/// The last height to read, and whether by range.
fn stretch(tip: u64, head: u64, pace: Pace) -> (u64, bool) {
    let last = head.min(tip.saturating_add(pace.max_blocks.max(1)));
    let settled = head.saturating_sub(pace.range_distance);
    // A range of one block has no advantage over its hash.
    if settled > tip + 1 { (last.min(settled), last > tip + 1) } else { (last, false) }
}

/// Nothing above the cursor: is what we have seen still there?
async fn check_seen(rpc: &RpcClient, cursor: &[(u64, B256)], head: u64) -> Result<Step, FollowError> {
    let Some(&(newest, _)) = cursor.iter().rev().find(|(number, _)| *number <= head) else {
        return Ok(Step::Idle { head });
    };
    match common_ancestor(rpc, cursor, head).await? {
        // A lower head that agrees with us is a node that lags.
        back_to if back_to == newest => Ok(Step::Idle { head }),
        back_to => Ok(Step::Reorg { back_to }),
    }
}

/// The newest remembered height that is in the chain.
async fn common_ancestor(rpc: &RpcClient, cursor: &[(u64, B256)], head: u64) -> Result<u64, FollowError> {
    for &(number, hash) in cursor.iter().rev().filter(|(number, _)| *number <= head) {
        // No block there although the head is higher: this node cannot tell.
        let header = rpc.header_by_number(number).await?.ok_or(FollowError::ChainMoved { number })?;
        if header.hash == hash {
            return Ok(number);
        }
    }
    Err(FollowError::ReorgTooDeep { oldest: cursor.first().map_or(0, |(number, _)| *number) })
}

/// Reads the logs of all blocks at once, of half of them when the node finds that too much. `blocks` is cut to what was
/// read.
async fn read_range(rpc: &RpcClient, blocks: &mut Vec<Block>, watch: &Watch<'_>) -> Result<Vec<RawLog>, FollowError> {
    while blocks.len() > 1 {
        match read::logs_by_range(rpc, blocks, watch).await {
            Err(FollowError::Rpc(RpcError::Node { .. }))
            | Err(FollowError::Rpc(RpcError::Transport { cause: TransportCause::TooLong, .. })) => {
                blocks.truncate(blocks.len() / 2);
            }
            read => return read,
        }
    }
    read::logs_by_hash(rpc, blocks, watch).await
}

async fn scan_blocks(
    rpc: &RpcClient,
    blocks: &[Block],
    logs: Vec<RawLog>,
    watch: &Watch<'_>,
) -> Result<Step, FollowError> {
    let succeeded = read::receipts(rpc, blocks, watch).await?;
    let (mut facts, mut rejected) = (Vec::new(), Vec::new());
    let mut by_block = read::group_by_block(blocks, logs)?;
    for block in blocks {
        let logs = by_block.remove(&block.header.hash).unwrap_or_default();
        let scanned = scan(block, &logs, &watch.is_watched, watch.wallets, &|hash| succeeded.get(hash).copied());
        let scanned = scanned.map_err(|error| match error {
            ScanError::ForeignLog { .. } | ScanError::NoReceipt(_) => {
                FollowError::ChainMoved { number: block.header.number }
            }
        })?;
        facts.extend(scanned.facts);
        rejected.extend(scanned.rejected);
    }
    Ok(Step::Blocks { blocks: blocks.iter().map(|block| BlockRef::from(&block.header)).collect(), facts, rejected })
}

#[cfg(test)]
mod tests;
