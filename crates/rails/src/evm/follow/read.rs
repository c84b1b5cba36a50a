//! Reading many things at once, and checking that they are of one chain.

use super::{FollowError, Watch};
use crate::evm::abi::{Erc20::Transfer, Forwarder::Flushed};
use crate::evm::rpc::{Block, RawLog, RpcClient, RpcError};
use crate::evm::scan::native_candidates;
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use std::collections::HashMap;
use std::future::poll_fn;
use std::ops::RangeInclusive;
use std::task::Poll;

/// Questions under way at one time.
const AT_ONCE: usize = 16;

/// The blocks at these heights, cut before the first that is missing or does not follow the one before it.
pub(super) async fn blocks(
    rpc: &RpcClient,
    heights: RangeInclusive<u64>,
    full: bool,
) -> Result<Vec<Block>, FollowError> {
    let ask = |number| async move {
        if full {
            return rpc.block_by_number(number).await;
        }
        let header = rpc.header_by_number(number).await?;
        Ok(header.map(|header| Block { header, transactions: Vec::new() }))
    };
    let heights: Vec<u64> = heights.collect();
    let mut blocks: Vec<Block> = Vec::with_capacity(heights.len());
    for (number, block) in heights.iter().zip(all(heights.iter().map(|number| ask(*number))).await?) {
        let follows = |block: &Block| match blocks.last() {
            Some(before) => block.header.parent_hash == before.header.hash,
            None => true,
        };
        match block {
            Some(block) if block.header.number == *number && follows(&block) => blocks.push(block),
            _ => break,
        }
    }
    Ok(blocks)
}

/// Logs of each block by its hash: a node that has another block there, or none, answers an error.
pub(super) async fn logs_by_hash(
    rpc: &RpcClient,
    blocks: &[Block],
    watch: &Watch<'_>,
) -> Result<Vec<RawLog>, FollowError> {
    let filters = filters(watch);
    let asked = blocks.iter().flat_map(|block| {
        filters.iter().map(move |(addresses, topics)| rpc.logs_of_block(block.header.hash, addresses, topics))
    });
    Ok(all(asked).await?.into_iter().flatten().collect())
}

/// Logs of all blocks by their heights. Before and after, the last block is the same, and by its parents so are the
/// others.
pub(super) async fn logs_by_range(
    rpc: &RpcClient,
    blocks: &[Block],
    watch: &Watch<'_>,
) -> Result<Vec<RawLog>, FollowError> {
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return Ok(Vec::new()) };
    let (from, to) = (first.header.number, last.header.number);
    let filters = filters(watch);
    let logs = all(filters.iter().map(|(addresses, topics)| rpc.logs(from, to, addresses, topics))).await?;
    match rpc.header_by_number(to).await? {
        Some(header) if header.hash == last.header.hash => Ok(logs.into_iter().flatten().collect()),
        _ => Err(FollowError::ChainMoved { number: to }),
    }
}

/// Whether the transactions that may have paid us succeeded.
pub(super) async fn receipts(
    rpc: &RpcClient,
    blocks: &[Block],
    watch: &Watch<'_>,
) -> Result<HashMap<B256, bool>, FollowError> {
    let candidates: Vec<_> = blocks
        .iter()
        .flat_map(|block| native_candidates(block, &watch.is_watched).map(move |(tx, _)| (&block.header, tx.hash)))
        .collect();
    let receipts = all(candidates.iter().map(|(_, tx_hash)| rpc.receipt(*tx_hash))).await?;
    let mut succeeded = HashMap::with_capacity(candidates.len());
    for ((header, tx_hash), receipt) in candidates.into_iter().zip(receipts) {
        match receipt {
            Some(receipt) if receipt.block_hash == header.hash && receipt.transaction_hash == tx_hash => {
                succeeded.insert(tx_hash, receipt.succeeded());
            }
            _ => return Err(FollowError::ChainMoved { number: header.number }),
        }
    }
    Ok(succeeded)
}

/// By block hash. A log of a block that is not among these means that the chain moved.
pub(super) fn group_by_block(blocks: &[Block], logs: Vec<RawLog>) -> Result<HashMap<B256, Vec<RawLog>>, FollowError> {
    let mut grouped: HashMap<B256, Vec<RawLog>> = blocks.iter().map(|block| (block.header.hash, Vec::new())).collect();
    for log in logs {
        let number = log.block_number;
        grouped.get_mut(&log.block_hash).ok_or(FollowError::ChainMoved { number })?.push(log);
    }
    Ok(grouped)
}

type Filter = (Vec<Address>, Vec<Vec<B256>>);

fn filters(watch: &Watch<'_>) -> Vec<Filter> {
    let mut filters = vec![(Vec::new(), vec![vec![Flushed::SIGNATURE_HASH]])];
    // Without this, no token would mean any token.
    if !watch.tokens.is_empty() {
        filters.push((watch.tokens.to_vec(), vec![vec![Transfer::SIGNATURE_HASH]]));
    }
    filters
}

/// Waits for all, some at a time, in this task: dropping it drops them. Answers in the order asked; stops after an error.
async fn all<T, F>(futures: impl Iterator<Item = F>) -> Result<Vec<T>, RpcError>
where
    F: Future<Output = Result<T, RpcError>>,
{
    let mut futures = futures.peekable();
    let mut answers = Vec::new();
    while futures.peek().is_some() {
        let mut running: Vec<_> = futures.by_ref().take(AT_ONCE).map(|future| (Box::pin(future), None)).collect();
        poll_fn(|cx| {
            let mut pending = false;
            for (future, answer) in running.iter_mut().filter(|(_, answer)| answer.is_none()) {
                match future.as_mut().poll(cx) {
                    Poll::Ready(ready) => *answer = Some(ready),
                    Poll::Pending => pending = true,
                }
            }
            if pending { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        for (_, answer) in running {
            answers.extend(answer.transpose()?);
        }
    }
    Ok(answers)
}
