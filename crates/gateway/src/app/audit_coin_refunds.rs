//! Every refund of coins is within what came, goes where its payer said, and has its transfer and entries; and the reverse.

use std::collections::BTreeMap;

use domain::coin_refund::{Source, State, exchange_cause, exchanged};
use domain::ledger::{Draft, Reason};
use domain::payment::Finality;
use domain::transfer::{Kind, State as TransferState};
use domain::{MerchantId, RefundId, Units};

use super::audit::{Report, entries_of};
use crate::store::coin_refunds::{self, CoinRefundRow};
use crate::store::{StoreError, Tx, payments, transfers};

/// Checks a merchant's refunds of coins.
pub fn check_coin_refunds(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<(), StoreError> {
    let mut entries = entries_of(tx, book, &[Reason::RefundExchanged, Reason::RefundExchangeUndone])?;
    let mut given: BTreeMap<(i64, String), Units> = BTreeMap::new();
    let mut last = String::new();
    loop {
        let rows = coin_refunds::after(tx, book, &last)?;
        let Some(end) = rows.last() else { break };
        last = end.id.to_string();
        for row in &rows {
            report.coin_refunds += 1;
            check_one(tx, row, &mut entries, report)?;
            if matches!(row.state, State::Confirmed | State::Reported | State::Done) {
                let sum = given.entry((row.invoice_number, row.asset.clone())).or_default();
                *sum = sum.plus(row.units).unwrap_or(Units(u128::MAX));
            }
        }
    }
    for (cause, _) in entries {
        report.find(format!("ledger_entries {book} ({cause})"), "has no coin refund that it is the entry of");
    }
    for ((invoice, asset), given) in given {
        check_sum(tx, (book, invoice), &asset, given, report)?;
    }
    Ok(())
}

/// No refund is of a merchant that is not there.
pub fn check_count(tx: &Tx<'_>, report: &mut Report) -> Result<(), StoreError> {
    let there = coin_refunds::count_all(tx)?;
    if i64::try_from(report.coin_refunds) != Ok(there) {
        report.find("coin_refunds".into(), format!("{there} are there, {} belong to a merchant", report.coin_refunds));
    }
    Ok(())
}

/// Never is more given back than came; what left the chain after it was given back did come.
fn check_sum(
    tx: &Tx<'_>,
    (book, invoice): (&MerchantId, i64),
    asset: &str,
    given: Units,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut came = Units::ZERO;
    for row in payments::of_invoice(tx, book, invoice)? {
        if row.payment.asset == asset && row.payment.finality != Finality::Seen {
            came = came.plus(row.payment.units).unwrap_or(Units(u128::MAX));
        }
    }
    if given > came {
        report.find(format!("coin_refunds {book} {invoice}"), format!("{given} {asset} are given back of {came}"));
    }
    Ok(())
}

fn check_one(
    tx: &Tx<'_>,
    row: &CoinRefundRow,
    entries: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let name = format!("coin_refunds {} {}", row.merchant_id, row.id);
    let is_confirmed = row.destination.is_some() && row.confirmed_at.is_some();
    if matches!(row.state, State::Confirmed | State::Reported | State::Done | State::Failed) && !is_confirmed {
        report.find(name.clone(), "goes to an address that nobody confirmed");
    }
    if row.source == Source::MerchantWallet {
        if row.transfer_id.is_some() || row.funding.is_some() {
            report.find(name.clone(), "is the merchant's to pay, but has a transfer");
        }
        if (row.state == State::Done) != row.log_index.is_some() || (row.log_index.is_some() && row.tx_hash.is_none()) {
            report.find(name, "is done, or not, without the movement that proves it");
        }
        return Ok(());
    }
    let Some(id) = &row.transfer_id else {
        if is_confirmed || !matches!(row.state, State::Asked | State::Canceled) {
            report.find(name, "was confirmed, but has no transfer");
        }
        return Ok(());
    };
    let fits = transfers::by_id(tx, &row.merchant_id, id)?.is_some_and(|transfer| {
        let state = match transfer.state {
            TransferState::Done => State::Done,
            TransferState::Failed => State::Failed,
            TransferState::Canceled => State::Canceled,
            _ => State::Confirmed,
        };
        (transfer.kind, &transfer.asset, transfer.units, state) == (Kind::CoinRefund, &row.asset, row.units, row.state)
            && transfer.subject == row.id.as_str()
            && Some(&transfer.destination) == row.destination.as_ref()
    });
    if !fits {
        report.find(name.clone(), format!("and its transfer {id} do not agree"));
    }
    check_entries(row, &name, entries, report);
    Ok(())
}

/// What paid for the coins was converted once, and that is undone exactly if they did not go.
fn check_entries(row: &CoinRefundRow, name: &str, entries: &mut BTreeMap<String, Draft>, report: &mut Report) {
    let cause = exchange_cause(&row.id);
    let (Some(entry), Some(funding)) = (entries.remove(&cause), &row.funding) else {
        return report.find(name.to_owned(), format!("has no entry {cause}, or does not say what paid for it"));
    };
    if exchanged(&row.id, &row.asset, row.units, funding, row.invoice_number, entry.at).as_ref() != Ok(&entry) {
        report.find(name.to_owned(), format!("and its entry ({cause}) do not agree"));
    }
    let cause = format!("reversal:{cause}");
    let undone = entries.remove(&cause);
    let at = undone.as_ref().map_or(domain::Time(0), |entry| entry.at);
    let wanted = matches!(row.state, State::Failed | State::Canceled)
        .then(|| entry.reversal(cause.clone(), Reason::RefundExchangeUndone, at));
    if undone != wanted {
        report.find(name.to_owned(), format!("and the entry that undoes it ({cause}) do not agree"));
    }
}

/// A transfer for a refund is one of a refund that is there.
pub fn check_transfer_of(
    tx: &Tx<'_>,
    book: &MerchantId,
    subject: &str,
    id: &str,
    report: &mut Report,
) -> Result<(), StoreError> {
    let Ok(refund) = RefundId::parse(subject) else { return Ok(()) };
    let known = coin_refunds::by_id(tx, book, &refund)?;
    if known.is_none_or(|row| row.transfer_id.as_ref().map(|id| id.as_str()) != Some(id)) {
        report
            .find(format!("transfers {book} {id}"), format!("is for coin refund {refund}, which does not know of it"));
    }
    Ok(())
}
