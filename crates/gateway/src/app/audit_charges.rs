//! Every charge and dispute has exactly the entries that its row says, and the reverse; its refunds go back where it came from.

use std::collections::BTreeMap;

use domain::amount::AmountError;
use domain::charge::{Charge, Money, Placement, State};
use domain::charge_books::{self, DisputeStep, paid_cause};
use domain::ledger::{Account, Draft, Kind, Owner, Unbalanced};
use domain::{MerchantId, Time, Units};

use super::audit::Report;
use super::charges::refunds;
use super::provider_payouts;
use crate::store::charges::ChargeRow;
use crate::store::disputes::{self, DisputeRow, DisputeState};
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx, ledger};

/// Takes an entry out of those that are not explained yet, and compares it with what it should be, at its own time.
fn take(
    live: &mut BTreeMap<String, Draft>,
    cause: &str,
    row: &str,
    report: &mut Report,
    expected: impl Fn(Time) -> Vec<Result<Draft, Unbalanced>>,
) {
    let Some(entry) = live.remove(cause) else {
        return report.find(row.to_owned(), format!("has no entry {cause}"));
    };
    if !expected(entry.at).contains(&Ok(entry)) {
        report.find(row.to_owned(), format!("and its entry ({cause}) do not agree"));
    }
}

/// The charge as it may have been when an entry was made: a charge that was reversed and paid again may be placed elsewhere since.
fn then(row: &ChargeRow) -> [Charge; 2] {
    [Placement::Credited, Placement::Extra].map(|placement| Charge { placement: Some(placement), ..row.charge.clone() })
}

/// Checks an invoice's charges.
pub fn check_charges(
    tx: &Tx<'_>,
    book: &MerchantId,
    rows: &[ChargeRow],
    live: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) -> Result<(), StoreError> {
    for row in rows {
        report.charges += 1;
        let refunds = refunds::of_charge(tx, book, &row.charge.id)?;
        let disputes = disputes::of_charge(tx, book, &row.charge.id)?;
        report.refunds += u64::try_from(refunds.len()).unwrap_or(u64::MAX);
        report.disputes += u64::try_from(disputes.len()).unwrap_or(u64::MAX);
        check_payment(book, row, live, report);
        check_holds(book, row, live, report);
        refunds.iter().for_each(|refund| check_refund(row, refund, report));
        disputes.iter().for_each(|dispute| check_dispute(book, row, dispute, live, report));
        check_elsewhere(book, row, live, report);
        check_sums(book, row, &refunds, report);
        let below = parked_below(tx, row, &refunds, &disputes)?;
        if let (false, Some(received)) = (below.is_zero(), &row.charge.received) {
            let sum = report.parked_below.entry((book.clone(), received.currency.clone())).or_default();
            *sum = sum.plus(below).map_err(out_of_range)?;
        }
    }
    Ok(())
}

fn out_of_range(error: AmountError) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// What a charge may at most take from parked money beyond what it brought there: a refund of what a provider has paid out already, for
/// instance, or a dispute of what was given back.
fn parked_below(
    tx: &Tx<'_>,
    row: &ChargeRow,
    refunds: &[TransferRow],
    disputes: &[DisputeRow],
) -> Result<Units, StoreError> {
    let (mut gone, mut there) = (row.surplus_given_back, row.surplus);
    for refund in refunds.iter().filter(|refund| refund.state.takes() && refund.taken_from == Kind::Parked) {
        gone = gone.plus(refund.units).map_err(out_of_range)?;
    }
    if row.charge.placement != Some(Placement::Credited) {
        let received = row.charge.received.as_ref().map_or(Units::ZERO, |money| money.units);
        let stands = if row.charge.state == State::Paid && !row.charge.held { received } else { Units::ZERO };
        there = there.plus(stands).map_err(out_of_range)?;
        gone = gone.plus(row.refunded_elsewhere).map_err(out_of_range)?;
        for dispute in disputes.iter().filter(|dispute| dispute.state != DisputeState::Won) {
            gone = gone.plus(dispute.money.units).map_err(out_of_range)?;
        }
        if provider_payouts::is_paid_out(tx, &row.merchant_id, &row.charge.id)? {
            gone = gone.plus(received).map_err(out_of_range)?;
        }
    }
    Ok(gone.less(there))
}

/// Parked money is below zero only by what its charges explain. After all of a book's charges.
pub fn check_parked(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<(), StoreError> {
    for row in ledger::accounts(tx, book)? {
        let Account { owner, kind, asset } = &row.account;
        // coins are parked by payments, not by charges
        let is_fiat = domain::fiat::minor_digits(asset).is_some();
        if (*owner, *kind) != (Owner::Merchant, Kind::Parked) || !is_fiat {
            continue;
        }
        let below = row.debit.less(row.credit);
        let explained = report.parked_below.remove(&(book.clone(), asset.clone())).unwrap_or_default();
        if below > explained {
            let what = format!("is {below} below zero, its charges explain {explained}");
            report.find(format!("ledger_accounts {book} merchant parked {asset}"), what);
        }
    }
    Ok(())
}

fn name(book: &MerchantId, row: &ChargeRow) -> String {
    format!("charges {book} {}", row.charge.id)
}

fn check_payment(book: &MerchantId, row: &ChargeRow, live: &mut BTreeMap<String, Draft>, report: &mut Report) {
    let charge = &row.charge;
    if charge.state == State::Paid {
        take(live, &paid_cause(&charge.id, charge.round), &name(book, row), report, |at| {
            vec![charge_books::paid(charge, row.invoice_number, at)]
        });
    }
    let exact = charge.received.as_ref().is_none_or(|money| *money == charge.asked);
    if exact == (charge.placement == Some(Placement::Mismatch)) {
        report.find(name(book, row), "what was received and where it was placed do not agree");
    }
    if charge.state == State::Paid && (charge.received.is_none() || charge.placement.is_none()) {
        report.find(name(book, row), "is paid, but does not say what was received");
    }
}

/// Holds and releases take turns, beginning with a hold.
fn check_holds(book: &MerchantId, row: &ChargeRow, live: &mut BTreeMap<String, Draft>, report: &mut Report) {
    if row.charge.held != (row.holds % 2 == 1) {
        report.find(name(book, row), format!("is held: {}, after {} changes", row.charge.held, row.holds));
    }
    let Ok(share) = charge_books::share(&row.charge) else { return };
    for nth in (1..=row.holds).filter(|_| !share.units.is_zero()) {
        take(live, &format!("hold:{}:{nth}", row.charge.id), &name(book, row), report, |at| {
            then(row)
                .iter()
                .map(|charge| charge_books::hold(charge, nth % 2 == 1, nth, row.invoice_number, at))
                .collect()
        });
    }
}

/// Its entries are those of a transfer (`super::audit_transfers`); it goes back where the charge came from.
fn check_refund(row: &ChargeRow, refund: &TransferRow, report: &mut Report) {
    let charge = &row.charge;
    let currency = charge.received.as_ref().map_or("", |money| money.currency.as_str());
    let is_owed_there = matches!(refund.taken_from, Kind::Payable | Kind::Parked);
    if refund.account_id.as_ref() != Some(&charge.account_id) || refund.asset != currency || !is_owed_there {
        let what = format!("does not give charge {} back where it came from", charge.id);
        report.find(format!("transfers {} {}", refund.merchant_id, refund.id), what);
    }
}

fn check_dispute(
    book: &MerchantId,
    row: &ChargeRow,
    dispute: &DisputeRow,
    live: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) {
    let mut steps = vec![(DisputeStep::Opened, "opened", dispute.round)];
    for round in 1..dispute.round {
        // taken up again after it was won
        steps.extend([(DisputeStep::Opened, "opened", round), (DisputeStep::Won, "won", round)]);
    }
    match dispute.state {
        DisputeState::Open => {}
        DisputeState::Won => steps.push((DisputeStep::Won, "won", dispute.round)),
        DisputeState::Lost => steps.push((DisputeStep::Lost, "lost", dispute.round)),
    }
    for (step, word, round) in steps.into_iter().filter(|_| !dispute.money.units.is_zero()) {
        let cause = format!("dispute:{}:{}:{word}:{round}", row.charge.id, dispute.reference);
        let row_name = format!("disputes {book} {} {}", row.charge.id, dispute.reference);
        take(live, &cause, &row_name, report, |at| {
            let named = (dispute.reference.as_str(), round);
            let entry = |charge| charge_books::dispute(charge, named, &dispute.money, step, row.invoice_number, at);
            then(row).iter().map(entry).collect()
        });
    }
}

type Outside = fn(&Charge, &Money, Units, i64, Time) -> Result<Draft, Unbalanced>;

/// The entries of what happened at the provider without us add up to what the charge says.
fn check_elsewhere(book: &MerchantId, row: &ChargeRow, live: &mut BTreeMap<String, Draft>, report: &mut Report) {
    let [taken] = outside(book, row, [("surplus", charge_books::surplus as Outside)], live, report);
    let back: [(&str, Outside); 2] =
        [("refunded", charge_books::refunded_elsewhere), ("surplus_refunded", charge_books::surplus_refunded)];
    let [refunded, surplus_refunded] = outside(book, row, back, live, report);
    for (word, said, found) in [
        ("surplus", row.surplus, taken),
        ("refunded", row.refunded_elsewhere, refunded),
        ("surplus_refunded", row.surplus_given_back, surplus_refunded),
    ] {
        if found != said {
            report.find(name(book, row), format!("says {said} was {word} at the provider, its entries say {found}"));
        }
    }
}

/// What the entries of each kind come to. Their causes are the running sums of all of these kinds together.
fn outside<const N: usize>(
    book: &MerchantId,
    row: &ChargeRow,
    kinds: [(&str, Outside); N],
    live: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) -> [Units; N] {
    let prefixes = kinds.map(|(word, _)| format!("{word}:{}:", row.charge.id));
    let sum_of = |cause: &String| {
        let of_kind =
            |(at, prefix): (usize, &String)| Some((Units::from_digits(cause.strip_prefix(prefix)?).ok()?, at));
        prefixes.iter().enumerate().find_map(of_kind)
    };
    let mut sums: Vec<(Units, usize)> = live.keys().filter_map(sum_of).collect();
    sums.sort_unstable();
    let currency = row.charge.received.as_ref().map(|money| money.currency.clone()).unwrap_or_default();
    let (mut before, mut found) = (Units::ZERO, [Units::ZERO; N]);
    for (sum, at) in sums {
        let money = Money { units: sum.less(before), currency: currency.clone() };
        let make = kinds[at].1;
        take(live, &format!("{}{sum}", prefixes[at]), &name(book, row), report, |at| {
            then(row).iter().map(|charge| make(charge, &money, sum, row.invoice_number, at)).collect()
        });
        // parts of one sum: they fit
        found[at] = found[at].plus(money.units).unwrap_or(sum);
        before = sum;
    }
    found
}

/// Never is more given back than was received, nor of the surplus than was taken too much.
fn check_sums(book: &MerchantId, row: &ChargeRow, refunds: &[TransferRow], report: &mut Report) {
    let received = row.charge.received.as_ref().map_or(Units::ZERO, |money| money.units);
    let back = refunds
        .iter()
        .filter(|refund| refund.state.takes())
        .try_fold(row.refunded_elsewhere, |sum, refund| sum.plus(refund.units));
    if back.is_err() || back.is_ok_and(|back| back > received) || row.surplus_given_back > row.surplus {
        report.find(name(book, row), "more is given back than was received");
    }
}
