//! Every fund and every payment out has exactly the entries that its row says, and the reverse; what is left of the funds is the balance.

use std::collections::{BTreeMap, BTreeSet};

use domain::fund_books::{self, CURRENCY, reversal_cause};
use domain::ledger::{Draft, Kind as AccountKind, Owner, Reason, Unbalanced, house};
use domain::transfer::{Kind, State as TransferState};
use domain::transfer_books::{self, Step};
use domain::{MerchantId, Time, Units};

use super::audit::Report;
use super::audit_events::check_events;
use super::{funds as funds_case, payouts as payouts_case, transfers};
use crate::store::events::{About, Subject};
use crate::store::funds::{self, FundRow, State};
use crate::store::payouts::{self, PayoutRow};
use crate::store::{StoreError, Tx, ledger, payout_days, transfers as transfer_rows};

type Days = BTreeMap<(i64, &'static str), i64>;

pub fn check_payouts(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<(), StoreError> {
    let mut expected = BTreeSet::new();
    check_funds(tx, book, &mut expected, report)?;
    check_payments(tx, book, report)?;
    check_strays(tx, book, &expected, report)
}

fn check_funds(
    tx: &Tx<'_>,
    book: &MerchantId,
    expected: &mut BTreeSet<String>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let (mut last, mut days, mut left, mut worth) = (0, Days::new(), Units::ZERO, Units::ZERO);
    let sum = |sum: Units, more| sum.plus(more).map_err(|error| StoreError::Inconsistent(error.to_string()));
    loop {
        let rows = funds::after(tx, book, last)?;
        for row in &rows {
            report.funds += 1;
            last = row.number;
            *days.entry((row.created_at.day(), row.state.name())).or_default() += 1;
            left = sum(left, row.left)?;
            if row.state == State::Success {
                worth = sum(worth, row.net())?;
            }
            check_fund(tx, row, expected, report)?;
        }
        if rows.is_empty() {
            break;
        }
    }
    let balance = ledger::balance(tx, book, Owner::Merchant, AccountKind::Funds, CURRENCY)?;
    // a balance above what all funds were worth is of no fund: see `app::funds::share_out`
    if left != balance.min(worth) {
        report.find(format!("funds {book}"), format!("{left} is left of them, the balance is {balance}"));
    }
    check_days(tx, book, Subject::Fund, days, report)
}

fn check_fund(
    tx: &Tx<'_>,
    row: &FundRow,
    expected: &mut BTreeSet<String>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let name = format!("funds {} {}", row.merchant_id, row.number);
    let (credited, undone) = (row.credited_at.is_some(), row.credited_at.is_some() && row.state == State::Failed);
    if (row.state == State::Success) != (credited && !undone) || row.left > row.net() {
        report.find(name.clone(), "its state, when it was credited and what is left of it do not agree");
    }
    if row.state != State::Success && !row.left.is_zero() {
        report.find(name.clone(), "is not credited, and something is left of it");
    }
    type Make = fn(&fund_books::Funded<'_>, Time) -> Result<Draft, Unbalanced>;
    let own: (MerchantId, String, Make) =
        (row.merchant_id.clone(), fund_books::credited_cause(row.number), fund_books::credited);
    let houses: (MerchantId, String, Make) =
        (house(), fund_books::claimed_cause(&row.merchant_id, row.number), fund_books::claimed);
    for (book, cause, make) in [own, houses] {
        let entry = ledger::by_cause(tx, &book, &cause)?;
        let fits = |draft: &Draft| make(&funds_case::funded(row), draft.at).as_ref() == Ok(draft);
        match &entry {
            None if credited => report.find(name.clone(), format!("has no entry {cause}")),
            Some(entry) if !credited || !fits(&entry.draft) => {
                report.find(name.clone(), format!("and its entry ({cause}) do not agree"));
            }
            _ => {}
        }
        let reversal = ledger::by_cause(tx, &book, &reversal_cause(&cause))?;
        let exact = match (&entry, &reversal) {
            (Some(entry), Some(reversal)) => {
                let made = entry.draft.reversal(reversal_cause(&cause), Reason::FundReversed, reversal.draft.at);
                undone && made == reversal.draft
            }
            (_, None) => !undone,
            (None, Some(_)) => false,
        };
        if !exact {
            report.find(name.clone(), format!("and the reversal of its entry ({cause}) do not agree"));
        }
        if book == row.merchant_id {
            expected.extend([reversal_cause(&cause), cause]);
        }
    }
    check_events(
        tx,
        &row.merchant_id,
        About::fund(row.number),
        row.last_event,
        funds_case::status(row.state).value(),
        report,
    )
}

fn check_payments(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<(), StoreError> {
    let (mut last, mut days, mut spent) = (0, Days::new(), BTreeMap::<i64, Units>::new());
    loop {
        let rows = payouts::after(tx, book, last)?;
        for row in &rows {
            report.payouts += 1;
            last = row.number;
            let day = row.created_at.day();
            *days.entry((day, row.state.name())).or_default() += 1;
            if row.state != State::Failed {
                let sum = spent.entry(day).or_default();
                *sum = sum.plus(row.minor).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
            }
            check_payment(tx, row, report)?;
        }
        if rows.is_empty() {
            break;
        }
    }
    for (day, sum) in spent {
        let said = payout_days::spent(tx, book, day)?;
        if said != sum {
            report.find(format!("payout_spent {book} {day}"), format!("says {said}, the payments come to {sum}"));
        }
    }
    check_days(tx, book, Subject::Payment, days, report)
}

fn check_payment(tx: &Tx<'_>, row: &PayoutRow, report: &mut Report) -> Result<(), StoreError> {
    let name = format!("payouts {} {}", row.merchant_id, row.number);
    let Some(transfer) = transfer_rows::by_id(tx, &row.merchant_id, &row.transfer_id)? else {
        report.find(name, "has no transfer");
        return Ok(());
    };
    let state = match transfer.state {
        TransferState::Done => State::Success,
        TransferState::Failed | TransferState::Canceled => State::Failed,
        _ => State::Pending,
    };
    let same = (transfer.kind, transfer.subject.as_str(), transfer.units, transfer.asset.as_str())
        == (Kind::CardPayout, row.number.to_string().as_str(), row.minor, row.currency.as_str());
    if !same || state != row.state {
        report.find(name.clone(), format!("and its transfer {} do not agree", transfer.id));
    }
    if row.card_sealed.is_some() && row.state != State::Pending {
        report.find(name.clone(), "is over, and still keeps the card's number");
    }
    let moved = transfers::moved(tx, &transfer)?;
    // one that arrived and came back has the entry of its arrival, too, and its opposite: the audit of transfers looks at both
    let steps = [(Step::Reserved, true), (Step::Done, transfer.round > 0), (Step::Failed, row.state == State::Failed)];
    for (step, wanted) in steps {
        let cause = transfer_books::cause(&transfer.id, step, transfer.round);
        let entry = ledger::by_cause(tx, &row.merchant_id, &cause)?;
        let fits = entry
            .as_ref()
            .is_some_and(|entry| transfer_books::entry(&moved, step, entry.draft.at).as_ref() == Ok(&entry.draft));
        if (wanted && !fits) || (!wanted && entry.is_some()) {
            report.find(name.clone(), format!("and the entry {cause} do not agree"));
        }
    }
    check_events(
        tx,
        &row.merchant_id,
        About::payment(row.number),
        row.last_event,
        payouts_case::status(row.state).value(),
        report,
    )
}

/// The counters that history pages by.
fn check_days(
    tx: &Tx<'_>,
    book: &MerchantId,
    subject: Subject,
    days: Days,
    report: &mut Report,
) -> Result<(), StoreError> {
    let counted: Vec<(i64, String, i64)> =
        days.into_iter().map(|((day, state), items)| (day, state.to_owned(), items)).collect();
    let mut said = payout_days::counts(tx, book, subject)?;
    said.sort();
    if said != counted {
        report.find(format!("payout_days {book} {}", subject.name()), format!("say {said:?}, there are {counted:?}"));
    }
    Ok(())
}

/// No entry of a fund without the fund.
fn check_strays(
    tx: &Tx<'_>,
    book: &MerchantId,
    expected: &BTreeSet<String>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut last = 0;
    loop {
        let entries = ledger::entries_after(tx, book, last)?;
        for entry in &entries {
            last = entry.seq;
            let draft = &entry.draft;
            let of_fund = match draft.reason {
                Reason::FundCredited => true,
                // in the house's book it undoes a claim, which the fund itself was asked about
                Reason::FundReversed => *book != house(),
                _ => false,
            };
            if of_fund && !expected.contains(&draft.cause) {
                report.find(format!("ledger_entries {book} ({})", draft.cause), "has no fund that it is the entry of");
            }
        }
        if entries.is_empty() {
            return Ok(());
        }
    }
}
