//! The ledger entries of what a provider paid out to the merchant's own bank.
//!
//! The merchant's money at the provider becomes the merchant's money at the bank: it is owed to nobody any more. The entry is over what
//! the payer paid; the provider's fee is between it and the merchant. The operator's fee, which never lay anywhere else, is so left as
//! the merchant's debt.

use crate::charge::{Charge, Money, Placement};
use crate::ledger::{Account, Draft, Kind, Owner, Posting, Reason, Side, Unbalanced};
use crate::time::Time;

/// A line of a payout: what names it.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    pub account: &'a str,
    /// The provider's.
    pub payout: &'a str,
    pub line: &'a str,
    /// How often it was booked.
    pub round: u32,
}

/// The unique cause of a line's entry.
pub fn cause(line: &Line<'_>) -> String {
    format!("paid_out:{}:{}:{}:{}", line.account, line.payout, line.line, line.round)
}

/// A charge was paid out, or a refund (`back`) was kept from a payout.
///
/// # Errors
/// `Empty` when the amount is zero.
pub fn entry(
    charge: &Charge,
    line: &Line<'_>,
    money: &Money,
    back: bool,
    invoice: i64,
    now: Time,
) -> Result<Draft, Unbalanced> {
    let owed = if charge.placement == Some(Placement::Credited) { Kind::Payable } else { Kind::Parked };
    let posting = |kind, side| Posting {
        account: Account { owner: Owner::Merchant, kind, asset: money.currency.clone() },
        side,
        units: money.units,
    };
    let (debit, credit) = if back { (Kind::Provider, owed) } else { (owed, Kind::Provider) };
    let postings = vec![posting(debit, Side::Debit), posting(credit, Side::Credit)];
    let draft = Draft::new(cause(line), Reason::PaidOutByProvider, now, postings)?;
    Ok(Draft { invoice_number: Some(invoice), ..draft })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::Units;
    use crate::charge_books;

    #[test]
    fn what_was_paid_out_and_kept_leaves_the_fee_owed() {
        let received = Some(Money { units: Units(1_504), currency: "USD".into() });
        let (owner, placement) = (Owner::Merchant, Some(Placement::Credited));
        let charge = Charge { received, owner, placement, ..crate::charge::tests::charge() };
        let money = |units| Money { units: Units(units), currency: "USD".into() };
        let named = |line, round| Line { account: "acc_1", payout: "po_1", line, round };
        let entries = [
            charge_books::paid(&charge, 7, Time(1)).unwrap(),
            entry(&charge, &named("1", 1), &money(1_504), false, 7, Time(2)).unwrap(),
        ];
        let sum = |kind: Kind| -> i128 {
            let postings = entries.iter().flat_map(|entry| &entry.postings).filter(|p| p.account.kind == kind);
            postings.map(|p| i128::try_from(p.units.0).unwrap() * if p.side == Side::Debit { 1 } else { -1 }).sum()
        };
        let fee = -sum(Kind::Fee);
        assert_eq!((sum(Kind::Provider), sum(Kind::Payable)), (0, fee));
        let (out, back) = (&entries[1], entry(&charge, &named("2", 1), &money(1_504), true, 7, Time(3)).unwrap());
        let mut undone = out.reversal(String::new(), out.reason, out.at).postings;
        undone.reverse();
        assert_eq!(undone, back.postings);
        assert_ne!(cause(&named("1", 1)), cause(&named("1", 2)));
        assert!(entry(&charge, &named("3", 1), &money(0), false, 7, Time(3)).is_err());
    }
}
