//! Conversions: a pair of legs over the `fx` position, with rate, source and spread.
//!
//! The operator takes over what is given and gives what is wanted, each at the `fx` account of its asset; the balances of those accounts
//! are the position it has not covered elsewhere.

use crate::amount::{AmountError, Units};
use crate::fee::BasisPoints;
use crate::ledger::{Account, Kind, Owner, Posting, Side};

/// One conversion. `gross` is what the rate gives, rounded down; the operator keeps `spread` of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// The code of what is given, and how much.
    pub given: (String, Units),
    /// The code of what is wanted.
    pub wanted: String,
    pub gross: Units,
    /// The operator's, in what is wanted: rounded as fees are, see [`BasisPoints::split`].
    pub spread: Units,
}

impl Conversion {
    /// # Errors
    /// `OutOfRange` when the spread does not fit.
    pub fn new(
        given: (String, Units),
        wanted: String,
        gross: Units,
        spread: BasisPoints,
    ) -> Result<Conversion, AmountError> {
        let spread = spread.split(gross)?.fee;
        Ok(Conversion { given, wanted, gross, spread })
    }

    /// What is left for who asked for it.
    pub fn net(&self) -> Units {
        self.gross.less(self.spread)
    }

    /// The legs: `from` gives, `to` gets [`Conversion::net`], the operator's fee account gets the spread.
    pub fn postings(&self, from: (Owner, Kind), to: (Owner, Kind)) -> Vec<Posting> {
        let posting = |(owner, kind), asset: &str, side, units| Posting {
            account: Account { owner, kind, asset: asset.to_owned() },
            side,
            units,
        };
        let fx = (Owner::Operator, Kind::Fx);
        let (given, units) = (&self.given.0, self.given.1);
        vec![
            posting(from, given, Side::Debit, units),
            posting(fx, given, Side::Credit, units),
            posting(fx, &self.wanted, Side::Debit, self.gross),
            posting(to, &self.wanted, Side::Credit, self.net()),
            posting((Owner::Operator, Kind::Fee), &self.wanted, Side::Credit, self.spread),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::check_balance;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn legs_balance_and_nothing_is_lost(given in 1u128..u128::MAX / 20_000, gross in 1u128..u128::MAX / 20_000, bps in 0i64..=10_000) {
            let spread = BasisPoints::new(bps).unwrap_or(BasisPoints::new(0).unwrap());
            let made = Conversion::new(("INR".into(), Units(given)), "USDC_polygon".into(), Units(gross), spread).unwrap();
            prop_assert_eq!(made.net().plus(made.spread).unwrap(), Units(gross));
            let postings = made.postings((Owner::Merchant, Kind::Payable), (Owner::Merchant, Kind::Settling));
            let postings: Vec<_> = postings.into_iter().filter(|posting| !posting.units.is_zero()).collect();
            prop_assert_eq!(check_balance(&postings), Ok(()));
        }
    }
}
