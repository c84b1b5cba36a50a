//! "I have paid, and you do not see it": what the chain holds at an invoice's addresses, beside what is recorded.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use domain::Units;
use domain::asset::{Asset, Kind};
use domain::attempt::Attempt;
use domain::merchant::Merchant;
use domain::payment::{Finality, Payment};
use rails::evm::abi::Erc20::balanceOfCall;
use rails::evm::forwarder::{FlushItem, ForwarderTerms};
use rails::evm::rpc::{CallRequest, RpcError};

use super::App;
use super::chains::Chain;
use super::settlement::{Plan, Target};
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
        plan.items.push(FlushItem {
            salt: B256::from(attempt.salt),
            terms: ForwarderTerms {
                merchant: Address::from(attempt.merchant_wallet),
                fee_wallet: Address::from(attempt.fee_wallet),
                fee_bps: attempt.fee.get(),
            },
            tokens: vec![token],
        });
        plan.targets.push(Target {
            merchant: merchant.id.to_string(),
            attempt: attempt.id.to_string(),
            assets: BTreeSet::from([holding.asset.code.clone()]),
        });
    }
    plan
}
