//! Prices of coins, and the amounts they lead to.

use rust_decimal::Decimal;

use crate::amount::{AmountError, Units, mul_div_floor};
use crate::time::{MINUTE, Time};

/// What one source says one coin costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub source: String,
    /// Units of the invoice currency for one whole coin; above zero.
    pub price: Decimal,
    /// When the source says it was true, or when we asked if it does not say.
    pub at: Time,
}

/// The price an attempt is locked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// Units of the invoice currency for one whole coin, at most [`PRICE_PLACES`] decimal places; above zero.
    pub price: Decimal,
    /// Names of the sources that were counted, joined by `+`.
    pub source: String,
    /// Time of the oldest counted quote.
    pub at: Time,
}

/// Decimal places kept of a price. Rounding: half to even.
pub const PRICE_PLACES: u32 = 8;

/// Why there is no rate. Both are transient: a later quote may serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRate {
    #[error("every rate source for {symbol} is stale or silent")]
    Stale { symbol: String },
    #[error("the rate sources for {symbol} disagree by more than {limit_percent} %")]
    Divergent { symbol: String, limit_percent: u32 },
}

/// The median of what is fresh (mean of the middle two when even, rounded half to even).
///
/// `max_age_ms` bounds how old a quote may be, a minute how far in the future; with two or more fresh quotes, the lowest and highest may differ by
/// at most `max_divergence_percent` of the lowest.
pub fn median(
    symbol: &str,
    quotes: &[Quote],
    now: Time,
    max_age_ms: i64,
    max_divergence_percent: u32,
) -> Result<Rate, NoRate> {
    let mut fresh: Vec<&Quote> = quotes
        .iter()
        .filter(|q| q.price > Decimal::ZERO && (-MINUTE..=max_age_ms).contains(&now.since(q.at)))
        .collect();
    fresh.sort_by(|a, b| a.price.cmp(&b.price).then_with(|| a.source.cmp(&b.source)));
    let (Some(lowest), Some(highest)) = (fresh.first(), fresh.last()) else {
        return Err(NoRate::Stale { symbol: symbol.to_owned() });
    };
    let limit = lowest.price.checked_mul(Decimal::from(max_divergence_percent));
    let spread = (highest.price - lowest.price).checked_mul(Decimal::ONE_HUNDRED);
    if !matches!((spread, limit), (Some(spread), Some(limit)) if spread <= limit) {
        return Err(NoRate::Divergent { symbol: symbol.to_owned(), limit_percent: max_divergence_percent });
    }
    let middle = fresh.len() / 2;
    let price = match fresh.len() % 2 {
        1 => fresh[middle].price,
        _ => (fresh[middle - 1].price + fresh[middle].price) / Decimal::TWO,
    };
    let mut sources: Vec<&str> = fresh.iter().map(|q| q.source.as_str()).collect();
    sources.sort_unstable();
    let at = fresh.iter().map(|q| q.at).min().unwrap_or(now);
    Ok(Rate { price: price.round_dp(PRICE_PLACES).normalize(), source: sources.join("+"), at })
}

impl Rate {
    /// Stablecoin-at-par: one coin is one unit of the invoice currency.
    pub fn par(at: Time) -> Rate {
        Rate { price: Decimal::ONE, source: "par".into(), at }
    }

    /// Base units of the coin that cover `minor` units of the invoice currency. Rounding: up, so that a payment
    /// of exactly this is never short. At least one unit.
    pub fn coins_for(&self, minor: Units, minor_digits: u8, coin_decimals: u8) -> Result<Units, AmountError> {
        let price = self.price.normalize();
        let mantissa = u128::try_from(price.mantissa()).map_err(|_| AmountError::OutOfRange)?;
        let ten = |places: u32| 10u128.checked_pow(places).ok_or(AmountError::OutOfRange);
        // units = minor / 10^minor_digits / (mantissa / 10^scale) * 10^decimals
        let up = u32::from(coin_decimals) + price.scale();
        let down = u32::from(minor_digits);
        let (numerator, denominator) = if up >= down {
            (minor.0.checked_mul(ten(up - down)?).ok_or(AmountError::OutOfRange)?, mantissa)
        } else {
            (minor.0, mantissa.checked_mul(ten(down - up)?).ok_or(AmountError::OutOfRange)?)
        };
        if denominator == 0 {
            return Err(AmountError::OutOfRange);
        }
        Ok(Units(numerator.div_ceil(denominator).max(1)))
    }
}

/// What `paid` is worth of a quote of `due_units` for `due_minor`. Rounding: down; exactly `due_minor` for `due_units`.
pub fn value_at_quote(paid: Units, due_units: Units, due_minor: Units) -> Result<Units, AmountError> {
    mul_div_floor(paid.0, due_minor.0, due_units.0).map(Units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quote(source: &str, price: &str, at: i64) -> Quote {
        Quote { source: source.into(), price: price.parse().unwrap(), at: Time(at) }
    }

    #[test]
    fn the_median_of_what_is_fresh() {
        let quotes = [quote("a", "100", 90), quote("b", "101", 95), quote("c", "250", 1)];
        let rate = median("ETH", &quotes, Time(100), 50, 5).unwrap();
        assert_eq!((rate.price.to_string().as_str(), rate.source.as_str(), rate.at), ("100.5", "a+b", Time(90)));
        assert_eq!(median("ETH", &quotes, Time(200), 50, 5), Err(NoRate::Stale { symbol: "ETH".into() }));
        assert!(matches!(median("ETH", &quotes, Time(100), 500, 5), Err(NoRate::Divergent { .. })));
        assert!(median("ETH", &[quote("a", "0", 100)], Time(100), 50, 5).is_err());
    }

    #[test]
    fn coins_are_rounded_up() {
        let par = Rate::par(Time(0));
        assert_eq!(par.coins_for(Units(1504), 2, 6), Ok(Units(15_040_000)));
        assert_eq!(par.coins_for(Units(1), 2, 0), Ok(Units(1)));
        let rate = Rate { price: "3".parse().unwrap(), source: String::new(), at: Time(0) };
        assert_eq!(rate.coins_for(Units(100), 2, 6), Ok(Units(333_334)));
        let rate = Rate { price: "3123.45678901".parse().unwrap(), source: String::new(), at: Time(0) };
        assert_eq!(rate.coins_for(Units(1_000_000_000_000), 2, 18).map(|u| u.0 / 10u128.pow(18)), Ok(3_201_581));
    }

    proptest! {
        #[test]
        fn the_quoted_units_are_worth_the_quoted_amount(minor in 1u128..1_000_000_000, cents in 1u32..10_000_000, decimals in 0u8..=18) {
            let rate = Rate { price: Decimal::new(i64::from(cents), 2), source: String::new(), at: Time(0) };
            let units = rate.coins_for(Units(minor), 2, decimals).unwrap();
            prop_assert_eq!(value_at_quote(units, units, Units(minor)), Ok(Units(minor)));
            prop_assert!(value_at_quote(units.less(Units(1)), units, Units(minor)).unwrap().0 < minor);
        }
    }
}
