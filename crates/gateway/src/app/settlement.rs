//! Moving money out of forwarders: which, when, and the life of the transactions that do it.
//!
//! The gas key's nonces come from the database, the bytes are stored before they are sent, and after a send only the chain
//! is asked. Settlement itself is recorded from `Flushed` events (see `payments`), whoever sent the transaction.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use domain::attempt::Attempt;
use domain::payment::Placement;
use domain::{AttemptId, MerchantId, Time, Units};
use rails::evm::forwarder::{FlushItem, ForwarderTerms};

use super::App;
use super::chains::Chain;
use crate::store::chain_txs::{self, BytesRow, ChainTxRow, Purpose};
use crate::store::payments::PaymentRow;
use crate::store::{StoreError, Tx, attempts, payments};

/// The most forwarders in one transaction: about 60,000 gas each, 600,000 reserved by the contract.
pub const BATCH: usize = 40;

/// What a transaction is for: kept as JSON beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Target {
    pub merchant: String,
    pub attempt: String,
    pub assets: BTreeSet<String>,
}

/// Forwarders to flush, and the call's arguments.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub targets: Vec<Target>,
    pub items: Vec<FlushItem>,
}

/// Chooses what to flush now: final money, not already on its way, worth it or old enough, not in `resting`.
pub fn plan(app: &App, tx: &Tx<'_>, chain: &Chain, resting: &BTreeSet<String>) -> Result<Plan, StoreError> {
    let now = app.now();
    let mut busy = resting.clone();
    for open in chain_txs::open(tx, &chain.name, Purpose::Flush)? {
        busy.extend(targets(&open).into_iter().map(|target| target.attempt));
    }
    let (mut plan, mut after) = (Plan::default(), String::new());
    while plan.items.len() < BATCH {
        let page = payments::to_flush(tx, &chain.name, &after)?;
        let Some(last) = page.last() else { break };
        after = last.payment.attempt_id.to_string();
        add_ripe(tx, chain, page, &busy, now, &mut plan)?;
    }
    Ok(plan)
}

/// Adds what is ripe of a page of lying payments to the plan.
fn add_ripe(
    tx: &Tx<'_>,
    chain: &Chain,
    page: Vec<PaymentRow>,
    busy: &BTreeSet<String>,
    now: Time,
    plan: &mut Plan,
) -> Result<(), StoreError> {
    let mut waiting: BTreeMap<(MerchantId, AttemptId), Lying> = BTreeMap::new();
    for row in page {
        if busy.contains(row.payment.attempt_id.as_str()) {
            continue;
        }
        let lying = waiting.entry((row.merchant_id.clone(), row.payment.attempt_id.clone())).or_insert_with(|| Lying {
            since: row.seen_at,
            credited: Units::ZERO,
            assets: BTreeSet::new(),
        });
        lying.since = lying.since.min(row.seen_at);
        lying.assets.insert(row.payment.asset.clone());
        if matches!(row.payment.placement, Placement::Credited | Placement::Extra) {
            lying.credited = lying.credited.plus(row.payment.units).unwrap_or(lying.credited);
        }
    }
    for ((merchant, id), lying) in waiting {
        if plan.items.len() == BATCH {
            break;
        }
        let attempt = attempts::existing(tx, &merchant, &id)?;
        let worth = attempt.value_of(lying.credited).unwrap_or(Units::ZERO);
        let ripe = worth.0 >= chain.flush.at_once_minor || now.since(lying.since) >= chain.flush.after_millis;
        if !ripe {
            continue;
        }
        let tokens: Vec<Address> = lying.assets.iter().filter_map(|code| token_of(chain, code)).collect();
        if tokens.is_empty() {
            tracing::error!(chain = chain.name, attempt = %id, "Money lies in coins that are no longer configured");
            continue;
        }
        plan.add(&merchant, &attempt, tokens, lying.assets);
    }
    Ok(())
}

impl Plan {
    /// Adds one forwarder.
    pub fn add(&mut self, merchant: &MerchantId, attempt: &Attempt, tokens: Vec<Address>, assets: BTreeSet<String>) {
        self.items.push(FlushItem {
            salt: B256::from(attempt.salt),
            terms: ForwarderTerms {
                merchant: Address::from(attempt.merchant_wallet),
                fee_wallet: Address::from(attempt.fee_wallet),
                fee_bps: attempt.fee.get(),
            },
            tokens,
        });
        self.targets.push(Target { merchant: merchant.to_string(), attempt: attempt.id.to_string(), assets });
    }

    /// The first half, at least one forwarder.
    pub fn halve(&mut self) {
        let half = (self.items.len() / 2).max(1);
        self.items.truncate(half);
        self.targets.truncate(half);
    }
}

/// Money of one attempt that waits to be flushed.
struct Lying {
    since: Time,
    credited: Units,
    assets: BTreeSet<String>,
}

/// The contract's name for an asset: its token, or the zero address for the native coin.
fn token_of(chain: &Chain, code: &str) -> Option<Address> {
    let asset = chain.assets.iter().find(|asset| asset.code == code)?;
    Some(match asset.kind {
        domain::asset::Kind::Native => Address::ZERO,
        domain::asset::Kind::Token(contract) => Address::from(contract),
    })
}

pub fn targets(row: &ChainTxRow) -> Vec<Target> {
    serde_json::from_str(&row.items).unwrap_or_default()
}

/// Stores a transaction with its first bytes, under a nonce that nobody else has. Refused when the nonce was taken meanwhile.
pub fn store_new(tx: &Tx<'_>, row: &ChainTxRow, bytes: &BytesRow) -> Result<(), StoreError> {
    chain_txs::insert(tx, row)?;
    chain_txs::insert_bytes(tx, row, bytes)
}

/// The targets of a final transaction in `block` whose money still lies in their forwarders. What came in that block may have
/// come after the flush, and what came later is another flush's matter. The watcher must have read far enough that the flush
/// is final in the books, too.
pub fn still_lying(tx: &Tx<'_>, chain: &Chain, targets: &[Target], block: u64) -> Result<Vec<Target>, StoreError> {
    let mut left = Vec::new();
    for target in targets {
        let lying = payments::lying(tx, &chain.name, &target.attempt)?;
        let is_left =
            |row: &PaymentRow| row.payment.on_chain.block_number < block && target.assets.contains(&row.payment.asset);
        if lying.iter().any(is_left) {
            left.push(target.clone());
        }
    }
    Ok(left)
}
