//! Every received or settled invoice has its entries, every final payment and flush its own, and the reverse.

use std::collections::BTreeMap;

use domain::MerchantId;
use domain::books::{cause, payment_received};
use domain::invoice::State;
use domain::ledger::{Draft, Reason};
use domain::payment::{Finality, Placement};
use domain::standing::Standing;

use super::audit::Report;
use crate::store::invoices::{self, InvoiceRow, state_columns};
use crate::store::payments::{self, PaymentRow};
use crate::store::{StoreError, Tx, attempts, flushes, history, ledger};

pub fn check_invoices(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<(), StoreError> {
    let mut live = live_entries(tx, book, report)?;
    let mut counts: BTreeMap<(i64, &'static str), i64> = BTreeMap::new();
    let mut last = 0;
    loop {
        let rows = invoices::after(tx, book, last)?;
        for row in &rows {
            report.invoices += 1;
            last = row.invoice.number;
            *counts.entry((row.invoice.created_at.day(), state_columns(row.invoice.state).0)).or_default() += 1;
            check_invoice(tx, book, row, &mut live, report)?;
        }
        if rows.is_empty() {
            break;
        }
    }
    for (cause, _) in live {
        report.find(format!("ledger_entries {book} ({cause})"), "has no payment or flush that it is the entry of");
    }
    check_counts(tx, book, counts, report)
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
                Reason::PaymentReceived | Reason::Settled => {
                    live.insert(draft.cause.clone(), draft);
                }
                Reason::PaymentReversed | Reason::SettlementReversed => {
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
    for payment in rows.iter().filter(|row| row.payment.finality == Finality::Final) {
        check_payment(book, payment, &attempts, live, report);
    }
    let flushed = flushes::of_attempts(tx, book, &attempts)?;
    for flush in flushed.iter().filter(|flush| flush.finality == Finality::Final) {
        let cause = cause("flush", &flush.on_chain, flush.round);
        let moved = rows.iter().any(|row| row.payment.flushed_by.as_ref() == Some(&flush.on_chain.tx_hash));
        if live.remove(&cause).is_none() && moved {
            report.find(format!("flushes {book} {}", flush.on_chain.tx_hash), "is final but has no entry");
        }
    }
    let payments: Vec<_> = rows.into_iter().map(|row| row.payment).collect();
    let standing = Standing::of(&attempts, &payments).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let name = format!("invoices {book} {number}");
    let credited = payments.iter().filter(|p| p.placement == Placement::Credited && p.finality == Finality::Final);
    let flushed = |p: &domain::payment::Payment| {
        p.flushed_by.as_ref().is_some_and(|hash| flushed.iter().any(|flush| flush.on_chain.tx_hash == *hash))
    };
    match row.invoice.state {
        State::Received
            if !standing.covers(row.invoice.amount) && !payments.iter().any(|p| p.finality == Finality::Reversed) =>
        {
            report.find(name, "is received, but its payments do not cover it");
        }
        State::Settled if row.settle_tx_hash.is_none() => report.find(name, "is settled without a transaction"),
        State::Settled if !credited.clone().all(flushed) || credited.count() == 0 => {
            report.find(name, "is settled, but not every payment has been flushed");
        }
        State::Created | State::Opened if standing.settled_on_chain >= row.invoice.amount => {
            report.find(name, "is covered by final payments, but not received");
        }
        _ => {}
    }
    Ok(())
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
