//! Every settlement, its items, reserves and transfer have exactly their entries, and the reverse.

use std::collections::BTreeMap;

use domain::ledger::{Draft, Owner, Reason};
use domain::settlement::{coins_for, item_cause, item_entry, release_cause, release_entry};
use domain::transfer::State as TransferState;
use domain::transfer_books::{self, Step};
use domain::{MerchantId, Units};
use rails::provider::LineKind;

use super::audit::{Report, entries_of};
use super::transfers::moved;
use crate::store::charges::ChargeRow;
use crate::store::provider_payouts::{self, LineState};
use crate::store::settlements::{self, ItemRow, ReserveRow, ReserveState, SettlementRow, State};
use crate::store::{StoreError, Tx, charges, ledger, transfers};

/// Counts of rows seen: settlements, items, reserves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen(i64, i64, i64);

/// Checks a merchant's settlements.
pub fn check_settlements(
    tx: &Tx<'_>,
    book: &MerchantId,
    seen: &mut Seen,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut entries =
        entries_of(tx, book, &[Reason::SettlementReserved, Reason::SettlementCanceled, Reason::ReserveReleased])?;
    let mut last = 0;
    loop {
        let rows = settlements::after(tx, book, last)?;
        for row in &rows {
            last = row.number;
            seen.0 += 1;
            check_settlement(tx, book, row, &mut entries, seen, report)?;
        }
        if rows.is_empty() {
            break;
        }
    }
    for cause in entries.into_keys() {
        report.find(format!("ledger_entries {book} ({cause})"), "belongs to no settlement");
    }
    Ok(())
}

/// No settlement, item or reserve is of a merchant that is not there.
pub fn check_counts(tx: &Tx<'_>, seen: Seen, report: &mut Report) -> Result<(), StoreError> {
    let there = settlements::count_all(tx)?;
    if there != (seen.0, seen.1, seen.2) {
        report
            .find("settlements".into(), format!("{there:?} are there, {seen:?} belong to a merchant or a settlement"));
    }
    Ok(())
}

/// Takes an entry, and its reversal if it was undone, and compares them with what they should be.
fn take(
    entries: &mut BTreeMap<String, Draft>,
    cause: &str,
    expected: impl FnOnce(domain::Time) -> Option<Draft>,
    undone: bool,
    name: &str,
    report: &mut Report,
) {
    let entry = entries.remove(cause);
    let at = entry.as_ref().map_or(domain::Time(0), |entry| entry.at);
    if entry != expected(at) {
        report.find(name.to_owned(), format!("and its entry ({cause}) do not agree"));
    }
    let Some(entry) = entry else { return };
    let name_of_reversal = format!("reversal:{cause}");
    let reversal = entries.remove(&name_of_reversal);
    let at = reversal.as_ref().map_or(domain::Time(0), |entry| entry.at);
    let wanted = undone.then(|| entry.reversal(name_of_reversal, Reason::SettlementCanceled, at));
    if reversal != wanted {
        report.find(name.to_owned(), format!("was called off: {undone}, and the reversal of {cause} does not agree"));
    }
}

fn check_settlement(
    tx: &Tx<'_>,
    book: &MerchantId,
    row: &SettlementRow,
    entries: &mut BTreeMap<String, Draft>,
    seen: &mut Seen,
    report: &mut Report,
) -> Result<(), StoreError> {
    let name = format!("settlements {book} {}", row.number);
    let canceled = row.state == State::Canceled;
    let mut reserves: BTreeMap<_, ReserveRow> = BTreeMap::new();
    for reserve in settlements::reserves(tx, book, row.number)? {
        seen.2 += 1;
        reserves.insert(reserve.charge_id.clone(), reserve);
    }
    let mut sum = Ok(Units::ZERO);
    for item in settlements::items(tx, book, row.number)? {
        seen.1 += 1;
        sum = sum.and_then(|sum| sum.plus(item.item.net()));
        let charge = charges::existing(tx, book, &item.item.charge)?;
        check_item(book, &item, &charge, canceled, entries, report);
        check_reserve(book, &item, reserves.remove(&item.item.charge), canceled, entries, report);
    }
    if !reserves.is_empty() {
        report.find(name.clone(), "keeps a reserve of no charge of it");
    }
    if sum != Ok(row.units) || row.units.is_zero() {
        report.find(name.clone(), "is over another sum than its items");
    }
    check_transfer(tx, book, row, &name, report)
}

fn check_item(
    book: &MerchantId,
    row: &ItemRow,
    charge: &ChargeRow,
    canceled: bool,
    entries: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) {
    let item = &row.item;
    let name = format!("settlement_items {book} {} {}", row.number, item.charge);
    let (received, settle) = (charge.charge.received.as_ref(), charge.charge.settle.as_ref());
    let worth = received.zip(settle).map(|(money, settle)| coins_for(item.contribution, money.units, settle));
    if worth != Some(Ok(item.coins)) || item.spread > item.coins {
        report.find(name.clone(), "gives other coins than the charge's rate");
    }
    if settle.is_none_or(|settle| settle.asset != item.asset) || charge.invoice_number != row.invoice_number {
        report.find(name.clone(), "is in another coin than the charge, or of another invoice");
    }
    let pay = item.reserve.plus(item.contribution);
    let parts = pay.and_then(|pay| pay.plus(item.fee)).and_then(|sum| sum.plus(item.deducted));
    if parts != Ok(item.gross) {
        report.find(name.clone(), "its amounts do not add up");
    }
    let expected = |at| item_entry(row.number, row.invoice_number, item, &row.rate, at).ok().flatten();
    take(entries, &item_cause(row.number, &item.charge), expected, canceled, &name, report);
}

fn check_reserve(
    book: &MerchantId,
    row: &ItemRow,
    reserve: Option<ReserveRow>,
    canceled: bool,
    entries: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) {
    let name = format!("reserves {book} {} {}", row.number, row.item.charge);
    let kept = reserve.as_ref().map_or(Units::ZERO, |reserve| reserve.kept.units);
    if kept != row.item.reserve {
        report.find(name.clone(), "is not what was kept back of the charge");
    }
    let Some(reserve) = reserve else { return };
    let agrees = match reserve.state {
        ReserveState::Void => canceled,
        ReserveState::Released => !canceled && reserve.released_at.is_some(),
        ReserveState::Kept => !canceled && reserve.released_at.is_none(),
    };
    if !agrees {
        report
            .find(name.clone(), format!("is {} while its settlement was called off: {canceled}", reserve.state.name()));
    }
    if reserve.released_at.is_some() {
        let expected = |at| release_entry(row.number, row.invoice_number, &reserve.charge_id, &reserve.kept, at).ok();
        take(entries, &release_cause(row.number, &reserve.charge_id), expected, canceled, &name, report);
    }
}

/// The transfer carries exactly the settlement, and every time it arrived has its entry, undone but for the last of one that is done.
fn check_transfer(
    tx: &Tx<'_>,
    book: &MerchantId,
    row: &SettlementRow,
    name: &str,
    report: &mut Report,
) -> Result<(), StoreError> {
    let transfer = transfers::existing(tx, book, &row.transfer_id)?;
    let same = (&transfer.asset, transfer.units, &transfer.destination) == (&row.asset, row.units, &row.wallet)
        && transfer.subject == row.number.to_string();
    if !same {
        report.find(name.to_owned(), "and its transfer are not over the same, or go elsewhere");
    }
    let state_agrees = match row.state {
        State::Done => transfer.state == TransferState::Done && transfer.tx_hash == row.tx_hash,
        State::Canceled => matches!(transfer.state, TransferState::Failed | TransferState::Canceled),
        State::UnderWay | State::TakenBack => transfer.state.is_open(),
    };
    if !state_agrees {
        report.find(name.to_owned(), format!("is {}, its transfer is {}", row.state.name(), transfer.state.name()));
    }
    let mut moved = moved(tx, &transfer)?;
    for round in 1..=transfer.round {
        moved.round = round;
        let cause = transfer_books::cause(&transfer.id, Step::Done, round);
        let entry = ledger::by_cause(tx, book, &cause)?.map(|row| row.draft);
        let at = entry.as_ref().map_or(domain::Time(0), |entry| entry.at);
        if entry != transfer_books::entry(&moved, Step::Done, at).ok() {
            report.find(name.to_owned(), format!("arrived, and the entry {cause} does not agree"));
        }
        let undone = ledger::by_cause(tx, book, &format!("reversal:{cause}"))?.is_some();
        if undone == (round == transfer.round && transfer.state == TransferState::Done) {
            report.find(name.to_owned(), format!("arrived {} times, and {cause} does not fit", transfer.round));
        }
    }
    Ok(())
}

/// How the charges of an invoice have reached the merchant.
#[derive(Debug)]
pub struct BySettlement {
    /// Each that counts has arrived by a settlement.
    pub all: bool,
    /// A settlement of one left the chain, or was called off.
    pub taken_back: bool,
    pub hashes: Vec<String>,
    /// A provider said that it paid one out to the merchant's own bank.
    pub by_provider: bool,
}

pub fn settled_charges(tx: &Tx<'_>, book: &MerchantId, charged: &[ChargeRow]) -> Result<BySettlement, StoreError> {
    let mut found = BySettlement { all: true, taken_back: false, hashes: Vec::new(), by_provider: false };
    for row in charged {
        if row.charge.owner == Owner::Merchant {
            let lines = provider_payouts::of_charge(tx, book, &row.charge.id)?;
            let is_in = |state| lines.iter().any(|line| line.kind == LineKind::Charge && line.state == state);
            // a payout that failed later leaves the invoice settled
            let (booked, undone) = (is_in(LineState::Booked), is_in(LineState::Undone));
            found.all &= !row.charge.counts() || booked || undone;
            found.by_provider |= booked || undone;
            continue;
        }
        let items = settlements::of_charge(tx, book, &row.charge.id)?;
        found.taken_back |= items.iter().any(|(_, state, _)| matches!(state, State::TakenBack | State::Canceled));
        found.all &= !row.charge.counts() || items.iter().any(|(_, state, _)| *state == State::Done);
        found.hashes.extend(items.into_iter().filter_map(|(_, _, hash)| hash));
    }
    Ok(found)
}
