//! The prices the gateway knows at this moment.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use domain::Time;
use domain::asset::Asset;
use domain::rate::{NoRate, PRICE_PLACES, Quote, Rate, median};
use domain::time::{DAY, MINUTE};
use rust_decimal::Decimal;

/// How old a quote may be.
pub const MAX_AGE_MILLIS: i64 = 10 * MINUTE;

/// How far apart the sources may be.
pub const MAX_DIVERGENCE_PERCENT: u32 = 3;

/// How old a quote of a currency may be: central banks publish once a working day.
pub const FIAT_MAX_AGE_MILLIS: i64 = 4 * DAY;

/// How old a quote of this name may be.
fn max_age(name: &str) -> i64 {
    if name.starts_with("USD/") { FIAT_MAX_AGE_MILLIS } else { MAX_AGE_MILLIS }
}

/// Prices in US dollars by coin symbol; of a currency, by `USD/code`, how much of it one US dollar is.
#[derive(Debug, Default)]
pub struct RateBook {
    fixed: HashMap<String, Decimal>,
    quotes: RwLock<HashMap<String, Vec<Quote>>>,
}

impl RateBook {
    /// Prices that never change: the sandbox's.
    pub fn fixed(prices: impl IntoIterator<Item = (String, Decimal)>) -> Self {
        Self { fixed: prices.into_iter().collect(), quotes: RwLock::default() }
    }

    /// Puts a source's quote in the place of its last one.
    pub fn quote(&self, symbol: &str, quote: Quote) {
        let mut book = self.quotes.write().unwrap_or_else(PoisonError::into_inner);
        let quotes = book.entry(symbol.to_owned()).or_default();
        quotes.retain(|old| old.source != quote.source);
        quotes.push(quote);
    }

    /// The price of a coin in US dollars, to be locked by an attempt.
    ///
    /// # Errors
    /// When every source is stale or silent, or they disagree: refusing is better than a wrong price.
    pub fn rate(&self, asset: &Asset, now: Time) -> Result<Rate, NoRate> {
        if asset.at_par {
            return Ok(Rate::par(now));
        }
        if let Some(price) = self.fixed.get(&asset.symbol) {
            return Ok(Rate { price: *price, source: "fixed".into(), at: now });
        }
        let book = self.quotes.read().unwrap_or_else(PoisonError::into_inner);
        let quotes = book.get(&asset.symbol).map_or(&[][..], Vec::as_slice);
        median(&asset.symbol, quotes, now, MAX_AGE_MILLIS, MAX_DIVERGENCE_PERCENT)
    }

    /// Units of the currency `to` for one unit of `from`, to be locked by a charge; `None` when they are the same.
    ///
    /// # Errors
    /// As [`RateBook::rate`].
    pub fn fiat(&self, from: &str, to: &str, now: Time) -> Result<Option<Rate>, NoRate> {
        if from == to {
            return Ok(None);
        }
        let (of, into) = (self.a_dollar_in(from, now)?, self.a_dollar_in(to, now)?);
        let price = into.price.checked_div(of.price).map(|price| price.round_dp(PRICE_PLACES).normalize());
        let price = price.filter(|price| *price > Decimal::ZERO);
        let price = price.ok_or_else(|| NoRate::Stale { symbol: format!("{from}/{to}") })?;
        let source = match (from, to) {
            ("USD", _) => into.source,
            (_, "USD") => of.source,
            _ => format!("{},{}", of.source, into.source),
        };
        Ok(Some(Rate { price, source, at: of.at.min(into.at) }))
    }

    /// Every price that is known or was: by name, with what it is now, or why it is none.
    pub fn all(&self, now: Time) -> Vec<(String, Result<Rate, NoRate>)> {
        let fixed = self
            .fixed
            .iter()
            .map(|(name, price)| (name.clone(), Ok(Rate { price: *price, source: "fixed".into(), at: now })));
        let book = self.quotes.read().unwrap_or_else(PoisonError::into_inner);
        let quoted = book
            .iter()
            .filter(|(name, _)| !self.fixed.contains_key(*name))
            .map(|(name, quotes)| (name.clone(), median(name, quotes, now, max_age(name), MAX_DIVERGENCE_PERCENT)));
        let mut all: Vec<_> = fixed.chain(quoted).collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all
    }

    /// What each source said last of a name, and by how much of the lowest the highest is above it now, in percent: of those that count.
    pub fn quotes(&self, name: &str, now: Time) -> (Vec<Quote>, Option<Decimal>) {
        let book = self.quotes.read().unwrap_or_else(PoisonError::into_inner);
        let quotes = book.get(name).cloned().unwrap_or_default();
        let fresh = quotes.iter().filter(|quote| (-MINUTE..=max_age(name)).contains(&now.since(quote.at)));
        let prices: Vec<Decimal> = fresh.map(|quote| quote.price).filter(|price| *price > Decimal::ZERO).collect();
        let apart = prices.iter().min().zip(prices.iter().max()).and_then(|(lowest, highest)| {
            highest.checked_sub(*lowest)?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(*lowest)
        });
        (quotes, apart.filter(|_| prices.len() > 1).map(|apart| apart.round_dp(2)))
    }

    fn a_dollar_in(&self, currency: &str, now: Time) -> Result<Rate, NoRate> {
        if currency == "USD" {
            return Ok(Rate::par(now));
        }
        let pair = format!("USD/{currency}");
        if let Some(price) = self.fixed.get(&pair) {
            return Ok(Rate { price: *price, source: "fixed".into(), at: now });
        }
        let book = self.quotes.read().unwrap_or_else(PoisonError::into_inner);
        let quotes = book.get(&pair).map_or(&[][..], Vec::as_slice);
        median(&pair, quotes, now, FIAT_MAX_AGE_MILLIS, MAX_DIVERGENCE_PERCENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_apart_the_sources_are() {
        let (book, now) = (RateBook::default(), Time(MAX_AGE_MILLIS * 2));
        let quote = |source: &str, price: &str, at| Quote { source: source.into(), price: price.parse().unwrap(), at };
        book.quote("ETH", quote("one", "2000", now));
        assert_eq!(book.quotes("ETH", now).1, None, "one source is not apart from itself");
        book.quote("ETH", quote("other", "2025", now));
        book.quote("ETH", quote("old", "9000", Time(0)));
        let (quotes, apart) = book.quotes("ETH", now);
        assert_eq!((quotes.len(), apart.map(|apart| apart.to_string())), (3, Some("1.25".into())));
    }

    #[test]
    fn currencies_cross_through_the_dollar() {
        let book = RateBook::fixed(
            [("USD/INR", "81.942"), ("USD/EUR", "0.92")].map(|(pair, price)| (pair.into(), price.parse().unwrap())),
        );
        let rate = |from, to| book.fiat(from, to, Time(7)).map(|rate| rate.map(|rate| rate.price.to_string()));
        assert_eq!(rate("USD", "INR"), Ok(Some("81.942".into())));
        assert_eq!(rate("INR", "INR"), Ok(None));
        assert_eq!(rate("EUR", "USD"), Ok(Some("1.08695652".into())));
        assert_eq!(rate("EUR", "INR"), Ok(Some("89.06739130".parse::<Decimal>().unwrap().normalize().to_string())));
        assert!(matches!(rate("USD", "ZAR"), Err(NoRate::Stale { symbol }) if symbol == "USD/ZAR"));
    }
}
