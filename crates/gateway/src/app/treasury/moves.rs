//! What moves in a treasury's wallet, from the chain to the books: seen, final, taken back, and whose it is.

use domain::ledger::{Reason, Unbalanced, house};
use domain::payment::Finality;
use domain::transfer::State;
use domain::treasury_books::{self as books, Moved};
use domain::{MerchantId, Time, Units};
use rails::evm::scan::ChainFact;

use super::wallets::{self, Wallets};
use crate::app::chains::Chain;
use crate::app::payments::key;
use crate::app::{App, funds, transfers as cases};
use crate::store::audit_log::{self, ActRow};
use crate::store::chain_txs::{self, Purpose};
use crate::store::transfers::{self, TransferRow};
use crate::store::treasury_moves::{self, Direction, MoveRow};
use crate::store::{StoreError, Tx, funds as store_funds, ledger};

fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// What a move's entries are about; the auditor makes the same.
pub fn moved(row: &MoveRow) -> Moved<'_> {
    Moved { on_chain: &row.on_chain, asset: &row.asset, units: row.units, round: row.round }
}

/// Records what some blocks moved; answers whether that concerned the treasury.
pub fn record(tx: &Tx<'_>, chain: &Chain, facts: &[ChainFact], now: Time) -> Result<bool, StoreError> {
    let wallets = Wallets::read(tx, &chain.name)?;
    let ours = wallets.ours();
    let waiting = wallets.waiting().map(|(wallet, _)| wallet);
    let mut any = false;
    for fact in facts {
        let ChainFact::Moved { block, tx_hash, log_index, token, from, to, amount } = fact else { continue };
        let Some(asset) = chain.asset_of(Some(*token)) else { continue };
        if Some(*to) == waiting {
            tracing::error!(chain = chain.name, %to, "Coins went to a wallet that is not the treasury yet: there they are in no book");
        }
        // from one wallet of ours to another nothing leaves the books
        let (direction, wallet, counterparty) = match (ours.contains(from), ours.contains(to)) {
            (true, false) => (Direction::Out, from, to),
            (false, true) => (Direction::In, to, from),
            _ => continue,
        };
        let on_chain = key(chain, block, tx_hash.to_string(), *log_index);
        any = true;
        match treasury_moves::by_key(tx, &on_chain)? {
            None => treasury_moves::insert(
                tx,
                &MoveRow {
                    on_chain,
                    wallet: wallet.to_string(),
                    direction,
                    counterparty: counterparty.to_string(),
                    asset: asset.code.clone(),
                    units: Units(*amount),
                    finality: Finality::Seen,
                    round: 0,
                    transfer: None,
                    claimed_by: None,
                    fund_number: None,
                    internal: false,
                    seen_at: now,
                },
            )?,
            Some(known) if known.finality == Finality::Reversed => {
                treasury_moves::update(tx, &MoveRow { finality: Finality::Seen, ..known })?;
            }
            Some(_) => {}
        }
    }
    Ok(any)
}

/// Moves that are deep enough below `head` become final, each with its entry; answers whether there were any.
pub fn finalise(app: &App, tx: &Tx<'_>, chain: &Chain, head: u64, now: Time) -> Result<bool, StoreError> {
    let Some(deep_enough) = (head + 1).checked_sub(chain.confirmations.deepest()) else { return Ok(false) };
    let deep = treasury_moves::seen(tx, &chain.name, deep_enough)?;
    let any = !deep.is_empty();
    for row in deep {
        make_final(app, tx, row, Known::Watched, now)?;
    }
    Ok(any)
}

/// How a move became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Watched,
    /// From a receipt that somebody named: it is from before anybody looked, and is no arrival of what went out since.
    Named,
}

/// A move that was seen is final.
pub(super) fn make_final(app: &App, tx: &Tx<'_>, mut row: MoveRow, known: Known, now: Time) -> Result<(), StoreError> {
    row.finality = Finality::Final;
    row.round += 1;
    match row.direction {
        Direction::In => enter_new(tx, &books::received(&moved(&row), now).map_err(unbalanced)?)?,
        Direction::Out => left(app, tx, &mut row, known, now)?,
    }
    treasury_moves::update(tx, &row)
}

/// Coins left: a transfer of ours arrived, they went to another wallet of ours, or the operator took them.
fn left(app: &App, tx: &Tx<'_>, row: &mut MoveRow, known: Known, now: Time) -> Result<(), StoreError> {
    if let Some(mut transfer) = transfer_of(tx, row, known)? {
        transfer.tx_hash = Some(row.on_chain.tx_hash.clone());
        row.transfer = Some((transfer.merchant_id.clone(), transfer.id.clone()));
        return cases::arrived(app, tx, &mut transfer, now);
    }
    // it may have become ours since the move was seen
    if is_ours(&Wallets::read(tx, &row.on_chain.chain)?, row) {
        row.internal = true;
        return Ok(());
    }
    tracing::error!(
        chain = row.on_chain.chain,
        tx_hash = row.on_chain.tx_hash,
        asset = row.asset,
        units = %row.units,
        to = row.counterparty,
        "Coins left the treasury without a transfer of this gateway"
    );
    enter_new(tx, &books::withdrawn(&moved(row), now).map_err(unbalanced)?)
}

/// Whether the coins went to a wallet that is, or was, the treasury.
pub fn is_ours(wallets: &Wallets, row: &MoveRow) -> bool {
    row.counterparty.parse().is_ok_and(|to| wallets.ours().contains(&to))
}

/// The transfer on its way whose bytes this transaction is, if the move is what it was to move. Of several that a transaction carries and
/// that are alike, each move finds another: the first has made the one it found arrive before the next is looked at.
fn transfer_of(tx: &Tx<'_>, row: &MoveRow, known: Known) -> Result<Option<TransferRow>, StoreError> {
    let (chain, hash) = (&row.on_chain.chain, &row.on_chain.tx_hash);
    if let Some(sent) = chain_txs::by_hash(tx, chain, hash, Purpose::Transfer)? {
        let mut carried = transfers::by_nonce(tx, chain, &sent.sender, sent.nonce)?.into_iter();
        let fits = carried.find(|transfer| {
            matches!(transfer.state, State::Signing | State::Sending | State::Pending)
                && transfer.asset == row.asset
                && transfer.units == row.units
                && transfer.destination.eq_ignore_ascii_case(&row.counterparty)
        });
        if fits.is_some() {
            return Ok(fits);
        }
    }
    if known == Known::Named { Ok(None) } else { sent_unknown(tx, row) }
}

/// A block's time may be so much before the clock of whoever gave the transfer out.
const SKEW_MILLIS: i64 = 600_000;

/// What was signed elsewhere may be sent by whoever has it, without having been brought here; bytes that were signed here may be lost, or
/// replaced by hand: what left exactly as it was to leave, and not before that, is its arrival. Of several that are the same, the lowest nonce
/// goes first; what is being called off goes last.
fn sent_unknown(tx: &Tx<'_>, row: &MoveRow) -> Result<Option<TransferRow>, StoreError> {
    let Ok(wallet) = row.wallet.parse() else { return Ok(None) };
    let (chain, until) = (&row.on_chain.chain, row.on_chain.block_time.plus(SKEW_MILLIS));
    let out = transfers::out_alike(tx, (chain, &wallets::name_of(wallet)), (&row.asset, row.units), until)?;
    let mut called_off = None;
    for transfer in out.into_iter().filter(|one| one.destination.eq_ignore_ascii_case(&row.counterparty)) {
        let (Some(sender), Some(nonce)) = (&transfer.sender, transfer.nonce) else { continue };
        let sent = chain_txs::by_nonce(tx, chain, sender, nonce)?;
        if sent.is_none_or(|sent| sent.receiver != sent.sender) {
            return Ok(Some(transfer));
        }
        called_off = called_off.or(Some(transfer));
    }
    Ok(called_off)
}

/// Undoes what was in blocks above `back_to`, and looks for its transactions again.
pub fn reverse_above(app: &App, tx: &Tx<'_>, chain: &str, back_to: u64, now: Time) -> Result<(), StoreError> {
    // newest first: what was claimed last is given back first
    for row in treasury_moves::above(tx, chain, back_to)?.into_iter().rev() {
        reverse(app, tx, row, now)?;
    }
    let reopened = chain_txs::reopen(tx, chain, back_to, Purpose::Transfer)?;
    if reopened > 0 {
        tracing::error!(chain, reopened, "Final transactions of the treasury left the chain; they are sent again");
    }
    Ok(())
}

fn reverse(app: &App, tx: &Tx<'_>, mut row: MoveRow, now: Time) -> Result<(), StoreError> {
    if row.finality == Finality::Final {
        match row.transfer.take() {
            Some((merchant, id)) => {
                let mut transfer = transfers::existing(tx, &merchant, &id)?;
                cases::taken_back(app, tx, &mut transfer, now)?;
            }
            None if row.internal => row.internal = false,
            None => {
                if row.claimed_by == Some(house()) {
                    reverse_entry(tx, &books::claim_cause(&moved(&row)), now)?;
                } else {
                    // a merchant's fund: what it was credited is taken back, and then it is nobody's
                    funds::move_reversed(app, tx, &row, now)?;
                }
                (row.claimed_by, row.fund_number) = (None, None);
                reverse_entry(tx, &books::move_cause(&moved(&row)), now)?;
            }
        }
    }
    row.finality = Finality::Reversed;
    treasury_moves::update(tx, &row)
}

/// Why coins are not the operator's capital.
#[derive(Debug, thiserror::Error)]
pub enum TopUpRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no coins came to the treasury in this transaction; the watcher may be a moment behind")]
    NotSeen,
    #[error("these coins are not final yet")]
    NotFinal,
    #[error("fund {0} of a merchant names this transaction")]
    Named(i64),
    #[error("these coins are {0}'s already")]
    Claimed(MerchantId),
    #[error("these coins are declared as the operator's already")]
    Declared,
}

/// Declares what came in a transaction as the operator's own; answers the moves.
pub fn top_up(tx: &Tx<'_>, chain: &str, tx_hash: &str, actor: &str, now: Time) -> Result<Vec<MoveRow>, TopUpRefused> {
    let mut rows = treasury_moves::of_tx(tx, chain, tx_hash)?;
    let moved_on = between_ours(tx, chain, &mut rows, actor, now)?;
    if !moved_on.is_empty() {
        return Ok(moved_on);
    }
    rows.retain(|row| row.direction == Direction::In && row.finality != Finality::Reversed);
    if rows.is_empty() {
        return Err(TopUpRefused::NotSeen);
    }
    if let Some(fund) = store_funds::by_tx(tx, chain, tx_hash)? {
        return Err(TopUpRefused::Named(fund.number));
    }
    for row in &mut rows {
        match &row.claimed_by {
            Some(claimed) if *claimed == house() => return Err(TopUpRefused::Declared),
            Some(claimed) => return Err(TopUpRefused::Claimed(claimed.clone())),
            None if row.finality != Finality::Final => return Err(TopUpRefused::NotFinal),
            None => {}
        }
        enter_new(tx, &books::topped_up(&moved(row), now).map_err(unbalanced)?)?;
        treasury_moves::claim(tx, row, Some(&house()), None)?;
        let act = ActRow {
            at: now,
            actor: actor.to_owned(),
            act: "treasury.top_up".into(),
            about: format!("treasury_moves {chain} {tx_hash} {}", row.on_chain.log_index),
            detail: format!("{} {} (smallest units) are the operator's", row.units, row.asset),
        };
        audit_log::append(tx, &act)?;
    }
    Ok(rows)
}

/// What went to a wallet that became the treasury only after it: it was entered as taken out, and is in the books again. Answers the moves.
fn between_ours(
    tx: &Tx<'_>,
    chain: &str,
    rows: &mut [MoveRow],
    actor: &str,
    now: Time,
) -> Result<Vec<MoveRow>, StoreError> {
    let (wallets, mut found) = (Wallets::read(tx, chain)?, Vec::new());
    for row in rows {
        let is_withdrawn = row.direction == Direction::Out
            && row.finality == Finality::Final
            && row.transfer.is_none()
            && !row.internal;
        if !is_withdrawn || !is_ours(&wallets, row) {
            continue;
        }
        reverse_entry(tx, &books::move_cause(&moved(row)), now)?;
        row.internal = true;
        treasury_moves::update(tx, row)?;
        let act = ActRow {
            at: now,
            actor: actor.to_owned(),
            act: "treasury.top_up".into(),
            about: format!(
                "treasury_moves {chain} {tx_hash} {}",
                row.on_chain.log_index,
                tx_hash = row.on_chain.tx_hash
            ),
            detail: format!("{} {} (smallest units) only went to {}", row.units, row.asset, row.counterparty),
        };
        audit_log::append(tx, &act)?;
        found.push(row.clone());
    }
    Ok(found)
}

/// A person found out that a transfer was paid whose transaction nobody knows. What left the treasury like it and was entered as taken out is
/// its arrival. False when such a move is there and not final yet: then it arrives by itself.
pub fn link_withdrawn(tx: &Tx<'_>, transfer: &mut TransferRow, now: Time) -> Result<bool, StoreError> {
    let (Some(chain), Some(sender), Some(sent_at)) = (&transfer.chain, &transfer.sender, transfer.sent_at) else {
        return Ok(true);
    };
    let Ok(wallet) = sender.parse::<alloy_primitives::Address>() else { return Ok(true) };
    let nonce = transfer.nonce.map(|nonce| chain_txs::by_nonce(tx, chain, sender, nonce)).transpose()?.flatten();
    if nonce.is_none_or(|sent| sent.state != "parked") {
        // what used its nonce is known
        return Ok(true);
    }
    let (wallet, since) = (wallet.to_string(), sent_at.plus(-SKEW_MILLIS));
    let mut alike = treasury_moves::withdrawn(tx, (chain, &wallet), (&transfer.asset, transfer.units), since)?;
    alike.retain(|row| transfer.destination.eq_ignore_ascii_case(&row.counterparty));
    if alike.iter().any(|row| row.finality == Finality::Seen) {
        return Ok(false);
    }
    let Some(mut row) = alike.into_iter().next() else { return Ok(true) };
    reverse_entry(tx, &books::move_cause(&moved(&row)), now)?;
    row.transfer = Some((transfer.merchant_id.clone(), transfer.id.clone()));
    treasury_moves::update(tx, &row)?;
    transfer.tx_hash = Some(row.on_chain.tx_hash);
    Ok(true)
}

/// Enters what cannot be there yet.
fn enter_new(tx: &Tx<'_>, entry: &domain::ledger::Draft) -> Result<(), StoreError> {
    match ledger::enter(tx, &house(), entry)? {
        true => Ok(()),
        false => Err(StoreError::Inconsistent(format!("the entry {} of the house is there already", entry.cause))),
    }
}

fn reverse_entry(tx: &Tx<'_>, cause: &str, now: Time) -> Result<(), StoreError> {
    let Some(entry) = ledger::by_cause(tx, &house(), cause)? else {
        return Err(StoreError::Inconsistent(format!("the entry {cause} of the house is not there")));
    };
    enter_new(tx, &entry.draft.reversal(format!("reversal:{cause}"), Reason::TreasuryReversed, now))
}
