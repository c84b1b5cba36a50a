//! What happened to a charge at the provider without us: more was taken than once, or money was given back there. Found by the sums that the
//! provider names, and booked once.

use domain::amount::AmountError;
use domain::charge::Money;
use domain::charge_books::{self, refunded_elsewhere, surplus_refunded};
use domain::given_back::{Found, Known};
use domain::{Time, Units};

use super::record::{enter, unbalanced};
use super::refunds;
use crate::store::charges::ChargeRow;
use crate::store::{StoreError, Tx};

fn out_of_range(error: AmountError) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// The provider took more than it said before: a second capture on one order. It counts for nothing, and is parked.
pub fn surplus(tx: &Tx<'_>, row: &mut ChargeRow, total: &Money, now: Time) -> Result<(), StoreError> {
    let Some(received) = &row.charge.received else { return Ok(()) };
    let known = received.units.plus(row.surplus).map_err(out_of_range)?;
    let beyond = total.units.less(known);
    if total.currency != received.currency || total.units < received.units {
        let what = format!("the provider now says {} {} in minor units", total.units, total.currency);
        if row.note.as_ref() != Some(&what) {
            tracing::error!(charge = %row.charge.id, "A provider changed what it says was paid: {what}");
        }
        row.note = Some(what);
    } else if !beyond.is_zero() {
        let sum = row.surplus.plus(beyond).map_err(out_of_range)?;
        let money = Money { units: beyond, currency: total.currency.clone() };
        let entry = charge_books::surplus(&row.charge, &money, sum, row.invoice_number, now).map_err(unbalanced)?;
        enter(tx, row, &entry)?;
        row.surplus = sum;
        tracing::error!(charge = %row.charge.id, "A provider took more than one payment on a charge; what is too much is parked");
    }
    Ok(())
}

/// Somebody may give money back at the provider itself: what goes beyond our own refunds is booked too. What was taken too often goes back
/// first, from where it is parked.
pub fn refunded(tx: &Tx<'_>, row: &mut ChargeRow, total: Units, now: Time) -> Result<(), StoreError> {
    let received = row.charge.received.clone().ok_or_else(|| StoreError::Inconsistent("paid nothing".into()))?;
    let known = Known {
        received: received.units,
        surplus: row.surplus,
        // one that is on its way may be in the total already
        ours: refunds::given_back(tx, &row.merchant_id, &row.charge.id)?,
        elsewhere: row.refunded_elsewhere,
        surplus_back: row.surplus_given_back,
    };
    let (of_surplus, of_received) = match known.against(total).map_err(out_of_range)? {
        Found::Nothing => return Ok(()),
        Found::TooMuch => {
            tracing::error!(charge = %row.charge.id, %total, "A provider says that more was given back than was paid");
            row.note = Some(format!("the provider says that {total} minor units were given back, more than was paid"));
            return Ok(());
        }
        Found::More { of_surplus, of_received } => (of_surplus, of_received),
    };
    let money = |units| Money { units, currency: received.currency.clone() };
    // both causes count on in one sum
    let mut sum = known.without_us().map_err(out_of_range)?;
    if !of_surplus.is_zero() {
        sum = sum.plus(of_surplus).map_err(out_of_range)?;
        let entry = surplus_refunded(&row.charge, &money(of_surplus), sum, row.invoice_number, now);
        enter(tx, row, &entry.map_err(unbalanced)?)?;
        row.surplus_given_back = row.surplus_given_back.plus(of_surplus).map_err(out_of_range)?;
    }
    if !of_received.is_zero() {
        sum = sum.plus(of_received).map_err(out_of_range)?;
        let entry = refunded_elsewhere(&row.charge, &money(of_received), sum, row.invoice_number, now);
        enter(tx, row, &entry.map_err(unbalanced)?)?;
        row.refunded_elsewhere = row.refunded_elsewhere.plus(of_received).map_err(out_of_range)?;
    }
    tracing::warn!(charge = %row.charge.id, "Money was given back at the provider without a refund of ours; it is booked");
    Ok(())
}

#[cfg(test)]
mod tests;
