//! Amounts as the contract writes them: decimal text with a point, read and written without floats.

use super::params::ParamValue;

/// Most digits in an amount, before and after the point together.
pub const MAX_DIGITS: usize = 30;

/// The amount cannot be read, or is finer than the currency allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an amount")]
pub struct Unreadable;

/// A readable amount in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MinorUnits {
    /// Zero or below.
    NotPositive,
    Positive(u128),
}

/// An amount as written, before its currency is known: the contract checks the amount ahead of the currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenAmount {
    negative: bool,
    whole: String,
    fraction: String,
}

impl WrittenAmount {
    /// Reads `15.04`, `42` or `-1`, from a JSON number, a JSON string or a form value.
    ///
    /// Blanks around the text are dropped, because forms are typed by people. Everything else but ASCII digits, one point
    /// between digits and a leading minus is refused: exponents, `+`, `NaN`, hex, blanks inside, thousands separators.
    pub fn read(value: &ParamValue) -> Result<Self, Unreadable> {
        Self::read_text(value.text().ok_or(Unreadable)?)
    }

    /// As [`WrittenAmount::read`].
    pub fn read_text(text: &str) -> Result<Self, Unreadable> {
        let text = text.trim_matches(' ');
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(Unreadable),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits || whole.len() + fraction.len() > MAX_DIGITS {
            return Err(Unreadable);
        }
        Ok(Self { negative, whole: whole.to_owned(), fraction: fraction.to_owned() })
    }

    /// The amount in units of 10^-`minor_digits`. Digits beyond those must be zeros: money is refused rather than rounded.
    pub fn minor_units(&self, minor_digits: u8) -> Result<MinorUnits, Unreadable> {
        let kept = usize::from(minor_digits).min(self.fraction.len());
        let (fraction, excess) = self.fraction.split_at(kept);
        if excess.bytes().any(|digit| digit != b'0') {
            return Err(Unreadable);
        }
        let width = usize::from(minor_digits);
        let units: u128 = format!("{}{fraction:0<width$}", self.whole).parse().map_err(|_| Unreadable)?;
        Ok(if self.negative || units == 0 { MinorUnits::NotPositive } else { MinorUnits::Positive(units) })
    }
}

/// An amount to be written: `units` of 10^-`digits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    pub units: u128,
    pub digits: u8,
}

impl Quantity {
    pub fn new(units: u128, digits: u8) -> Self {
        Self { units, digits }
    }

    /// Without trailing zeros: `5`, `15.04`. The form of callbacks and of "status".
    pub fn shortest(self) -> String {
        self.at_least(0)
    }

    /// At least so many decimals, and more where a digit would be lost: history has 2 in `amount` and `paid_amount`,
    /// 3 in `merchant_amount` and `fee_amount`.
    pub fn at_least(self, decimals: usize) -> String {
        let digits = usize::from(self.digits);
        let padded = format!("{:0>width$}", self.units, width = digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() && decimals == 0 { whole.to_owned() } else { format!("{whole}.{fraction:0<decimals$}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_read_with_two_minor_digits() {
        use MinorUnits::{NotPositive, Positive};
        let nines = "9".repeat(30);
        let cases: &[(&str, Result<MinorUnits, Unreadable>)] = &[
            ("15.04", Ok(Positive(1504))),
            ("42", Ok(Positive(4200))),
            (" 42 ", Ok(Positive(4200))),
            ("0.1", Ok(Positive(10))),
            ("007.50", Ok(Positive(750))),
            ("15.0400000000", Ok(Positive(1504))),
            (&nines, Ok(Positive(99_999_999_999_999_999_999_999_999_999_900))),
            ("1.00000000000000000000000000000", Ok(Positive(100))),
            ("0", Ok(NotPositive)),
            ("0.000", Ok(NotPositive)),
            ("-0", Ok(NotPositive)),
            ("-5", Ok(NotPositive)),
            ("-0.01", Ok(NotPositive)),
            ("15.041", Err(Unreadable)),
            ("0.001", Err(Unreadable)),
            ("-0.001", Err(Unreadable)),
            ("1.000000000000000000000000000000", Err(Unreadable)),
            ("0.000000000000000000000000000001", Err(Unreadable)),
            ("", Err(Unreadable)),
            (" ", Err(Unreadable)),
            (".", Err(Unreadable)),
            (".5", Err(Unreadable)),
            ("5.", Err(Unreadable)),
            ("-", Err(Unreadable)),
            ("--5", Err(Unreadable)),
            ("- 5", Err(Unreadable)),
            ("+5", Err(Unreadable)),
            ("1e2", Err(Unreadable)),
            ("1E400", Err(Unreadable)),
            ("NaN", Err(Unreadable)),
            ("inf", Err(Unreadable)),
            ("-Infinity", Err(Unreadable)),
            ("0x10", Err(Unreadable)),
            ("1 000", Err(Unreadable)),
            ("1,000.00", Err(Unreadable)),
            ("15,04", Err(Unreadable)),
            ("1.2.3", Err(Unreadable)),
            ("1_000", Err(Unreadable)),
            ("\u{661}\u{662}", Err(Unreadable)),
            ("5\0", Err(Unreadable)),
            ("5\n", Err(Unreadable)),
            ("$5", Err(Unreadable)),
        ];
        for (text, expected) in cases {
            let read = WrittenAmount::read_text(text).and_then(|written| written.minor_units(2));
            assert_eq!(read, *expected, "{text:?}");
        }
    }

    #[test]
    fn other_minor_digits() {
        let units = |text: &str, digits| WrittenAmount::read_text(text).and_then(|written| written.minor_units(digits));
        assert_eq!(units("42.00", 0), Ok(MinorUnits::Positive(42)));
        assert_eq!(units("42.5", 0), Err(Unreadable));
        assert_eq!(units("0.000000000000000001", 18), Ok(MinorUnits::Positive(1)));
        assert_eq!(units(&"9".repeat(30), 18), Err(Unreadable), "does not fit 128 bits");
    }

    #[test]
    fn amounts_written() {
        let cases = [
            (500, 2, "5", "5.00", "5.000"),
            (1504, 2, "15.04", "15.04", "15.040"),
            (1, 2, "0.01", "0.01", "0.010"),
            (0, 2, "0", "0.00", "0.000"),
            (900_000, 6, "0.9", "0.90", "0.900"),
            (900_001, 6, "0.900001", "0.900001", "0.900001"),
            (42, 0, "42", "42.00", "42.000"),
            (1, 18, "0.000000000000000001", "0.000000000000000001", "0.000000000000000001"),
            (1000, 0, "1000", "1000.00", "1000.000"),
        ];
        for (units, digits, shortest, two, three) in cases {
            let quantity = Quantity::new(units, digits);
            assert_eq!((quantity.shortest().as_str(), quantity.at_least(2).as_str()), (shortest, two));
            assert_eq!(quantity.at_least(3), three);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(units in 1_u128..10_u128.pow(24), digits in 0_u8..19, decimals in 0_usize..4) {
            let text = Quantity::new(units, digits).at_least(decimals);
            let read = WrittenAmount::read_text(&text).and_then(|written| written.minor_units(digits));
            // A whole amount may gain decimals, which makes the text longer than what is read.
            let too_long = text.bytes().filter(u8::is_ascii_digit).count() > MAX_DIGITS;
            prop_assert_eq!(read, if too_long { Err(Unreadable) } else { Ok(MinorUnits::Positive(units)) });
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}", digits in any::<u8>()) {
            let _ = WrittenAmount::read_text(&text).and_then(|written| written.minor_units(digits));
        }
    }
}
