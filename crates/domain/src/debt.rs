//! What a merchant owes. A dispute or a refund takes its money back whether or not the merchant has been paid out meanwhile; what the
//! merchant is owed never falls below zero, the rest is a debt, and what comes in later pays it first.

use crate::amount::Units;
use crate::ledger::{Account, Draft, Kind, Owner, Posting, Reason, Side, Unbalanced};
use crate::time::Time;

/// The accounts that are kept at or above zero in this way.
pub const COVERED: [Kind; 2] = [Kind::Payable, Kind::Funds];

/// Debit and credit totals of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub debit: Units,
    pub credit: Units,
}

/// The entry that follows entry number `seq`, which left `kind` of the merchant with `owed` and its debt in that asset with `debt`;
/// `None` when the merchant owes nothing new and can pay nothing.
///
/// # Errors
/// Never: the entry balances by construction.
pub fn follow_up(
    seq: i64,
    kind: Kind,
    asset: &str,
    owed: Totals,
    debt: Totals,
    now: Time,
) -> Result<Option<Draft>, Unbalanced> {
    let below = owed.debit.less(owed.credit);
    let payable = owed.credit.less(owed.debit).min(debt.debit.less(debt.credit));
    let (units, incurred) = if below.is_zero() { (payable, false) } else { (below, true) };
    if units.is_zero() {
        return Ok(None);
    }
    let posting = |kind, side| Posting {
        account: Account { owner: Owner::Merchant, kind, asset: asset.to_owned() },
        side,
        units,
    };
    let (debt, owed, reason) = match incurred {
        true => (posting(Kind::Debt, Side::Debit), posting(kind, Side::Credit), Reason::DebtIncurred),
        false => (posting(Kind::Debt, Side::Credit), posting(kind, Side::Debit), Reason::DebtRepaid),
    };
    Draft::new(format!("debt:{seq}:{}:{asset}", kind.name()), reason, now, vec![debt, owed]).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(debit: u128, credit: u128) -> Totals {
        Totals { debit: Units(debit), credit: Units(credit) }
    }

    fn after(owed: Totals, debt: Totals) -> Option<(Reason, u128)> {
        let entry = follow_up(7, Kind::Payable, "INR", owed, debt, Time(1)).unwrap()?;
        Some((entry.reason, entry.postings[0].units.0))
    }

    #[test]
    fn a_debt_is_incurred_and_repaid() {
        assert_eq!(after(totals(0, 10), totals(0, 0)), None);
        assert_eq!(after(totals(15, 10), totals(0, 0)), Some((Reason::DebtIncurred, 5)));
        assert_eq!(after(totals(15, 18), totals(5, 0)), Some((Reason::DebtRepaid, 3)));
        assert_eq!(after(totals(15, 25), totals(5, 0)), Some((Reason::DebtRepaid, 5)));
        assert_eq!(after(totals(15, 25), totals(5, 5)), None);
    }
}
