//! "I have paid, and you do not see it": what the chain holds at an invoice's addresses, beside what is recorded.

use std::collections::BTreeSet;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use domain::Units;
use domain::asset::{Asset, Kind};
use domain::attempt::Attempt;
use domain::merchant::Merchant;
use domain::payment::{Finality, Payment};
use domain::time::DAY;
use rails::evm::abi::Erc20::balanceOfCall;
use rails::evm::rpc::{CallRequest, RpcError};

use super::App;
use super::chains::Chain;
use super::settlement::{BATCH, Plan};
use crate::store::{StoreError, attempts, payments};

#[derive(Debug, thiserror::Error)]
pub enum ClaimFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rpc(#[from] RpcError),
    #[error("chain {0} is not configured")]
    NoChain(String),
}

/// One coin at one deposit address.
#[derive(Debug, Clone)]
pub struct Holding {
    pub attempt: Attempt,
    pub asset: Asset,
    /// Base units the address holds now; beyond 2^128-1 it stops there.
    pub holds: Units,
    /// Base units recorded as lying there.
    pub recorded: Units,
}

impl Holding {
    /// Whether there is money that no payment explains.
    pub fn is_unexplained(&self) -> bool {
        self.holds > self.recorded
    }
}

/// Asks the chains for every watched coin at every address of an invoice.
pub async fn holdings(app: &App, merchant: &Merchant, invoice: i64) -> Result<Vec<Holding>, ClaimFailed> {
    let (attempts, payments) = app
        .store
        .read(|tx| {
            let attempts = attempts::of_invoice(tx, &merchant.id, invoice)?;
            let payments = payments::of_invoice(tx, &merchant.id, invoice)?;
            Ok::<_, StoreError>((attempts, payments))
        })
        .await?;
    let payments: Vec<Payment> = payments.into_iter().map(|row| row.payment).collect();
    let mut found = Vec::new();
    for attempt in attempts {
        let chain = app.chains.get(&attempt.chain).ok_or_else(|| ClaimFailed::NoChain(attempt.chain.clone()))?;
        for asset in &chain.assets {
            let holds = balance(chain, asset, Address::from(attempt.address)).await?;
            let recorded = recorded(&payments, &attempt, asset);
            found.push(Holding { attempt: attempt.clone(), asset: asset.clone(), holds, recorded });
        }
    }
    Ok(found)
}

/// The payments of an attempt in a coin that still lie at its address.
fn recorded(payments: &[Payment], attempt: &Attempt, asset: &Asset) -> Units {
    let lying = |p: &&Payment| {
        p.attempt_id == attempt.id
            && p.asset == asset.code
            && p.flushed_by.is_none()
            && p.finality != Finality::Reversed
    };
    payments.iter().filter(lying).fold(Units::ZERO, |sum, p| sum.plus(p.units).unwrap_or(sum))
}

async fn balance(chain: &Chain, asset: &Asset, at: Address) -> Result<Units, RpcError> {
    let balance = match asset.kind {
        Kind::Native => chain.rpc.balance(at).await?,
        Kind::Token(contract) => {
            let input = Bytes::from(balanceOfCall { owner: at }.abi_encode());
            let call = CallRequest { from: None, to: Address::from(contract), value: 0, input };
            U256::try_from_be_slice(&chain.rpc.call(&call).await?).unwrap_or_default()
        }
    };
    Ok(Units(u128::try_from(balance).unwrap_or(u128::MAX)))
}

/// A flush of the unexplained money on `chain`: it goes where all money of these addresses goes, and the `Flushed` event
/// proves what it was.
pub fn plan(merchant: &Merchant, chain: &Chain, holdings: &[Holding]) -> Plan {
    let mut plan = Plan::default();
    for holding in holdings.iter().filter(|h| h.is_unexplained() && h.attempt.chain == chain.name) {
        let attempt = &holding.attempt;
        let token = match holding.asset.kind {
            Kind::Native => Address::ZERO,
            Kind::Token(contract) => Address::from(contract),
        };
        plan.add(&merchant.id, attempt, vec![token], BTreeSet::from([holding.asset.code.clone()]));
    }
    plan
}

/// Attempts in the native coin that are looked at for coins nobody saw come.
const LOOKED_AT: i64 = 200;

/// The age up to which they are looked at.
const LOOKED_AT_MILLIS: i64 = DAY;

/// Native coin that a contract sent leaves no trace that a watcher could read, only a balance. This asks for the balances of
/// recent, open attempts, and plans to flush what no payment explains: the flush is the proof.
///
/// Attempts in `busy` are on their way already.
pub async fn unseen_native(app: &App, chain: &Chain, busy: &BTreeSet<String>) -> Result<Plan, ClaimFailed> {
    let mut plan = Plan::default();
    let since = app.now().plus(-LOOKED_AT_MILLIS);
    for asset in chain.assets.iter().filter(|asset| asset.kind == Kind::Native && asset.payable) {
        let open = app.store.read(|tx| attempts::open_in_coin(tx, &chain.name, &asset.code, since, LOOKED_AT)).await?;
        for (merchant, attempt) in open.into_iter().filter(|(_, attempt)| !busy.contains(attempt.id.as_str())) {
            let holds = balance(chain, asset, Address::from(attempt.address)).await?;
            if holds.is_zero() || plan.items.len() == BATCH {
                continue;
            }
            let number = app.store.read(|tx| attempts::invoice_of(tx, &merchant, &attempt.id)).await?;
            let rows = app.store.read(|tx| payments::of_invoice(tx, &merchant, number)).await?;
            let known: Vec<Payment> = rows.into_iter().map(|row| row.payment).collect();
            if holds > recorded(&known, &attempt, asset) {
                plan.add(&merchant, &attempt, vec![Address::ZERO], BTreeSet::from([asset.code.clone()]));
            }
        }
    }
    Ok(plan)
}
