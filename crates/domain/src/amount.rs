//! Whole numbers of an asset's smallest unit, and their decimal notation.

use std::fmt;

/// A count of base units (cents, 1e-6 USDT, wei): 0 ..= 2^128-1. Which asset is written beside it, never inside it.
///
/// Arithmetic is checked; there is no conversion to or from floating point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Units(pub u128);

/// Why a text is not an amount, or why two amounts cannot be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("not a plain decimal number")]
    Malformed,
    #[error("more decimal places than the unit has")]
    TooPrecise,
    #[error("amount out of range")]
    OutOfRange,
}

impl Units {
    pub const ZERO: Units = Units(0);

    pub fn plus(self, other: Units) -> Result<Units, AmountError> {
        self.0.checked_add(other.0).map(Units).ok_or(AmountError::OutOfRange)
    }

    /// The difference, or `OutOfRange` when it would be below zero.
    pub fn minus(self, other: Units) -> Result<Units, AmountError> {
        self.0.checked_sub(other.0).map(Units).ok_or(AmountError::OutOfRange)
    }

    /// The difference, or zero when `other` is larger: "how much is left to pay".
    pub fn less(self, other: Units) -> Units {
        Units(self.0.saturating_sub(other.0))
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Reads the digits a row holds. Only `0-9`, at least one, at most 39.
    pub fn from_digits(text: &str) -> Result<Units, AmountError> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AmountError::Malformed);
        }
        text.parse().map(Units).map_err(|_| AmountError::OutOfRange)
    }

    /// Reads plain decimal notation (`15.04`, `42`) as base units of an asset with `decimals` places.
    /// No sign, exponent, blanks or separators. Digits beyond `decimals` must be zeros: nothing is rounded.
    pub fn parse(text: &str, decimals: u8) -> Result<Units, AmountError> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(AmountError::Malformed),
            None => (text, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(AmountError::Malformed);
        }
        let places = usize::from(decimals);
        let (kept, beyond) = fraction.split_at(fraction.len().min(places));
        if beyond.bytes().any(|b| b != b'0') {
            return Err(AmountError::TooPrecise);
        }
        let digits = format!("{}{kept:0<places$}", whole.trim_start_matches('0'));
        if digits.is_empty() { Ok(Units::ZERO) } else { Units::from_digits(&digits) }
    }

    /// Decimal notation with at least `min_places` and as many more as the value needs: no digit is dropped.
    pub fn decimal(self, decimals: u8, min_places: u8) -> String {
        let places = usize::from(decimals);
        let digits = format!("{:0>width$}", self.0, width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let needed = fraction.trim_end_matches('0').len().max(usize::from(min_places));
        let fraction = format!("{fraction:0<needed$}");
        if needed == 0 { whole.to_owned() } else { format!("{whole}.{}", &fraction[..needed]) }
    }
}

/// The digits of the base units: the form in which rows hold an amount.
impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// `a * b / c`, rounded down. `OutOfRange` when the result or a needed intermediate does not fit.
pub(crate) fn mul_div_floor(a: u128, b: u128, c: u128) -> Result<u128, AmountError> {
    if c == 0 {
        return Err(AmountError::OutOfRange);
    }
    match a.checked_mul(b) {
        Some(product) => Ok(product / c),
        // a = q*c + r: the large part is exact, the rest is below c
        None => {
            let whole = (a / c).checked_mul(b).ok_or(AmountError::OutOfRange)?;
            let rest = (a % c).checked_mul(b).ok_or(AmountError::OutOfRange)? / c;
            whole.checked_add(rest).ok_or(AmountError::OutOfRange)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimal_notation_is_read_exactly_or_refused() {
        use AmountError::*;
        let cases: &[(&str, u8, Result<u128, AmountError>)] = &[
            ("15.04", 2, Ok(1504)),
            ("42", 2, Ok(4200)),
            ("0", 2, Ok(0)),
            ("00042.10", 2, Ok(4210)),
            ("1.500", 2, Ok(150)),
            ("1.005", 2, Err(TooPrecise)),
            ("0.000000000000000000000000000001", 18, Err(TooPrecise)),
            ("340282366920938463463374607431768211455", 0, Ok(u128::MAX)),
            ("340282366920938463463374607431768211456", 0, Err(OutOfRange)),
            ("1e3", 2, Err(Malformed)),
            ("-1", 2, Err(Malformed)),
            ("+1", 2, Err(Malformed)),
            (".5", 2, Err(Malformed)),
            ("5.", 2, Err(Malformed)),
            ("1,000", 2, Err(Malformed)),
            ("", 2, Err(Malformed)),
            ("NaN", 2, Err(Malformed)),
            ("١٢", 2, Err(Malformed)),
        ];
        for (text, decimals, expected) in cases {
            assert_eq!(Units::parse(text, *decimals).map(|u| u.0), *expected, "{text}");
        }
    }

    #[test]
    fn notation_keeps_every_digit() {
        assert_eq!(Units(1504).decimal(2, 0), "15.04");
        assert_eq!(Units(500).decimal(2, 0), "5");
        assert_eq!(Units(1_000_000).decimal(6, 2), "1.00");
        assert_eq!(Units(1_005_001).decimal(6, 2), "1.005001");
        assert_eq!(Units(0).decimal(18, 3), "0.000");
        assert_eq!(Units(7).decimal(0, 0), "7");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value: u128, decimals in 0u8..=30, places in 0u8..=30) {
            let text = Units(value).decimal(decimals, places);
            prop_assert_eq!(Units::parse(&text, decimals), Ok(Units(value)));
        }

        #[test]
        fn mul_div_agrees_with_the_plain_product(a in 0u128..1 << 60, b in 0u128..1 << 60, c in 1u128..1 << 60) {
            prop_assert_eq!(mul_div_floor(a, b, c), Ok(a * b / c));
        }
    }
}
