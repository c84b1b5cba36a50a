//! What an invoice's payments add up to, and the state that follows from them.

use crate::amount::{AmountError, Units};
use crate::attempt::Attempt;
use crate::charge::Charge;
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

    /// Adds the charges that are proven and count: each is worth what it was asked for.
    ///
    /// # Errors
    /// As [`Standing::of`].
    pub fn with_charges<'c>(mut self, charges: impl IntoIterator<Item = &'c Charge>) -> Result<Standing, AmountError> {
        for charge in charges.into_iter().filter(|charge| charge.counts()) {
            self.settled_on_chain = self.settled_on_chain.plus(charge.due_minor)?;
            self.seen = self.seen.plus(charge.due_minor)?;
        }
        Ok(self)
    }

    /// Whether everything seen, final or not, covers `amount`.
    pub fn covers(&self, amount: Units) -> bool {
        self.seen >= amount
    }

    pub fn left_to_pay(&self, amount: Units) -> Units {
        amount.less(self.seen)
    }
}

/// What a provider says against money that it has proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trouble {
    /// It holds the money of a counted charge back.
    pub held: bool,
    /// The payer's bank disputes, or disputed, a counted charge.
    pub disputed: bool,
    /// All of a counted charge went back to the payer, or is about to.
    pub given_back: bool,
}

/// The state an invoice moves to now, if it does. `flushed` is whether every credited coin reached the merchant, finally.
///
/// A fact cannot be refused: whatever the payments are, the answer is a state the contract's table allows.
pub fn next_state(invoice: &Invoice, standing: &Standing, flushed: bool, trouble: Trouble) -> Option<State> {
    let paid = standing.settled_on_chain >= invoice.amount;
    let next = match invoice.state {
        // the page was never opened, yet the address was used: opened comes first, received on the next look
        State::Created if !standing.seen.is_zero() => State::Opened,
        State::Opened if paid => State::Received,
        State::Received | State::Settled | State::Withheld if trouble.disputed => State::Chargeback,
        State::Received if trouble.held => State::Withheld,
        // what was given back while it was held never reaches the merchant, whatever becomes of the hold
        State::Withheld if trouble.given_back => return None,
        // what was held and released waits in withheld: the contract knows no way back
        State::Received | State::Withheld if paid && flushed && !trouble.held => State::Settled,
        _ => return None,
    };
    Some(next)
}

/// The state of a received invoice whose payment left the chain and had its time to come back: failed, if what is left
/// does not cover it. Until then it stays received, since most transactions return in the next blocks.
pub fn state_after_loss(invoice: &Invoice, standing: &Standing) -> Option<State> {
    let lost = matches!(invoice.state, State::Received | State::Withheld) && !standing.covers(invoice.amount);
    lost.then_some(State::Failed(Failure::PaymentReversed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fee::BasisPoints;
    use crate::ids::{AttemptId, InvoiceId, MerchantId, PaymentId};
    use crate::payment::{OnChain, place};
    use crate::rate::Rate;
    use crate::time::{MINUTE, Time};

    fn attempt(id: u128, due_minor: u128, due_units: u128, at_par: bool) -> Attempt {
        Attempt {
            id: AttemptId::new(ulid::Ulid(id)),
            asset: "USDT_polygon".into(),
            chain: "polygon".into(),
            address: [1; 20],
            salt: [2; 32],
            merchant_wallet: [3; 20],
            fee_wallet: [4; 20],
            fee: BasisPoints::new(100).unwrap(),
            due_minor: Units(due_minor),
            due_units: Units(due_units),
            rate: Rate::par(Time(0)),
            at_par,
            quote_expires_at: Time(30 * MINUTE),
            created_at: Time(0),
        }
    }

    fn payment(attempt: &Attempt, units: u128, finality: Finality, placement: Placement) -> Payment {
        Payment {
            id: PaymentId::new(ulid::Ulid(1)),
            attempt_id: attempt.id.clone(),
            on_chain: OnChain {
                chain: "polygon".into(),
                tx_hash: "0x01".into(),
                log_index: 0,
                block_number: 1,
                block_hash: "0x02".into(),
                block_time: Time(0),
            },
            asset: "USDT_polygon".into(),
            units: Units(units),
            finality,
            placement,
            flushed_by: None,
            round: 0,
        }
    }

    fn invoice(state: State) -> Invoice {
        let (id, merchant_id) = (InvoiceId::new(ulid::Ulid(1)), MerchantId::new(ulid::Ulid(2)));
        let (created_at, status_at) = (Time(0), Time(0));
        Invoice { id, merchant_id, number: 1, amount: Units(100), devise: "USD".into(), state, created_at, status_at }
    }

    #[test]
    fn split_payments_add_up_across_attempts_without_rounding_loss() {
        use {Finality::*, Placement::*};
        let (first, second) = (attempt(1, 100, 3, true), attempt(2, 34, 34_000, true));
        // three payments of one unit are worth the whole quote, not three times its floored third
        let thirds = [(); 3].map(|()| payment(&first, 1, Final, Credited));
        let standing = Standing::of(&[first.clone(), second.clone()], &thirds).unwrap();
        assert_eq!(standing, Standing { settled_on_chain: Units(100), seen: Units(100) });

        let mixed = [
            payment(&first, 2, Final, Credited),
            payment(&second, 34_000, Seen, Credited),
            payment(&second, 34_000, Reversed, Credited),
            payment(&second, 34_000, Final, Late),
        ];
        let standing = Standing::of(&[first, second], &mixed).unwrap();
        assert_eq!(standing, Standing { settled_on_chain: Units(66), seen: Units(100) });
        assert!(standing.covers(Units(100)));
        assert_eq!(standing.left_to_pay(Units(120)), Units(20));
    }

    #[test]
    fn states_follow_from_money() {
        let standing = |settled, seen| Standing { settled_on_chain: Units(settled), seen: Units(seen) };
        let none = Trouble::default();
        let (held, disputed) = (Trouble { held: true, ..none }, Trouble { disputed: true, ..none });
        let given_back = Trouble { given_back: true, ..none };
        let cases: &[(State, Standing, bool, Trouble, Option<State>)] = &[
            (State::Created, standing(0, 1), false, none, Some(State::Opened)),
            (State::Created, standing(0, 0), false, none, None),
            (State::Opened, standing(99, 100), false, none, None),
            (State::Opened, standing(100, 100), false, none, Some(State::Received)),
            (State::Opened, standing(100, 100), false, disputed, Some(State::Received)),
            (State::Received, standing(100, 100), false, none, None),
            (State::Received, standing(100, 100), true, none, Some(State::Settled)),
            (State::Received, standing(100, 100), true, held, Some(State::Withheld)),
            (State::Received, standing(100, 100), true, disputed, Some(State::Chargeback)),
            (State::Withheld, standing(100, 100), false, held, None),
            (State::Withheld, standing(100, 100), true, held, None),
            (State::Withheld, standing(100, 100), false, none, None),
            (State::Withheld, standing(99, 100), true, none, None),
            (State::Withheld, standing(100, 100), true, none, Some(State::Settled)),
            (State::Withheld, standing(100, 100), true, given_back, None),
            (State::Received, standing(100, 100), true, given_back, Some(State::Settled)),
            (State::Withheld, standing(100, 100), true, disputed, Some(State::Chargeback)),
            (State::Withheld, standing(100, 100), false, disputed, Some(State::Chargeback)),
            (State::Settled, standing(100, 100), true, disputed, Some(State::Chargeback)),
            (State::Settled, standing(100, 100), true, held, None),
            (State::Received, standing(0, 0), false, none, None),
            (State::Settled, standing(0, 0), false, none, None),
            (State::Expired, standing(100, 100), true, disputed, None),
        ];
        for (state, standing, flushed, trouble, expected) in cases {
            let next = next_state(&invoice(*state), standing, *flushed, *trouble);
            assert_eq!(next, *expected, "{state:?} {standing:?}");
            assert!(next.is_none_or(|next| state.may_become(next)));
        }
        let failed = Some(State::Failed(Failure::PaymentReversed));
        assert_eq!(state_after_loss(&invoice(State::Received), &standing(0, 99)), failed);
        assert_eq!(state_after_loss(&invoice(State::Received), &standing(0, 100)), None);
        assert_eq!(state_after_loss(&invoice(State::Withheld), &standing(0, 99)), failed);
        assert_eq!(state_after_loss(&invoice(State::Settled), &standing(0, 0)), None);
    }

    #[test]
    fn where_money_belongs() {
        let (par, volatile) = (attempt(1, 100, 100, true), attempt(2, 100, 100, false));
        let (fresh, stale) = (Time(44 * MINUTE), Time(46 * MINUTE));
        let asset = "USDT_polygon";
        let cases = [
            (&par, State::Opened, false, asset, fresh, Placement::Credited),
            (&par, State::Opened, false, asset, stale, Placement::Credited),
            (&volatile, State::Opened, false, asset, fresh, Placement::Credited),
            (&volatile, State::Opened, false, asset, stale, Placement::Late),
            (&par, State::Opened, true, asset, fresh, Placement::Extra),
            (&par, State::Received, true, asset, fresh, Placement::Extra),
            (&par, State::Received, false, asset, fresh, Placement::Credited),
            (&par, State::Settled, true, asset, fresh, Placement::Extra),
            (&par, State::Expired, false, asset, fresh, Placement::Late),
            (&par, State::Failed(Failure::Canceled), false, asset, fresh, Placement::Late),
            (&par, State::Opened, false, "USDC_polygon", fresh, Placement::WrongToken),
        ];
        for (attempt, state, complete, asset, at, expected) in cases {
            assert_eq!(place(attempt, state, complete, asset, at), expected, "{state:?} {complete} {asset} {at:?}");
        }
    }
}
