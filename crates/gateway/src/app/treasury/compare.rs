//! The treasury in the books and on the chain, side by side.

use alloy_primitives::{Address, U256};
use domain::Units;
use domain::asset::{Asset, Kind};
use domain::ledger::{Kind as AccountKind, Owner, Side};
use rails::evm::rpc::RpcError;
use rails::evm::token::balance_of;

use super::wallets::Wallets;
use crate::app::App;
use crate::store::treasury_moves::{self, Direction, MoveRow};
use crate::store::{StoreError, Tx, blocks, ledger};

/// A sum that may be below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Net {
    pub debit: Units,
    pub credit: Units,
}

impl Net {
    fn add(&mut self, side: Side, units: Units) {
        let sum = if side == Side::Debit { &mut self.debit } else { &mut self.credit };
        // saturates where no real sum goes
        *sum = sum.plus(units).unwrap_or(Units(u128::MAX));
    }

    /// Debits less credits, with a minus if below zero, in whole coins.
    pub fn decimal(&self, decimals: u8) -> String {
        let minus = if self.credit > self.debit { "-" } else { "" };
        format!("{minus}{}", Units(self.debit.0.abs_diff(self.credit.0)).decimal(decimals, 0))
    }

    pub fn is_zero(&self) -> bool {
        self.debit == self.credit
    }
}

/// One coin of one treasury.
#[derive(Debug, Clone)]
pub struct Holding {
    pub chain: String,
    pub asset: Asset,
    pub token: Address,
    /// The treasury, and the wallets that were it before.
    pub wallets: Vec<Address>,
    /// As of this block, the last that the watcher has read.
    pub block: u64,
    /// Over all books: what is final.
    pub books: Net,
    /// In blocks that are read but not final: in and out.
    pub seen: Net,
    /// Of all its wallets together, in base units; `None` when the contract answers no balance.
    pub on_chain: Option<U256>,
}

impl Holding {
    /// What the chain must hold if the books are right: what is final, and what is seen.
    pub fn expected(&self) -> Net {
        let mut net = self.books;
        net.add(Side::Debit, self.seen.debit);
        net.add(Side::Credit, self.seen.credit);
        net
    }

    /// Whether the chain holds exactly that.
    pub fn agrees(&self) -> bool {
        let expected = self.expected();
        let there = expected.debit.0.checked_sub(expected.credit.0);
        there.is_some() && self.on_chain == there.map(U256::from)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum CompareFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{chain}: {source}")]
    Rpc { chain: String, source: RpcError },
}

/// Every token of every treasury.
///
/// # Errors
/// When the database or a chain's node does not answer.
pub async fn compare(app: &App) -> Result<Vec<Holding>, CompareFailed> {
    let mut holdings = app.store.read(|tx| in_books(app, tx)).await?;
    for holding in &mut holdings {
        let Some(chain) = app.chains.get(&holding.chain) else { continue };
        let mut sum = Some(U256::ZERO);
        for wallet in &holding.wallets {
            let asked = balance_of(&chain.rpc, holding.token, *wallet, Some(holding.block)).await;
            let held = asked.map_err(|source| CompareFailed::Rpc { chain: chain.name.clone(), source })?;
            sum = sum.and_then(|sum| sum.checked_add(held?));
        }
        holding.on_chain = sum;
    }
    Ok(holdings)
}

/// The same without the chains' side: on one snapshot.
fn in_books(app: &App, tx: &Tx<'_>) -> Result<Vec<Holding>, StoreError> {
    let sums = sums(tx)?;
    let mut holdings = Vec::new();
    let mut chains: Vec<_> = app.chains.values().collect();
    chains.sort_by(|one, other| one.name.cmp(&other.name));
    for chain in chains {
        let wallets = Wallets::read(tx, &chain.name)?.ours();
        if wallets.is_empty() {
            continue;
        }
        let Some((block, _)) = blocks::recent(tx, &chain.name)?.last().cloned() else { continue };
        let seen = treasury_moves::seen(tx, &chain.name, u64::try_from(i64::MAX).unwrap_or(0))?;
        for asset in &chain.assets {
            let Kind::Token(token) = asset.kind else { continue };
            let mut holding = Holding {
                chain: chain.name.clone(),
                asset: asset.clone(),
                token: Address::from(token),
                wallets: wallets.clone(),
                block,
                books: Net::default(),
                seen: Net::default(),
                on_chain: None,
            };
            for sum in &sums {
                if sum.asset == asset.code && (sum.owner, sum.kind) == (Owner::Operator, AccountKind::Treasury) {
                    holding.books = sum.net;
                }
            }
            // from one of them to another nothing leaves
            let leaves = |row: &&MoveRow| !row.counterparty.parse().is_ok_and(|to: Address| wallets.contains(&to));
            for row in seen.iter().filter(|row| row.asset == asset.code).filter(leaves) {
                let side = if row.direction == Direction::In { Side::Debit } else { Side::Credit };
                holding.seen.add(side, row.units);
            }
            holdings.push(holding);
        }
    }
    Ok(holdings)
}

/// Who holds what of an asset, over all books together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    pub asset: String,
    pub owner: Owner,
    pub kind: AccountKind,
    pub net: Net,
}

/// Sums over all books, by asset, owner and kind of account.
pub fn sums(tx: &Tx<'_>) -> Result<Vec<Sum>, StoreError> {
    let mut sums: Vec<Sum> = Vec::new();
    for row in ledger::all_accounts(tx)? {
        let account = row.account;
        let is_same = |sum: &Sum| (&sum.asset, sum.owner, sum.kind) == (&account.asset, account.owner, account.kind);
        // in the order of asset, owner and kind
        if !sums.last().is_some_and(is_same) {
            let (asset, owner, kind) = (account.asset.clone(), account.owner, account.kind);
            sums.push(Sum { asset, owner, kind, net: Net::default() });
        }
        if let Some(sum) = sums.last_mut() {
            sum.net.add(Side::Debit, row.debit);
            sum.net.add(Side::Credit, row.credit);
        }
    }
    Ok(sums)
}
