//! Follows one chain and records what it says. A chain that is down holds up only itself.

use std::time::Duration;

use alloy_primitives::{Address, B256};
use rails::evm::follow::{FollowError, Pace, Step, Watch, next_step};
use rails::evm::rpc::RpcError;
use rails::evm::scan::BlockRef;
use tokio_util::sync::CancellationToken;

use super::duty::{Duty, PATIENCE};
use super::{Trouble, rest};
use crate::app::attempts::WATCH_MILLIS;
use crate::app::chains::{Chain, Health};
use crate::app::treasury::wallets::Wallets;
use crate::app::wake::Bell;
use crate::app::{SharedApp, payments};
use crate::crash::crash_point;
use crate::store::leases::Lease;
use crate::store::{StoreError, attempts, blocks};

const PACE: Pace = Pace { max_blocks: 100, range_distance: 20 };
/// The shortest and the longest pause between two looks at a quiet chain; in between, a quarter of its block time: every
/// look is a question to a node that may be paid for.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(4));
const AFTER_TROUBLE: Duration = Duration::from_secs(3);

#[derive(Debug, thiserror::Error)]
enum StepFailed {
    #[error(transparent)]
    Follow(#[from] FollowError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the node serves chain {found}, not {expected}")]
    WrongChain { expected: u64, found: u64 },
    #[error("no block at the chain's head")]
    NoHead,
}

pub async fn run(app: SharedApp, name: String, node: String, stop: CancellationToken) {
    let trouble = Trouble::default();
    let mut duty = Duty::new(&node, "follow", &name);
    let (mut watching, nobody) = (None, Bell::default());
    while !stop.is_cancelled() {
        let Some(lease) = duty.take_if_known(&app).await else {
            look_on(&app, &name).await;
            if rest(&nobody, PATIENCE, &stop).await { continue } else { break }
        };
        let result = async {
            if watching != Some(lease.fence) {
                right_chain(&app, &name).await?;
                watch_known(&app, &name).await?;
                watching = Some(lease.fence);
            }
            step(&app, &lease, &name).await
        };
        let pause = match result.await {
            Ok(true) => {
                trouble.report("Following a chain", Ok(()));
                continue;
            }
            Ok(false) => {
                trouble.report("Following a chain", Ok(()));
                pause(&app, &name)
            }
            Err(error) => {
                if let Some(chain) = app.chains.get(&name) {
                    chain.set_health(|health| health.trouble = Some(error.to_string()));
                }
                // while the endpoints rest there is nothing new to say
                let resting = matches!(&error, StepFailed::Follow(FollowError::Rpc(RpcError::AllResting { .. })));
                if !(resting && trouble.is_reported()) {
                    trouble.report("Following a chain", Err(format!("{name}: {error}")));
                }
                AFTER_TROUBLE
            }
        };
        if !rest(&app.wake.chains, pause, &stop).await {
            break;
        }
    }
    duty.give_back(&app).await;
}

/// Another node follows: what it has recorded is all that this one knows of the chain. Where the head is only who follows can say, so nothing here
/// concludes that all is read; what was known from following before is forgotten.
async fn look_on(app: &SharedApp, name: &str) {
    let Some(chain) = app.chains.get(name) else { return };
    match app.store.read(|tx| blocks::newest(tx, name)).await {
        Ok(read_up_to) => chain.set_health(|health| *health = Health { read_up_to, ..Health::default() }),
        Err::<_, StoreError>(error) => tracing::debug!(%error, "It is not known how far the chain is read"),
    }
}

/// A node of another chain would show other payments: nothing is read from it.
async fn right_chain(app: &SharedApp, name: &str) -> Result<(), StepFailed> {
    let Some(chain) = app.chains.get(name) else { return Ok(()) };
    let found = chain.rpc.chain_id().await.map_err(FollowError::from)?;
    if found == chain.chain_id { Ok(()) } else { Err(StepFailed::WrongChain { expected: chain.chain_id, found }) }
}

/// Loads the addresses of earlier attempts.
async fn watch_known(app: &SharedApp, name: &str) -> Result<(), StoreError> {
    let since = app.now().plus(-WATCH_MILLIS);
    let known = app.store.read(|tx| attempts::watched(tx, name, since)).await?;
    if let Some(chain) = app.chains.get(name) {
        chain.addresses.extend(known);
        tracing::info!(chain = name, addresses = chain.addresses.len(), "Watching");
    }
    Ok(())
}

/// One look at the chain; true when there is more to read at once.
async fn step(app: &SharedApp, lease: &Lease, name: &str) -> Result<bool, StepFailed> {
    let Some(chain) = app.chains.get(name) else { return Ok(false) };
    let cursor = app.store.read(|tx| blocks::recent(tx, name)).await?;
    let cursor: Vec<(u64, B256)> =
        cursor.into_iter().filter_map(|(number, hash)| Some((number, hash.parse().ok()?))).collect();
    if cursor.is_empty() {
        return begin(app, lease, chain).await.map(|()| true);
    }
    // in this order: whoever paid in a block up to here was shown his address before, by whatever node
    let head = chain.rpc.block_number().await.map_err(FollowError::from)?;
    let newer = chain.addresses.newest();
    chain.addresses.extend(app.store.read(|tx| attempts::made_after(tx, name, newer)).await?);
    let tokens: Vec<Address> = chain.tokens();
    let is_watched = |address: &Address| chain.addresses.contains(address);
    let wallets = app.store.read(|tx| Wallets::read(tx, name)).await?.watched();
    let native = chain.watches_native();
    let watch = Watch { tokens: &tokens, native, wallets: &wallets, is_watched: &is_watched };
    match next_step(&chain.rpc, head, &cursor, &watch, PACE).await? {
        Step::Blocks { blocks, facts, rejected } => {
            for error in rejected {
                tracing::error!(chain = name, %error, "A transfer to one of our addresses cannot be read");
            }
            let last = blocks.last().map_or(0, |block| block.number);
            let head = chain.rpc.block_number().await.map_err(FollowError::from)?;
            crash_point("before_record_blocks");
            let times: Vec<u64> = blocks.iter().map(|block| block.time_s).collect();
            payments::record_blocks(app, lease, name, blocks, facts).await?;
            crash_point("after_record_blocks");
            seen(chain, head, last);
            chain.set_health(|health| {
                for time in times {
                    let gap = health.newest_block.map_or(0, |(before, _)| time.saturating_sub(before));
                    health.newest_block = Some((time, gap));
                }
            });
            Ok(last < head)
        }
        Step::Reorg { back_to } => {
            tracing::warn!(chain = name, back_to, "The chain was reorganised");
            chain.set_health(|health| health.read_up_to = Some(back_to));
            payments::record_reorg(app, lease, name, back_to).await?;
            Ok(true)
        }
        Step::Idle { head } => {
            seen(chain, head, cursor.last().map_or(0, |(number, _)| *number));
            Ok(false)
        }
    }
}

fn pause(app: &SharedApp, name: &str) -> Duration {
    let gap = app.chains.get(name).and_then(|chain| chain.health().newest_block).map_or(0, |(_, gap)| gap);
    (Duration::from_secs(gap.min(60)) / 4).clamp(PAUSES.0, PAUSES.1)
}

fn seen(chain: &Chain, head: u64, read_up_to: u64) {
    chain.set_health(|health| {
        health.head = Some(head);
        health.read_up_to = Some(read_up_to);
        health.trouble = None;
    });
}

/// The first look at a chain: there are no deposit addresses older than this, so reading starts at the head.
async fn begin(app: &SharedApp, lease: &Lease, chain: &Chain) -> Result<(), StepFailed> {
    let head = chain.rpc.block_by_tag("latest").await.map_err(FollowError::from)?.ok_or(StepFailed::NoHead)?;
    payments::record_blocks(app, lease, &chain.name, vec![BlockRef::from(&head)], Vec::new()).await?;
    Ok(())
}
