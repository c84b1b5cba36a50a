//! Transactions that wait for a block, with the rules and the words of go-ethereum's pool.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use alloy_consensus::Transaction;
use alloy_primitives::{Address, B256, U256};
use revm::context_interface::cfg::GasParams;
use revm::state::AccountInfo;

use super::decode::SignedTx;
use super::evm::{SPEC, TX_GAS_LIMIT};
use super::submit_refused::{MAX_INIT_CODE_BYTES, MAX_TX_BYTES, Shortfall, SubmitRefused};

/// A replacement pays at least this much more, tip and cap, in percent.
const PRICE_BUMP_PERCENT: u128 = 10;
const MAX_POOLED: usize = 6_144;

/// A waiting transaction.
#[derive(Debug, Clone)]
struct Pooled {
    tx: Arc<SignedTx>,
    /// Breaks ties between equal tips.
    arrival: u64,
}

/// All waiting transactions: those that could be mined, and those behind a nonce gap.
#[derive(Debug, Clone, Default)]
pub(super) struct Mempool {
    by_sender: BTreeMap<Address, BTreeMap<u64, Pooled>>,
    by_hash: HashMap<B256, (Address, u64)>,
    arrivals: u64,
}

impl Mempool {
    /// Takes a transaction whose sender's account is `account`.
    pub(super) fn submit(&mut self, tx: Arc<SignedTx>, account: Option<&AccountInfo>) -> Result<(), SubmitRefused> {
        if self.by_hash.contains_key(&tx.hash) {
            return Err(SubmitRefused::AlreadyKnown);
        }
        check_alone(&tx)?;
        let next = account.map_or(0, |info| info.nonce);
        let nonce = tx.envelope.nonce();
        if nonce < next {
            return Err(SubmitRefused::NonceTooLow { next, nonce });
        }
        let replaced = self.by_sender.get(&tx.from).and_then(|waiting| waiting.get(&nonce));
        self.check_funds(&tx, account.map(|info| info.balance).unwrap_or_default(), replaced)?;
        match replaced {
            Some(old) if !outbids(&tx, &old.tx) => return Err(SubmitRefused::ReplacementUnderpriced),
            None if self.by_hash.len() >= MAX_POOLED => return Err(SubmitRefused::PoolFull),
            _ => {}
        }
        self.put(tx);
        Ok(())
    }

    fn check_funds(&self, tx: &SignedTx, balance: U256, replaced: Option<&Pooled>) -> Result<(), SubmitRefused> {
        let cost = tx.max_cost();
        if balance < cost {
            let overshot = cost.saturating_sub(balance);
            let shortfall = Shortfall { balance, queued: None, cost, overshot };
            return Err(SubmitRefused::InsufficientFunds(Box::new(shortfall)));
        }
        let queued =
            self.queued_cost(tx.from).saturating_sub(replaced.map(|old| old.tx.max_cost()).unwrap_or_default());
        let need = queued.saturating_add(cost);
        if balance < need {
            let overshot = need.saturating_sub(balance);
            let shortfall = Shortfall { balance, queued: Some(queued), cost, overshot };
            return Err(SubmitRefused::InsufficientFunds(Box::new(shortfall)));
        }
        Ok(())
    }

    /// What all that waits of a sender may cost.
    pub(super) fn queued_cost(&self, sender: Address) -> U256 {
        let waiting = self.by_sender.get(&sender).into_iter().flat_map(BTreeMap::values);
        waiting.fold(U256::ZERO, |sum, pooled| sum.saturating_add(pooled.tx.max_cost()))
    }

    /// Puts a transaction there without asking: those that a reorganisation gives back were valid before.
    pub(super) fn put(&mut self, tx: Arc<SignedTx>) {
        let place = (tx.from, tx.envelope.nonce());
        self.arrivals = self.arrivals.saturating_add(1);
        self.by_hash.insert(tx.hash, place);
        let pooled = Pooled { tx, arrival: self.arrivals };
        if let Some(old) = self.by_sender.entry(place.0).or_default().insert(place.1, pooled) {
            self.by_hash.remove(&old.tx.hash);
        }
    }

    pub(super) fn remove(&mut self, tx: &SignedTx) {
        self.by_hash.remove(&tx.hash);
        if let Some(waiting) = self.by_sender.get_mut(&tx.from) {
            waiting.remove(&tx.envelope.nonce());
            if waiting.is_empty() {
                self.by_sender.remove(&tx.from);
            }
        }
    }

    pub(super) fn get(&self, hash: &B256) -> Option<&Arc<SignedTx>> {
        let (from, nonce) = self.by_hash.get(hash)?;
        Some(&self.by_sender.get(from)?.get(nonce)?.tx)
    }

    /// The nonce after `next` and everything that waits right behind it.
    pub(super) fn nonce_after(&self, sender: Address, next: u64) -> u64 {
        let Some(waiting) = self.by_sender.get(&sender) else { return next };
        let mut nonce = next;
        while waiting.contains_key(&nonce) {
            nonce = nonce.saturating_add(1);
        }
        nonce
    }

    /// The best transaction that `wanted` lets through: highest tip, then first come. `next_nonce` is per sender.
    pub(super) fn best(
        &self,
        base_fee: u64,
        next_nonce: impl Fn(Address) -> u64,
        wanted: impl Fn(&SignedTx) -> bool,
    ) -> Option<Arc<SignedTx>> {
        let executable = self.by_sender.iter().filter_map(|(sender, waiting)| waiting.get(&next_nonce(*sender)));
        executable
            .filter(|pooled| wanted(&pooled.tx))
            .filter_map(|pooled| Some((pooled.tx.envelope.effective_tip_per_gas(base_fee)?, pooled)))
            .max_by_key(|(tip, pooled)| (*tip, std::cmp::Reverse(pooled.arrival)))
            .map(|(_, pooled)| Arc::clone(&pooled.tx))
    }

    /// Everything that waits, by sender and nonce.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<SignedTx>> {
        self.by_sender.values().flat_map(BTreeMap::values).map(|pooled| &pooled.tx)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }
}

/// What can be said of a transaction without looking at the chain.
fn check_alone(tx: &SignedTx) -> Result<(), SubmitRefused> {
    let envelope = &tx.envelope;
    if tx.raw.len() > MAX_TX_BYTES {
        return Err(SubmitRefused::Oversized { size: tx.raw.len() });
    }
    if envelope.is_create() && envelope.input().len() > MAX_INIT_CODE_BYTES {
        return Err(SubmitRefused::InitCodeTooLarge { size: envelope.input().len() });
    }
    let gas_limit = envelope.gas_limit();
    if gas_limit > TX_GAS_LIMIT {
        return Err(SubmitRefused::GasLimitTooHigh { gas_limit });
    }
    let (tip, cap) = (envelope.priority_fee_or_price(), envelope.max_fee_per_gas());
    if tip > cap {
        return Err(SubmitRefused::TipAboveFeeCap { tip, cap });
    }
    if envelope.nonce() == u64::MAX {
        return Err(SubmitRefused::NonceAtMaximum { nonce: u64::MAX });
    }
    let needed = GasParams::new_spec(SPEC).initial_tx_gas_for_tx(tx.env(), None);
    if gas_limit < needed.initial_regular_gas {
        return Err(SubmitRefused::IntrinsicGas { gas_limit, needed: needed.initial_regular_gas });
    }
    if gas_limit < needed.floor_gas {
        return Err(SubmitRefused::FloorDataGas { gas_limit, needed: needed.floor_gas });
    }
    Ok(())
}

fn outbids(new: &SignedTx, old: &SignedTx) -> bool {
    let enough = |new: u128, old: u128| {
        let threshold = old.saturating_mul(100 + PRICE_BUMP_PERCENT) / 100;
        new > old && new >= threshold
    };
    enough(new.envelope.max_fee_per_gas(), old.envelope.max_fee_per_gas())
        && enough(new.envelope.priority_fee_or_price(), old.envelope.priority_fee_or_price())
}
