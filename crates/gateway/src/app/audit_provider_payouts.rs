//! Every booked line of a provider's payout has its entry, undone exactly if the payout failed; and the reverse.

use std::collections::BTreeMap;

use domain::charge::{Charge, Placement};
use domain::ledger::{Draft, Reason};
use domain::paid_out_books::cause;
use domain::{MerchantId, Time};
use rails::provider::PaidOutState;

use super::audit::{Report, entries_of};
use super::provider_payouts::{book_line, entry_of};
use crate::store::charges::ChargeRow;
use crate::store::provider_payouts::{self, LineRow, LineState};
use crate::store::{StoreError, Tx, charges};

/// Checks what providers paid out to a merchant.
pub fn check_provider_payouts(
    tx: &Tx<'_>,
    book: &MerchantId,
    lines: &mut i64,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut entries = entries_of(tx, book, &[Reason::PaidOutByProvider, Reason::PaidOutReversed])?;
    for payout in provider_payouts::of_merchant(tx, book)? {
        report.provider_payouts += 1;
        for line in provider_payouts::lines(tx, &payout)? {
            *lines += 1;
            let name = format!("provider_payout_lines {book} {} {}", line.payout_id, line.line_id);
            if (line.state == LineState::Booked) && payout.state != PaidOutState::Paid {
                report.find(name.clone(), "is booked, but its payout is not paid");
            }
            if line.round > payout.round
                || (line.round == 0) == matches!(line.state, LineState::Booked | LineState::Undone)
            {
                report.find(name.clone(), format!("was booked {} times, and is not in such a state", line.round));
            }
            check_line(tx, &name, &line, &mut entries, report)?;
        }
    }
    for (cause, _) in entries {
        report.find(format!("ledger_entries {book} ({cause})"), "has no payout of a provider that it is the entry of");
    }
    Ok(())
}

/// No payout and no line is of a merchant that is not there.
pub fn check_count(tx: &Tx<'_>, lines: i64, report: &mut Report) -> Result<(), StoreError> {
    let there = provider_payouts::count_all(tx)?;
    if (i64::try_from(report.provider_payouts), lines) != (Ok(there.0), there.1) {
        let what = format!("{there:?} are there, {} and {lines} belong to a merchant", report.provider_payouts);
        report.find("provider_payouts".into(), what);
    }
    Ok(())
}

fn check_line(
    tx: &Tx<'_>,
    name: &str,
    line: &LineRow,
    entries: &mut BTreeMap<String, Draft>,
    report: &mut Report,
) -> Result<(), StoreError> {
    for round in 1..=line.round {
        let cause = cause(&book_line(line, round));
        let Some(entry) = entries.remove(&cause) else {
            report.find(name.to_owned(), format!("has no entry {cause}"));
            continue;
        };
        let stands = round == line.round && line.state == LineState::Booked;
        let charge = match &line.charge_id {
            Some(id) => charges::by_id(tx, &line.merchant_id, id)?,
            None => None,
        };
        if !charge.is_some_and(|charge| expected(&charge, line, (round, stands), entry.at).contains(&entry)) {
            report.find(name.to_owned(), format!("and its entry ({cause}) do not agree"));
        }
        let cause = format!("reversal:{cause}");
        let undone = entries.remove(&cause);
        let at = undone.as_ref().map_or(Time(0), |entry| entry.at);
        if undone != (!stands).then(|| entry.reversal(cause.clone(), Reason::PaidOutReversed, at)) {
            report.find(name.to_owned(), format!("and the entry that undoes it ({cause}) do not agree"));
        }
    }
    Ok(())
}

/// The entry as it may have been then: a charge that was reversed and paid again may be placed elsewhere since. One that stands is where
/// the charge is now.
fn expected(row: &ChargeRow, line: &LineRow, (round, stands): (u32, bool), at: Time) -> Vec<Draft> {
    if stands {
        return entry_of(row, line, round, at).into_iter().collect();
    }
    let placed =
        |placement| ChargeRow { charge: Charge { placement: Some(placement), ..row.charge.clone() }, ..row.clone() };
    let made = [Placement::Credited, Placement::Extra].map(|placement| entry_of(&placed(placement), line, round, at));
    made.into_iter().filter_map(Result::ok).collect()
}
