//! Every transfer has exactly the entries that its row says, and the reverse; the log of acts is whole.

use std::collections::BTreeMap;

use domain::ledger::{Draft, Reason};
use domain::transfer::{Kind, State};
use domain::transfer_books::{self, Moved, Step, cause};
use domain::{ChargeId, MerchantId};

use super::acts;
use super::audit::{Report, entries_of};
use super::audit_coin_refunds::check_transfer_of;
use super::transfers::moved;
use crate::store::transfers::{self, TransferRow};
use crate::store::{StoreError, Tx, charges};

/// Checks the transfers of a book.
pub fn check_transfers(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<(), StoreError> {
    let mut entries = entries_of(
        tx,
        book,
        &[Reason::TransferReserved, Reason::TransferDone, Reason::TransferFailed, Reason::TransferReversed],
    )?;
    let mut last = String::new();
    loop {
        let rows = transfers::after(tx, book, &last)?;
        let Some(end) = rows.last() else { break };
        last = end.id.to_string();
        for row in &rows {
            report.transfers += 1;
            if row.state == State::Done && row.nonce.is_some() && row.tx_hash.is_some() {
                report.paid_by_treasury.push((row.merchant_id.clone(), row.id.clone()));
            }
            check_subject(tx, row, report)?;
            check_transfer(row, &moved(tx, row)?, &mut entries, report);
        }
    }
    for (cause, _) in entries {
        report.find(format!("ledger_entries {book} ({cause})"), "has no transfer that it is the entry of");
    }
    Ok(())
}

fn check_transfer(row: &TransferRow, about: &Moved<'_>, entries: &mut BTreeMap<String, Draft>, report: &mut Report) {
    let name = format!("transfers {} {}", row.merchant_id, row.id);
    // a settlement's amount is set aside, and freed, by the entries of its items
    let holds_itself = row.kind != Kind::Settlement;
    if holds_itself {
        take(&name, about, Step::Reserved, entries, report);
    }
    if holds_itself && matches!(row.state, State::Failed | State::Canceled) {
        take(&name, about, Step::Failed, entries, report);
    }
    for round in 1..=row.round {
        let about = Moved { round, ..*about };
        let Some(done) = take(&name, &about, Step::Done, entries, report) else { continue };
        if round == row.round && row.state == State::Done {
            continue;
        }
        let cause = format!("reversal:{}", cause(&row.id, Step::Done, round));
        match entries.remove(&cause) {
            Some(entry) if entry == done.reversal(cause.clone(), Reason::TransferReversed, entry.at) => {}
            Some(_) => report.find(name.clone(), format!("and its entry ({cause}) do not agree")),
            None => report.find(name.clone(), format!("left the chain, but has no entry {cause}")),
        }
    }
    if row.state == State::Done && row.round == 0 {
        report.find(name, "has arrived, but not once");
    }
}

/// A refund is of a charge of the same merchant.
fn check_subject(tx: &Tx<'_>, row: &TransferRow, report: &mut Report) -> Result<(), StoreError> {
    if row.kind == Kind::CoinRefund {
        return check_transfer_of(tx, &row.merchant_id, &row.subject, row.id.as_str(), report);
    }
    if row.kind != Kind::ChargeRefund {
        return Ok(());
    }
    let known = match ChargeId::parse(&row.subject) {
        Ok(id) => charges::by_id(tx, &row.merchant_id, &id)?.is_some(),
        Err(_) => false,
    };
    if !known {
        let name = format!("transfers {} {}", row.merchant_id, row.id);
        report.find(name, format!("gives {} back, which is not there", row.subject));
    }
    Ok(())
}

/// Takes a step's entry out of those that are not explained yet, and compares it with what it should be, at its own time.
fn take(
    name: &str,
    about: &Moved<'_>,
    step: Step,
    entries: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) -> Option<Draft> {
    let cause = cause(about.id, step, about.round);
    let Some(entry) = entries.remove(&cause) else {
        report.find(name.to_owned(), format!("has no entry {cause}"));
        return None;
    };
    if transfer_books::entry(about, step, entry.at).as_ref() != Ok(&entry) {
        report.find(name.to_owned(), format!("and its entry ({cause}) do not agree"));
    }
    Some(entry)
}

/// Checks what belongs to no one book: that no transfer lies outside of all of them, and the log of acts.
pub fn check_whole(tx: &Tx<'_>, report: &mut Report) -> Result<(), StoreError> {
    let there = transfers::count_all(tx)?;
    if i64::try_from(report.transfers) != Ok(there) {
        report.find("transfers".into(), format!("{there} are there, {} belong to a merchant", report.transfers));
    }
    for read in acts::all(tx)? {
        report.acts += 1;
        if let Some(wrong) = read.wrong {
            report.find(format!("audit_log {}", read.seq), wrong);
        }
    }
    Ok(())
}
