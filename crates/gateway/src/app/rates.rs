//! The prices the gateway knows at this moment.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use domain::Time;
use domain::asset::Asset;
use domain::rate::{NoRate, Quote, Rate, median};
use domain::time::MINUTE;
use rust_decimal::Decimal;

/// How old a quote may be.
pub const MAX_AGE_MILLIS: i64 = 10 * MINUTE;

/// How far apart the sources may be.
pub const MAX_DIVERGENCE_PERCENT: u32 = 3;

/// Prices in US dollars by coin symbol.
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
}
