//! Every received or settled invoice has its entries, every final payment and flush its own, and the reverse.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use domain::attempt::Attempt;
use domain::books::{self, cause, payment_received};
use domain::invoice::State;
use domain::ledger::{Draft, Reason};
use domain::payment::{Finality, Payment, Placement};
use domain::standing::Standing;
use domain::{MerchantId, Units};
use rails::evm::forwarder::{ForwarderTerms, deposit_address};

use super::audit::Report;
use super::audit_charges::check_charges;
use super::audit_events::check_events;
use super::audit_settlements::settled_charges;
use crate::store::charges::{self, ChargeRow};
use crate::store::events::About;
use crate::store::flushes::FlushRow;
use crate::store::invoices::{self, InvoiceRow, state_columns};
use crate::store::payments::{self, PaymentRow};
use crate::store::{StoreError, Tx, attempts, disputes, flushes, history, ledger, search, volume};
use crate::wire::status::{InvoiceStatus, words};

pub fn check_invoices(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<(), StoreError> {
    let mut live = live_entries(tx, book, report)?;
    let mut counts: BTreeMap<(i64, &'static str), i64> = BTreeMap::new();
    let mut volumes: BTreeMap<(i64, String, &'static str), Units> = BTreeMap::new();
    let (passed, mut last) = (search::cursor(tx, book)?, 0);
    loop {
        let rows = invoices::after(tx, book, last)?;
        for row in &rows {
            report.invoices += 1;
            last = row.invoice.number;
            *counts.entry((row.invoice.created_at.day(), state_columns(row.invoice.state).0)).or_default() += 1;
            if let Some(state) = volume::counted(row.invoice.state).filter(|_| last <= passed) {
                let sum = volumes.entry((row.invoice.created_at.day(), row.invoice.devise.clone(), state)).or_default();
                match sum.plus(row.invoice.amount) {
                    Ok(total) => *sum = total,
                    Err(_) => report.find(format!("invoices {book} {last}"), "the sum of amounts is out of range"),
                }
            }
            check_invoice(tx, book, row, &mut live, report)?;
        }
        if rows.is_empty() {
            break;
        }
    }
    for (cause, _) in live {
        report.find(format!("ledger_entries {book} ({cause})"), "has no payment or flush that it is the entry of");
    }
    check_volumes(tx, book, volumes, report)?;
    check_counts(tx, book, counts, report)
}

/// The amounts that figures are made of: of the invoices that were passed.
fn check_volumes(
    tx: &Tx<'_>,
    book: &MerchantId,
    mut volumes: BTreeMap<(i64, String, &'static str), Units>,
    report: &mut Report,
) -> Result<(), StoreError> {
    for row in volume::days(tx, book, i64::MIN, i64::MAX)? {
        let name = format!("volume_days {book} {} {} {}", row.day, row.devise, row.state);
        let key = volumes.keys().find(|(d, c, s)| (*d, c, *s) == (row.day, &row.devise, row.state.as_str())).cloned();
        let sum = key.and_then(|key| volumes.remove(&key)).unwrap_or_default();
        if sum != row.amount {
            report.find(name, format!("says {}, the invoices come to {sum}", row.amount));
        }
    }
    for ((day, devise, state), sum) in volumes {
        report.find(
            format!("volume_days {book} {day} {devise} {state}"),
            format!("is missing, the invoices come to {sum}"),
        );
    }
    Ok(())
}

/// Entries that were not undone, by cause. A reversal without what it reverses is a finding.
fn live_entries(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<BTreeMap<String, Draft>, StoreError> {
    let mut live: BTreeMap<String, Draft> = BTreeMap::new();
    let mut last = 0;
    loop {
        let entries = ledger::entries_after(tx, book, last)?;
        for entry in &entries {
            last = entry.seq;
            let draft = entry.draft.clone();
            match draft.reason {
                Reason::PaymentReceived | Reason::Settled | Reason::ChargePaid => {
                    live.insert(draft.cause.clone(), draft);
                }
                Reason::ChargeSurplus
                | Reason::Withheld
                | Reason::Released
                | Reason::RefundedElsewhere
                | Reason::Disputed
                | Reason::DisputeWon
                | Reason::DisputeLost => {
                    live.insert(draft.cause.clone(), draft);
                }
                // explained elsewhere: debts where the book is walked through, the rest with what it moved
                Reason::DebtIncurred
                | Reason::DebtRepaid
                | Reason::SettlementReserved
                | Reason::SettlementCanceled
                | Reason::ReserveReleased
                | Reason::PaidOutByProvider
                | Reason::PaidOutReversed
                | Reason::TreasuryReceived
                | Reason::TreasuryWithdrawn
                | Reason::TreasuryReversed
                | Reason::TreasuryClaimed
                | Reason::FundCredited
                | Reason::FundReversed
                | Reason::TransferReserved
                | Reason::TransferDone
                | Reason::TransferFailed
                | Reason::TransferReversed
                | Reason::RefundExchanged
                | Reason::RefundExchangeUndone => {}
                Reason::PaymentReversed | Reason::SettlementReversed | Reason::ChargeReversed => {
                    let undone = draft.cause.strip_prefix("reversal:").and_then(|cause| live.remove(cause));
                    if undone.is_none_or(|undone| {
                        undone.reversal(String::new(), draft.reason, draft.at).postings != draft.postings
                    }) {
                        report.find(format!("ledger_entries {book} {last}"), "reverses no entry, or not exactly");
                    }
                }
            }
        }
        if entries.is_empty() {
            return Ok(live);
        }
    }
}

fn check_invoice(
    tx: &Tx<'_>,
    book: &MerchantId,
    row: &InvoiceRow,
    live: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let number = row.invoice.number;
    let attempts = attempts::of_invoice(tx, book, number)?;
    let rows = payments::of_invoice(tx, book, number)?;
    report.payments += u64::try_from(rows.len()).unwrap_or(u64::MAX);
    for payment in rows.iter().filter(|row| row.payment.finality == Finality::Final) {
        check_payment(book, payment, &attempts, live, report);
    }
    for attempt in &attempts {
        check_address(book, attempt, report);
    }
    let flushed = flushes::of_attempts(tx, book, &attempts)?;
    check_flushes(book, &flushed, &rows, &attempts, number, live, report);
    let says = words(InvoiceStatus::from(row.invoice.state)).value;
    check_events(tx, book, About::invoice(number), row.last_event, says, report)?;
    let payments: Vec<_> = rows.into_iter().map(|row| row.payment).collect();
    let charged = charges::of_invoice(tx, book, number)?;
    check_charges(tx, book, &charged, live, report)?;
    let standing = Standing::of(&attempts, &payments)
        .and_then(|standing| standing.with_charges(charged.iter().map(|row| &row.charge)))
        .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let name = format!("invoices {book} {number}");
    let credited = payments.iter().filter(|p| p.placement == Placement::Credited && p.finality == Finality::Final);
    // what left the chain may come back: a received invoice waits for it and then fails; a settled one has no state to go to
    let by_settlement = settled_charges(tx, book, &charged)?;
    let disturbed = payments.iter().any(|p| p.finality == Finality::Reversed)
        || flushed.iter().any(|flush| flush.finality == Finality::Reversed);
    match row.invoice.state {
        State::Received if disturbed => {}
        State::Received if !standing.covers(row.invoice.amount) => {
            report.find(name, "is received, but its payments do not cover it");
        }
        State::Withheld if charged.iter().all(|row| row.holds == 0) => {
            report.find(name, "is withheld, but no provider held its money back");
        }
        State::Withheld if !standing.covers(row.invoice.amount) => {
            report.find(name, "is withheld, but its payments do not cover it");
        }
        State::Chargeback if !is_disputed(tx, book, &charged)? => {
            report.find(name, "is charged back, but nobody disputes its payment");
        }
        State::Settled if row.settle_tx_hash.is_none() && !by_settlement.by_provider => {
            report.find(name, "is settled without a transaction")
        }
        State::Settled
            if !credited.clone().all(|p| p.flushed_by.is_some())
                || !by_settlement.all
                || (credited.count() == 0 && by_settlement.hashes.is_empty() && !by_settlement.by_provider) =>
        {
            let lost = if disturbed || by_settlement.taken_back { ": what settled it left the chain" } else { "" };
            report.find(name, format!("is settled, but not every payment has reached the merchant{lost}"));
        }
        State::Settled
            if !disturbed
                && !by_settlement.taken_back
                && row.settle_tx_hash.is_some()
                && !flushed.iter().any(|f| is_final(f) && row.settle_tx_hash.as_ref() == Some(&f.on_chain.tx_hash))
                && row.settle_tx_hash.as_ref().is_none_or(|hash| !by_settlement.hashes.contains(hash)) =>
        {
            report.find(name, "is settled by a transaction that moved nothing of it");
        }
        State::Created | State::Opened | State::Expired | State::Failed(_)
            if standing.settled_on_chain >= row.invoice.amount =>
        {
            report.find(name, "is covered by final payments, but not received");
        }
        _ => {}
    }
    Ok(())
}

fn is_disputed(tx: &Tx<'_>, book: &MerchantId, charged: &[ChargeRow]) -> Result<bool, StoreError> {
    for row in charged {
        if !disputes::of_charge(tx, book, &row.charge.id)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_final(flush: &FlushRow) -> bool {
    flush.finality == Finality::Final
}

/// A deposit address follows from the terms: one that does not would lead a payer's money elsewhere.
fn check_address(book: &MerchantId, attempt: &Attempt, report: &mut Report) {
    let terms = ForwarderTerms {
        merchant: Address::from(attempt.merchant_wallet),
        fee_wallet: Address::from(attempt.fee_wallet),
        fee_bps: attempt.fee.get(),
    };
    if deposit_address(&terms, B256::from(attempt.salt)).0.0 != attempt.address {
        report.find(format!("attempts {book} {}", attempt.id), "its address is not that of its wallets and fee");
    }
}

/// A final flush moved exactly the payments that name it, and its entry says so; no payment names anything else.
fn check_flushes(
    book: &MerchantId,
    flushed: &[FlushRow],
    rows: &[PaymentRow],
    attempts: &[Attempt],
    number: i64,
    live: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) {
    let moves = |flush: &FlushRow, row: &PaymentRow| {
        row.payment.flushed_by.as_ref() == Some(&flush.on_chain.tx_hash)
            && row.payment.attempt_id == flush.attempt_id
            && row.payment.asset == flush.asset
    };
    for row in rows.iter().filter(|row| row.payment.flushed_by.is_some()) {
        let named = flushed.iter().any(|flush| is_final(flush) && moves(flush, row));
        if !named || row.payment.finality != Finality::Final {
            report.find(
                format!("payments {book} {}", row.payment.id),
                "is marked as flushed by what is no final flush of it",
            );
        }
    }
    for flush in flushed.iter().filter(|flush| is_final(flush)) {
        let name = format!("flushes {book} {}", flush.on_chain.tx_hash);
        let moved: Vec<Payment> = rows.iter().filter(|row| moves(flush, row)).map(|row| row.payment.clone()).collect();
        let sum = moved.iter().try_fold(Units::ZERO, |sum, payment| sum.plus(payment.units));
        if sum != flush.merchant_units.plus(flush.fee_units) {
            report.find(name.clone(), "moved another sum than its payments");
        }
        let Some(attempt) = attempts.iter().find(|attempt| attempt.id == flush.attempt_id) else { continue };
        let cause = cause("flush", &flush.on_chain, flush.round);
        let Some(entry) = live.remove(&cause) else {
            report.find(name, "is final but has no entry");
            continue;
        };
        match books::flushed(&flush.on_chain, flush.round, &moved, attempt, number, entry.at) {
            Ok(expected) if expected == entry => {}
            _ => report.find(name, format!("and its entry ({cause}) do not agree")),
        }
    }
}

fn check_payment(
    book: &MerchantId,
    row: &PaymentRow,
    attempts: &[domain::attempt::Attempt],
    live: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) {
    let name = format!("payments {book} {}", row.payment.id);
    let cause = cause("payment", &row.payment.on_chain, row.payment.round);
    let Some(attempt) = attempts.iter().find(|attempt| attempt.id == row.payment.attempt_id) else {
        return report.find(name, "belongs to an attempt that is not there");
    };
    let Some(entry) = live.remove(&cause) else {
        return report.find(name, "is final but has no entry");
    };
    match payment_received(&row.payment, attempt, row.invoice_number, entry.at) {
        Ok(expected) if expected == entry => {}
        _ => report.find(name, format!("and its entry ({cause}) do not agree")),
    }
}

/// The counters that history pages by.
fn check_counts(
    tx: &Tx<'_>,
    book: &MerchantId,
    mut counts: BTreeMap<(i64, &'static str), i64>,
    report: &mut Report,
) -> Result<(), StoreError> {
    for (day, state, invoices) in history::counts(tx, book)? {
        let key = counts.keys().find(|(d, s)| *d == day && *s == state).copied();
        let counted = key.and_then(|key| counts.remove(&key)).unwrap_or(0);
        if counted != invoices {
            report.find(format!("invoice_days {book} {day} {state}"), format!("says {invoices}, there are {counted}"));
        }
    }
    for ((day, state), counted) in counts {
        report.find(format!("invoice_days {book} {day} {state}"), format!("is missing, there are {counted}"));
    }
    Ok(())
}
