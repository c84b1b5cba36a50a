//! What a provider says was given back of a charge, divided: what we asked for, what somebody gave back there, and of that what was a second
//! capture's.

use crate::amount::{AmountError, Units};

/// What is known of a charge, in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    pub received: Units,
    /// Taken beyond that.
    pub surplus: Units,
    /// Our own refunds, given back or on their way. They are of what was received, never of the surplus.
    pub ours: Units,
    /// Booked before as given back at the provider without us: of what was received, and of the surplus.
    pub elsewhere: Units,
    pub surplus_back: Units,
}

/// What follows from what the provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// It says more than it took.
    TooMuch,
    /// So much was given back there since; one of the two may be zero.
    More {
        of_surplus: Units,
        of_received: Units,
    },
}

impl Known {
    /// All that was given back at the provider without us.
    ///
    /// # Errors
    /// `OutOfRange` when it does not fit.
    pub fn without_us(&self) -> Result<Units, AmountError> {
        self.elsewhere.plus(self.surplus_back)
    }

    /// `total` is all that the provider says was given back, our own refunds among it as far as they are done. The surplus is nobody's
    /// order, so what we did not ask for is taken to be of it first.
    ///
    /// # Errors
    /// `OutOfRange` when a sum does not fit.
    pub fn against(&self, total: Units) -> Result<Found, AmountError> {
        let more = total.less(self.without_us()?.plus(self.ours)?);
        if more.is_zero() {
            return Ok(Found::Nothing);
        }
        if total > self.received.plus(self.surplus)? {
            return Ok(Found::TooMuch);
        }
        let of_surplus = more.min(self.surplus.less(self.surplus_back));
        Ok(Found::More { of_surplus, of_received: more.less(of_surplus) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known(received: u128, surplus: u128, ours: u128, elsewhere: u128, surplus_back: u128) -> Known {
        let [received, surplus, ours] = [received, surplus, ours].map(Units);
        Known { received, surplus, ours, elsewhere: Units(elsewhere), surplus_back: Units(surplus_back) }
    }

    #[test]
    fn the_surplus_goes_back_first_and_our_refunds_are_never_of_it() {
        let more =
            |of_surplus, of_received| Found::More { of_surplus: Units(of_surplus), of_received: Units(of_received) };
        for (known, total, expected) in [
            (known(100, 0, 0, 0, 0), 0, Found::Nothing),
            (known(100, 0, 0, 0, 0), 40, more(0, 40)),
            (known(100, 0, 40, 0, 0), 40, Found::Nothing),
            (known(100, 0, 0, 0, 0), 101, Found::TooMuch),
            // captured twice
            (known(100, 100, 0, 0, 0), 100, more(100, 0)),
            (known(100, 100, 0, 0, 0), 130, more(100, 30)),
            (known(100, 100, 0, 0, 0), 200, more(100, 100)),
            (known(100, 100, 0, 0, 0), 201, Found::TooMuch),
            (known(100, 100, 0, 0, 60), 60, Found::Nothing),
            (known(100, 100, 0, 0, 60), 90, more(30, 0)),
            (known(100, 100, 0, 0, 60), 150, more(40, 50)),
            // ours is on its way, and may be in the total already, or not yet
            (known(100, 100, 100, 0, 0), 100, Found::Nothing),
            (known(100, 100, 100, 0, 0), 200, more(100, 0)),
            (known(100, 100, 70, 30, 0), 200, more(100, 0)),
            // captured again after all of it went back
            (known(100, 150, 0, 100, 100), 200, Found::Nothing),
            (known(100, 150, 0, 100, 100), 250, more(50, 0)),
        ] {
            assert_eq!(known.against(Units(total)), Ok(expected), "{known:?} {total}");
        }
        assert_eq!(known(1, u128::MAX, 0, 0, 0).against(Units(u128::MAX)), Err(AmountError::OutOfRange));
        assert_eq!(known(1, 0, u128::MAX, 1, 0).against(Units(2)), Err(AmountError::OutOfRange));
    }

    proptest! {
        /// A provider that never gives back more than it took, whatever it is asked and when.
        #[test]
        fn nothing_is_given_back_twice_or_out_of_nothing(
            received in 1u128..1_000,
            steps in prop::collection::vec((0u8..5, 1u128..1_000), 1..40),
        ) {
            let mut known = known(received, 0, 0, 0, 0);
            // what the provider did: taken; given back without us, and for us
            let (mut taken, mut elsewhere, mut done) = (received, 0u128, 0u128);
            let mut waiting: Vec<u128> = Vec::new();
            for (step, units) in steps {
                match step {
                    0 => {
                        taken += units;
                        known.surplus = Units(taken - received);
                    }
                    1 => elsewhere += units.min(taken - elsewhere - done),
                    // ours is decided on by what is known here
                    2 => {
                        let units = units.min(received - known.ours.0 - known.elsewhere.0);
                        if units > 0 {
                            known.ours.0 += units;
                            waiting.push(units);
                        }
                    }
                    // the provider has it, or not
                    3 => if let Some(units) = waiting.pop() {
                        if elsewhere + done + units <= taken { done += units } else { known.ours.0 -= units }
                    },
                    _ => if let Some(units) = waiting.pop() {
                        known.ours.0 -= units;
                    },
                }
                let found = known.against(Units(elsewhere + done)).unwrap();
                prop_assert_ne!(found, Found::TooMuch);
                if let Found::More { of_surplus, of_received } = found {
                    known.surplus_back.0 += of_surplus.0;
                    known.elsewhere.0 += of_received.0;
                }
                prop_assert!(known.surplus_back <= known.surplus);
                prop_assert!(known.elsewhere.0 + known.ours.0 <= received);
                prop_assert!(known.without_us().unwrap().0 <= elsewhere);
            }
            for units in waiting {
                known.ours.0 -= units;
            }
            elsewhere = taken - done;
            if let Found::More { of_surplus, of_received } = known.against(Units(taken)).unwrap() {
                known.surplus_back.0 += of_surplus.0;
                known.elsewhere.0 += of_received.0;
            }
            prop_assert_eq!(known.surplus_back, known.surplus);
            prop_assert_eq!(known.elsewhere.0 + known.ours.0, received);
            prop_assert_eq!(known.without_us().unwrap().0, elsewhere);
        }
    }
}
