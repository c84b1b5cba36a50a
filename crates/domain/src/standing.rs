//! What an invoice's payments add up to, and the state that follows from them.

use crate::amount::{AmountError, Units};
use crate::attempt::Attempt;
use crate::invoice::{Failure, Invoice, State};
use crate::payment::{Finality, Payment, Placement};

/// The sums over an invoice's credited payments, in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Final by policy.
    pub settled_on_chain: Units,
    /// Final or still waiting for confirmations.
    pub seen: Units,
}

impl Standing {
    /// Adds up `payments`; those of attempts that are not given, parked and reversed ones do not count.
    ///
    /// # Errors
    /// `OutOfRange` if the sums exceed 2^128-1 minor units.
    pub fn of(attempts: &[Attempt], payments: &[Payment]) -> Result<Standing, AmountError> {
        let mut standing = Standing::default();
        for attempt in attempts {
            let credited = |finality: Finality| {
                payments
                    .iter()
                    .filter(|p| p.attempt_id == attempt.id && p.placement == Placement::Credited)
                    .filter(|p| p.finality == finality)
                    .try_fold(Units::ZERO, |sum, p| sum.plus(p.units))
            };
            let settled = credited(Finality::Final)?;
            let seen = settled.plus(credited(Finality::Seen)?)?;
            // valued per attempt, not per payment: split payments lose nothing to rounding
            standing.settled_on_chain = standing.settled_on_chain.plus(attempt.value_of(settled)?)?;
            standing.seen = standing.seen.plus(attempt.value_of(seen)?)?;
        }
        Ok(standing)
    }

    /// Whether everything seen, final or not, covers `amount`.
    pub fn covers(&self, amount: Units) -> bool {
        self.seen >= amount
    }

    pub fn left_to_pay(&self, amount: Units) -> Units {
        amount.less(self.seen)
    }
}

/// The state an invoice moves to now, if it does. `flushed` is whether every credited coin reached the merchant, finally.
///
/// A fact cannot be refused: whatever the payments are, the answer is a state the contract's table allows.
pub fn next_state(invoice: &Invoice, standing: &Standing, flushed: bool) -> Option<State> {
    let paid = standing.settled_on_chain >= invoice.amount;
    let next = match invoice.state {
        // the page was never opened, yet the address was used: opened comes first, received on the next look
        State::Created if !standing.seen.is_zero() => State::Opened,
        State::Opened if paid => State::Received,
        State::Received if paid && flushed => State::Settled,
        State::Received if !standing.covers(invoice.amount) => State::Failed(Failure::PaymentReversed),
        _ => return None,
    };
    Some(next)
}
