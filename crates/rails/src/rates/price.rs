//! A price from its text.

use super::{RateError, short};
use rust_decimal::Decimal;

/// Above this a price is taken for a fault: 10^12 US dollars.
const TOO_MUCH: i64 = 1_000_000_000_000;

/// Reads plain (`0.2143`) or scientific (`2.143e-1`) notation exactly: no digit is dropped or rounded.
pub(super) fn price(symbol: &str, text: &str) -> Result<Decimal, RateError> {
    let fault = || RateError::Price { symbol: symbol.to_owned(), text: short(text) };
    let price = exact(text).ok_or_else(fault)?;
    if price > Decimal::ZERO && price < Decimal::from(TOO_MUCH) { Ok(price) } else { Err(fault()) }
}

fn exact(text: &str) -> Option<Decimal> {
    // `Decimal` also takes `_` between digits and a leading `+`.
    let allowed = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E');
    if text.len() > 64 || text.starts_with('+') || !text.bytes().all(allowed) {
        return None;
    }
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else { return Decimal::from_str_exact(text).ok() };
    let digits = Decimal::from_str_exact(digits).ok()?.normalize();
    let exponent: i64 = exponent.parse().ok()?;
    let scale = i64::from(digits.scale()) - exponent;
    if scale >= 0 {
        return Decimal::try_from_i128_with_scale(digits.mantissa(), u32::try_from(scale).ok()?).ok();
    }
    let ten = 10i128.checked_pow(u32::try_from(-scale).ok()?)?;
    Decimal::try_from_i128_with_scale(digits.mantissa().checked_mul(ten)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prices_are_read_exactly_or_refused() {
        let cases = [
            ("0.214312345678901234", Some("0.214312345678901234")),
            ("2500", Some("2500")),
            ("2.143e-1", Some("0.2143")),
            ("1.5E+3", Some("1500")),
            ("15e2", Some("1500")),
            ("1e-28", Some("0.0000000000000000000000000001")),
            ("1e-29", None),
            ("0.00000000000000000000000000001", None),
            ("1e12", None),
            ("999999999999", Some("999999999999")),
            ("1e400", None),
            ("1e-99999999999999999999", None),
            ("0", None),
            ("0.0", None),
            ("-1", None),
            ("+1", None),
            ("1_000", None),
            ("1,5", None),
            ("", None),
            ("e", None),
            ("1e", None),
            ("NaN", None),
            ("\"1\"", None),
            ("١", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|text| text.parse::<Decimal>().unwrap());
            assert_eq!(price("ETH", text).ok(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_notations_agree(mantissa in 1i64..1_000_000_000_000, places in 0u32..20) {
            let plain = Decimal::new(mantissa, places);
            prop_assert_eq!(price("ETH", &plain.to_string()).ok(), (plain < Decimal::from(TOO_MUCH)).then_some(plain));
            prop_assert_eq!(price("ETH", &format!("{mantissa}e-{places}")), price("ETH", &plain.to_string()));
        }
    }
}
