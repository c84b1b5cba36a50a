//! Rates of currencies, named `USD/INR`: how much of the currency one US dollar is.

use super::RateError;
use domain::fiat::DEVISES;
use domain::rate::PRICE_PLACES;
use rust_decimal::{Decimal, RoundingStrategy};

/// The currency of `USD/INR`, if it is one that an invoice may be written in.
pub(super) fn code(symbol: &str) -> Option<&str> {
    symbol.strip_prefix("USD/").filter(|code| *code != "USD" && DEVISES.contains(code))
}

/// Those of the symbols that name a currency.
pub(super) fn known(symbols: &[&str]) -> Vec<String> {
    symbols.iter().filter(|symbol| code(symbol).is_some()).map(|symbol| (*symbol).to_owned()).collect()
}

/// Units of a currency for one US dollar, from what one and the same thing is worth in dollars and in that currency.
/// Rounding: [`PRICE_PLACES`] decimal places, half to even. (The quotient is first kept to 28 digits, which moves no such half: with
/// divisors as short as published rates it lies on one exactly or further away than that.)
pub(super) fn per_dollar(symbol: &str, dollars: Decimal, units: Decimal) -> Result<Decimal, RateError> {
    let rounding = RoundingStrategy::MidpointNearestEven;
    let quotient = units.checked_div(dollars);
    quotient
        .map(|price| price.round_dp_with_strategy(PRICE_PLACES, rounding).normalize())
        .filter(|price| *price > Decimal::ZERO)
        .ok_or_else(|| RateError::Price { symbol: symbol.to_owned(), text: format!("{units} for {dollars} USD") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_other_currencies_of_invoices() {
        let symbols = ["USD/INR", "USD/USD", "USD/JPY", "EUR/INR", "INR", "USD/", "usd/inr", "ETH"];
        assert_eq!(known(&symbols), ["USD/INR"]);
        assert_eq!(code("USD/ZAR"), Some("ZAR"));
    }

    #[test]
    fn quotients_are_rounded_half_to_even() {
        for (dollars, units, expected) in [
            ("1.1435", "98.2345", Some("85.90686489")),
            // one and a half, two and a half, three and a half of the last place
            ("2", "0.00000003", Some("0.00000002")),
            ("2", "0.00000005", Some("0.00000002")),
            ("2", "0.00000007", Some("0.00000004")),
            ("1", "0.00000001", Some("0.00000001")),
            ("3", "1", Some("0.33333333")),
            ("3", "2", Some("0.66666667")),
            ("1.25", "100", Some("80")),
            // nothing is left of it
            ("2", "0.00000001", None),
            ("0", "1", None),
        ] {
            let price = per_dollar("USD/INR", dollars.parse().unwrap(), units.parse().unwrap());
            assert_eq!(price.ok().map(|price| price.to_string()).as_deref(), expected, "{units} / {dollars}");
        }
    }
}
