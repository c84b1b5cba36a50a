//! Every final move of a treasury has its entry, and every entry about the treasury its move.

use std::collections::{BTreeMap, BTreeSet};

use domain::ledger::{Draft, Reason, Unbalanced, house};
use domain::payment::Finality;
use domain::transfer::State;
use domain::treasury_books as books;
use domain::{MerchantId, Time, TransferId};

use super::audit::Report;
use super::transfers::acts;
use super::treasury::moves::{is_ours, moved};
use super::treasury::wallets::Wallets;
use crate::store::treasury_moves::{self, Direction, MoveRow};
use crate::store::{StoreError, Tx, audit_log, ledger, transfers};

/// What the causes of the operator's own claims begin with: [`books::claim_cause`].
const OWN_CLAIM: &str = "treasury-claim:";

/// Checks all moves against the house's book; `all` are the books there are.
pub fn check_treasury(tx: &Tx<'_>, all: &[MerchantId], report: &mut Report) -> Result<(), StoreError> {
    for book in all.iter().filter(|book| **book != house()) {
        for (cause, _) in live_entries(tx, book, report)? {
            report
                .find(format!("ledger_entries {book} ({cause})"), "is about the treasury, but not in the house's book");
        }
    }
    let mut live = live_entries(tx, &house(), report)?;
    let (mut chain, mut hash) = (String::new(), String::new());
    let (mut visited, mut arrived) = (0i64, BTreeSet::new());
    loop {
        let page = treasury_moves::txs_after(tx, &chain, &hash)?;
        let Some(last) = page.last().cloned() else { break };
        for (chain, hash) in &page {
            for row in treasury_moves::of_tx(tx, chain, hash)? {
                visited += 1;
                report.moves += 1;
                check_move(tx, &row, &mut live, report)?;
                check_once(&row, &mut arrived, report);
            }
        }
        (chain, hash) = last;
    }
    let there = treasury_moves::count_all(tx)?;
    if there != visited {
        report.find("treasury_moves".into(), format!("{there} are there, {visited} were visited"));
    }
    for (merchant, id) in std::mem::take(&mut report.paid_by_treasury) {
        let marked = || -> Result<bool, StoreError> {
            Ok(audit_log::about(tx, &acts::about(&id))?.iter().any(|act| act.act == acts::MARKED_ARRIVED))
        };
        if !arrived.contains(&id) && !marked()? {
            report.find(format!("transfers {merchant} {id}"), "has arrived, but nothing left the treasury for it");
        }
    }
    for (cause, _) in live {
        report.find(format!("ledger_entries {} ({cause})", house()), "has no treasury move that it is the entry of");
    }
    Ok(())
}

/// Entries about the treasury that were not undone, by cause.
fn live_entries(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<BTreeMap<String, Draft>, StoreError> {
    let mut live: BTreeMap<String, Draft> = BTreeMap::new();
    let mut last = 0;
    loop {
        let entries = ledger::entries_after(tx, book, last)?;
        for entry in &entries {
            last = entry.seq;
            let draft = entry.draft.clone();
            match draft.reason {
                Reason::TreasuryReceived | Reason::TreasuryWithdrawn | Reason::TreasuryClaimed => {
                    live.insert(draft.cause.clone(), draft);
                }
                Reason::TreasuryReversed => {
                    let undone = draft.cause.strip_prefix("reversal:").and_then(|cause| live.remove(cause));
                    let exact = undone.is_some_and(|undone| {
                        undone.reversal(String::new(), draft.reason, draft.at).postings == draft.postings
                    });
                    if !exact {
                        report.find(format!("ledger_entries {book} {last}"), "reverses no entry, or not exactly");
                    }
                }
                _ => {}
            }
        }
        if entries.is_empty() {
            // what a merchant's fund claims is proven with the funds
            live.retain(|cause, draft| draft.reason != Reason::TreasuryClaimed || cause.starts_with(OWN_CLAIM));
            return Ok(live);
        }
    }
}

/// A transfer arrives by one move: a transaction that carries several alike moves each of them.
fn check_once(row: &MoveRow, arrived: &mut BTreeSet<TransferId>, report: &mut Report) {
    let Some((_, id)) = &row.transfer else { return };
    if !arrived.insert(id.clone()) {
        let key = &row.on_chain;
        let name = format!("treasury_moves {} {} {}", key.chain, key.tx_hash, key.log_index);
        report.find(name, format!("is said to be transfer {id}, as another one is"));
    }
}

fn check_move(
    tx: &Tx<'_>,
    row: &MoveRow,
    live: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let key = &row.on_chain;
    let name = format!("treasury_moves {} {} {}", key.chain, key.tx_hash, key.log_index);
    if row.internal {
        let wallets = Wallets::read(tx, &key.chain)?;
        if row.finality != Finality::Final || row.transfer.is_some() || row.claimed_by.is_some() {
            report.find(name.clone(), "is said to be between wallets of ours, and to be something else too");
        }
        if row.direction != Direction::Out || !is_ours(&wallets, row) {
            report.find(name, format!("is said to be between wallets of ours, and {} is none", row.counterparty));
        }
        return Ok(());
    }
    if row.finality != Finality::Final {
        if row.transfer.is_some() {
            report.find(name, "belongs to a transfer, but is not final");
        }
        return Ok(());
    }
    let of_transfer = match (&row.transfer, row.direction) {
        (None, _) => false,
        (Some((merchant, id)), Direction::Out) => {
            let transfer = transfers::by_id(tx, merchant, id)?;
            let fits = transfer.as_ref().is_some_and(|transfer| {
                transfer.state == State::Done
                    && transfer.tx_hash.as_ref() == Some(&key.tx_hash)
                    && (&transfer.asset, transfer.units) == (&row.asset, row.units)
                    && transfer.destination.eq_ignore_ascii_case(&row.counterparty)
            });
            if !fits {
                report.find(name.clone(), format!("is said to be transfer {id}, which did not arrive like this"));
            }
            true
        }
        (Some(_), Direction::In) => {
            report.find(name.clone(), "came in, and is said to be a transfer");
            true
        }
    };
    let about = moved(row);
    if !of_transfer {
        let make = |now| match row.direction {
            Direction::In => books::received(&about, now),
            Direction::Out => books::withdrawn(&about, now),
        };
        check_entry(&name, &books::move_cause(&about), make, live, report);
    }
    match &row.claimed_by {
        Some(_) if row.direction == Direction::Out => report.find(name, "left, and is said to be somebody's"),
        Some(by) if *by == house() => {
            check_entry(&name, &books::claim_cause(&about), |now| books::topped_up(&about, now), live, report);
        }
        // of a merchant's fund: with the funds
        Some(_) | None => {}
    }
    Ok(())
}

fn check_entry(
    name: &str,
    cause: &str,
    make: impl FnOnce(Time) -> Result<Draft, Unbalanced>,
    live: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) {
    let Some(entry) = live.remove(cause) else {
        return report.find(name.to_owned(), format!("has no entry ({cause})"));
    };
    if make(entry.at).as_ref() != Ok(&entry) {
        report.find(name.to_owned(), format!("and its entry ({cause}) do not agree"));
    }
}
