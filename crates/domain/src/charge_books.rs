//! The ledger entries of a charge: paid, held back, disputed, given back by others. (Our own refunds: [`crate::transfer_books`].) The asset of each posting is the currency's ISO 4217 code.
//!
//! The fee is earned when the payer has paid and is not given back by a refund; what a refund or a dispute takes, it takes from
//! what the merchant is owed, which may so fall below zero: then the merchant owes it.

use crate::amount::Units;
use crate::charge::{Charge, Money, Placement};
use crate::fee::Split;
use crate::ids::ChargeId;
use crate::ledger::{Account, Draft, EntryRate, Kind, Owner, Posting, Reason, Side, Unbalanced};
use crate::time::Time;

/// The unique cause of a charge's `round`th payment.
pub fn paid_cause(charge: &ChargeId, round: u32) -> String {
    format!("charge:{charge}:{round}")
}

fn posting(owner: Owner, kind: Kind, side: Side, money: &Money, units: Units) -> Posting {
    Posting { account: Account { owner, kind, asset: money.currency.clone() }, side, units }
}

/// Where what is owed to the merchant for this charge stands.
fn owed(charge: &Charge) -> Kind {
    if charge.placement == Some(Placement::Credited) { Kind::Payable } else { Kind::Parked }
}

/// No fee is taken of money that counts for nothing: it will be given back whole.
fn split(charge: &Charge, units: Units) -> Result<Split, Unbalanced> {
    match charge.placement {
        Some(Placement::Credited) => Ok(charge.fee.split(units)?),
        _ => Ok(Split { merchant: units, fee: Units::ZERO }),
    }
}

/// The charge was proven: the money lies at the provider, owed to the merchant and, by the fee, to the operator.
///
/// # Errors
/// `Empty` without received money, `OutOfRange` when the split does not fit.
pub fn paid(charge: &Charge, invoice: i64, now: Time) -> Result<Draft, Unbalanced> {
    let money = charge.received.as_ref().ok_or(Unbalanced::Empty)?;
    let split = split(charge, money.units)?;
    let postings = vec![
        posting(charge.owner, Kind::Provider, Side::Debit, money, money.units),
        posting(Owner::Merchant, owed(charge), Side::Credit, money, split.merchant),
        posting(Owner::Operator, Kind::Fee, Side::Credit, money, split.fee),
    ];
    let draft = Draft::new(paid_cause(&charge.id, charge.round), Reason::ChargePaid, now, postings)?;
    let rate = charge.rate.as_ref().map(|rate| EntryRate {
        price: rate.price.to_string(),
        source: rate.source.clone(),
        at: rate.at,
    });
    Ok(Draft { invoice_number: Some(invoice), rate, ..draft })
}

/// Moves `units` between two of the merchant's accounts, or to the provider's.
fn moved(
    (from, to): ((Owner, Kind), (Owner, Kind)),
    money: &Money,
    cause: String,
    reason: Reason,
    invoice: i64,
    now: Time,
) -> Result<Draft, Unbalanced> {
    let postings = vec![
        posting(from.0, from.1, Side::Debit, money, money.units),
        posting(to.0, to.1, Side::Credit, money, money.units),
    ];
    Ok(Draft { invoice_number: Some(invoice), ..Draft::new(cause, reason, now, postings)? })
}

/// The merchant's share of a proven charge.
///
/// # Errors
/// `Empty` without received money.
pub fn share(charge: &Charge) -> Result<Money, Unbalanced> {
    let money = charge.received.as_ref().ok_or(Unbalanced::Empty)?;
    Ok(Money { units: split(charge, money.units)?.merchant, currency: money.currency.clone() })
}

/// The provider holds the charge back (`held`), or frees it: the merchant's share moves. `nth` counts such changes of the charge.
///
/// # Errors
/// `Empty` when there is nothing to hold.
pub fn hold(charge: &Charge, held: bool, nth: u32, invoice: i64, now: Time) -> Result<Draft, Unbalanced> {
    let (free, kept) = ((Owner::Merchant, owed(charge)), (Owner::Merchant, Kind::Withheld));
    let (way, reason) = if held { ((free, kept), Reason::Withheld) } else { ((kept, free), Reason::Released) };
    moved(way, &share(charge)?, format!("hold:{}:{nth}", charge.id), reason, invoice, now)
}

/// The provider took more than the charge: `beyond` is parked, `sum` is all that was parked so.
///
/// # Errors
/// `Empty` when `beyond` is zero.
pub fn surplus(charge: &Charge, beyond: &Money, sum: Units, invoice: i64, now: Time) -> Result<Draft, Unbalanced> {
    let way = ((charge.owner, Kind::Provider), (Owner::Merchant, Kind::Parked));
    moved(way, beyond, format!("surplus:{}:{sum}", charge.id), Reason::ChargeSurplus, invoice, now)
}

/// The provider gave back of what it took beyond the charge: `back` is that, `sum` all that was given back there without us.
///
/// # Errors
/// `Empty` when `back` is zero.
pub fn surplus_refunded(
    charge: &Charge,
    back: &Money,
    sum: Units,
    invoice: i64,
    now: Time,
) -> Result<Draft, Unbalanced> {
    let way = ((Owner::Merchant, Kind::Parked), (charge.owner, Kind::Provider));
    moved(way, back, format!("surplus_refunded:{}:{sum}", charge.id), Reason::RefundedElsewhere, invoice, now)
}

/// The provider gave more of the charge back than we asked for: `beyond` is that, `sum` all that was given back there without us.
///
/// # Errors
/// `Empty` when `beyond` is zero.
pub fn refunded_elsewhere(
    charge: &Charge,
    beyond: &Money,
    sum: Units,
    invoice: i64,
    now: Time,
) -> Result<Draft, Unbalanced> {
    let way = ((Owner::Merchant, owed(charge)), (charge.owner, Kind::Provider));
    moved(way, beyond, format!("refunded:{}:{sum}", charge.id), Reason::RefundedElsewhere, invoice, now)
}

/// What happens to a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeStep {
    Opened,
    Won,
    Lost,
}

/// A dispute's step. `reference` is the provider's id of the dispute, `round` how many times it was opened: a bank may take up again
/// what was won.
///
/// # Errors
/// `Empty` when its amount is zero.
pub fn dispute(
    charge: &Charge,
    (reference, round): (&str, u32),
    money: &Money,
    step: DisputeStep,
    invoice: i64,
    now: Time,
) -> Result<Draft, Unbalanced> {
    let (free, aside) = ((Owner::Merchant, owed(charge)), (Owner::Merchant, Kind::Disputed));
    let provider = (charge.owner, Kind::Provider);
    let (way, name, reason) = match step {
        DisputeStep::Opened => ((free, aside), "opened", Reason::Disputed),
        DisputeStep::Won => ((aside, free), "won", Reason::DisputeWon),
        DisputeStep::Lost => ((aside, provider), "lost", Reason::DisputeLost),
    };
    moved(way, money, format!("dispute:{}:{reference}:{name}:{round}", charge.id), reason, invoice, now)
}
