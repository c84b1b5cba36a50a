//! The operator's share of a payment.

use crate::amount::{AmountError, Units, mul_div_floor};

/// Hundredths of a percent: 0 ..= 10,000 (250 is 2.5 %). Written into each forwarder, so it cannot change for an open attempt.
/// Nothing, by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(u16);

/// More than the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fee is 0 to 10000 basis points, not {0}")]
pub struct FeeTooHigh(pub i64);

/// A payment divided: `merchant + fee` is the payment, to the last unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    pub merchant: Units,
    pub fee: Units,
}

impl BasisPoints {
    pub const ZERO: BasisPoints = BasisPoints(0);

    pub fn new(value: i64) -> Result<Self, FeeTooHigh> {
        match u16::try_from(value) {
            Ok(bps) if bps <= 10_000 => Ok(Self(bps)),
            _ => Err(FeeTooHigh(value)),
        }
    }

    pub fn get(self) -> u16 {
        self.0
    }

    /// Fee rounded down, the rest is the merchant's: the same rule as `Forwarder.flush`.
    pub fn split(self, paid: Units) -> Result<Split, AmountError> {
        let fee = Units(mul_div_floor(paid.0, u128::from(self.0), 10_000)?);
        Ok(Split { merchant: paid.minus(fee)?, fee })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_fee_is_rounded_down() {
        let split = BasisPoints::new(1_000).unwrap().split(Units(1_000_009)).unwrap();
        assert_eq!((split.merchant.0, split.fee.0), (900_009, 100_000));
        assert_eq!(BasisPoints::new(10_001), Err(FeeTooHigh(10_001)));
        assert_eq!(BasisPoints::new(-1), Err(FeeTooHigh(-1)));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(paid: u128, bps in 0i64..=10_000) {
            let split = BasisPoints::new(bps).unwrap().split(Units(paid)).unwrap();
            prop_assert_eq!(split.merchant.0 + split.fee.0, paid);
        }
    }
}
