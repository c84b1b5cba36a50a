//! Invoice currencies (`devise` on the wire).

use iso_currency::Currency;

/// A currency an invoice may be written in. Source: contract, currencies.md.
pub const DEVISES: [&str; 5] = ["USD", "EUR", "GBP", "INR", "ZAR"];

/// Decimal places of an ISO 4217 code (USD 2, JPY 0, KWD 3); `None` for an unknown code. Upper case only.
pub fn minor_digits(code: &str) -> Option<u8> {
    let currency = Currency::from_code(code)?;
    currency.exponent().and_then(|places| u8::try_from(places).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_follow_iso_4217() {
        for code in DEVISES {
            assert_eq!(minor_digits(code), Some(2), "{code}");
        }
        assert_eq!(minor_digits("JPY"), Some(0));
        assert_eq!(minor_digits("KWD"), Some(3));
        assert_eq!(minor_digits("usd"), None);
        assert_eq!(minor_digits("BTC"), None);
    }
}
