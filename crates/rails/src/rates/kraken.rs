//! Kraken, `GET /0/public/Ticker`: `{"error":[],"result":{"XETHZUSD":{"a":["2500.2",…],"b":["2500.1",…],…}}}`.
//!
//! Refusals come with HTTP status 200 and a filled `error`. One unknown pair refuses the whole request, so each pair is
//! asked alone. The result's key is often not the pair's name as asked.

use super::price::price;
use super::{RateError, RateRequest, short};
use domain::Time;
use domain::rate::Quote;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::HashMap;

pub(super) const NAME: &str = "kraken";
pub(super) const ORIGIN: &str = "https://api.kraken.com";

/// How much dearer the best ask may be than the best bid.
const MAX_SPREAD_PERCENT: i64 = 2;

#[derive(Deserialize)]
struct Answer {
    /// Always there. With a default, `[]` would read as an answer without prices.
    error: Vec<String>,
    #[serde(default)]
    result: HashMap<String, Ticker>,
}

/// The last trade (`c`) is not used: in a quiet market it may be hours old, and Kraken does not say.
#[derive(Deserialize)]
struct Ticker {
    /// Best ask: price, whole lot volume, lot volume.
    a: Vec<String>,
    /// Best bid, likewise.
    b: Vec<String>,
}

/// The pair as asked, and the keys under which its result may come.
pub(super) fn pair(symbol: &str) -> Option<(&'static str, &'static [&'static str])> {
    Some(match symbol {
        "BNB" => ("BNBUSD", &["BNBUSD"]),
        "ETH" => ("ETHUSD", &["XETHZUSD", "ETHUSD"]),
        "POL" => ("POLUSD", &["POLUSD"]),
        "USDC" => ("USDCUSD", &["USDCUSD"]),
        "USDT" => ("USDTUSD", &["USDTZUSD", "USDTUSD"]),
        _ => return None,
    })
}

pub(super) fn request(origin: &str, symbol: &str) -> Option<RateRequest> {
    let (asked, _) = pair(symbol)?;
    let url = format!("{origin}/0/public/Ticker?pair={asked}");
    Some(RateRequest { url, headers: Vec::new(), symbols: vec![symbol.to_owned()] })
}

pub(super) fn response(symbols: &[String], body: &[u8], asked_at: Time) -> Result<Vec<(String, Quote)>, RateError> {
    let answer: Answer =
        serde_json::from_slice(body).map_err(|error| RateError::Malformed(short(&error.to_string())))?;
    if !answer.error.is_empty() {
        return Err(RateError::Refused(short(&answer.error.join(", "))));
    }
    let mut quotes = Vec::new();
    for (key, ticker) in &answer.result {
        let asked = |symbol: &&String| pair(symbol).is_some_and(|(_, keys)| keys.contains(&key.as_str()));
        let symbol = symbols.iter().find(asked).ok_or_else(|| RateError::Foreign(short(key)))?;
        quotes.push((symbol.clone(), Quote { source: NAME.into(), price: middle(symbol, ticker)?, at: asked_at }));
    }
    Ok(quotes)
}

fn middle(symbol: &str, ticker: &Ticker) -> Result<Decimal, RateError> {
    let best = |side: &[String]| price(symbol, side.first().map_or("", String::as_str));
    let (bid, ask) = (best(&ticker.b)?, best(&ticker.a)?);
    // Prices are below 10^12, far from where these could overflow.
    let close = bid <= ask && (ask - bid) * Decimal::ONE_HUNDRED <= bid * Decimal::from(MAX_SPREAD_PERCENT);
    if !close {
        return Err(RateError::ThinBook { symbol: symbol.to_owned(), bid: bid.to_string(), ask: ask.to_string() });
    }
    Ok(((bid + ask) / Decimal::TWO).normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_760_000_060_000);

    fn read(symbol: &str, body: &str) -> Result<Vec<(String, String)>, RateError> {
        let quotes = response(&[symbol.to_owned()], body.as_bytes(), NOW)?;
        assert!(quotes.iter().all(|(_, quote)| quote.at == NOW && quote.source == "kraken"));
        Ok(quotes.into_iter().map(|(symbol, quote)| (symbol, quote.price.to_string())).collect())
    }

    fn ticker(key: &str, ask: &str, bid: &str) -> String {
        format!(r#"{{"error":[],"result":{{"{key}":{{"a":["{ask}","1","1.000"],"b":["{bid}","1","1.000"]}}}}}}"#)
    }

    #[test]
    fn each_pair_is_asked_alone() {
        let asked = request(ORIGIN, "ETH").unwrap();
        assert_eq!(asked.url, "https://api.kraken.com/0/public/Ticker?pair=ETHUSD");
        assert_eq!((asked.headers, asked.symbols), (vec![], vec!["ETH".to_owned()]));
        assert_eq!(request(ORIGIN, "XYZ"), None);
    }

    #[test]
    fn the_documented_answer_under_another_key() {
        let body = include_str!("../../tests/fixtures/rates/kraken_ticker_eth.json");
        assert_eq!(read("ETH", body), Ok(vec![("ETH".to_owned(), "4320.515".to_owned())]));
        assert_eq!(read("POL", body), Err(RateError::Foreign("XETHZUSD".into())));
        let body = include_str!("../../tests/fixtures/rates/kraken_ticker_pol.json");
        assert_eq!(read("POL", body), Ok(vec![("POL".to_owned(), "0.23815".to_owned())]));
    }

    #[test]
    fn a_refusal_comes_with_status_200() {
        let body = include_str!("../../tests/fixtures/rates/kraken_unknown_pair.json");
        assert_eq!(read("BNB", body), Err(RateError::Refused("EQuery:Unknown asset pair".into())));
        let both = r#"{"error":["EService:Busy"],"result":{"POLUSD":{"a":["1"],"b":["1"]}}}"#;
        assert!(matches!(read("POL", both), Err(RateError::Refused(_))));
    }

    #[test]
    fn a_thin_book_has_no_price() {
        assert_eq!(read("POL", &ticker("POLUSD", "1.02", "1.00")).unwrap()[0].1, "1.01");
        for (ask, bid) in [("1.0201", "1.00"), ("0.99", "1.00")] {
            assert!(matches!(read("POL", &ticker("POLUSD", ask, bid)), Err(RateError::ThinBook { .. })), "{ask}");
        }
        assert!(matches!(read("POL", &ticker("POLUSD", "1.00", "0.00000")), Err(RateError::Price { .. })));
    }

    #[test]
    fn rubbish() {
        let no_side = r#"{"error":[],"result":{"POLUSD":{"a":[],"b":["1"]}}}"#;
        assert!(matches!(read("POL", no_side), Err(RateError::Price { .. })));
        // Numbers where texts belong are not the documented shape.
        let numbers = r#"{"error":[],"result":{"POLUSD":{"a":[1.0],"b":[1.0]}}}"#;
        for bad in ["", "[]", "<html>", numbers] {
            assert!(matches!(read("POL", bad), Err(RateError::Malformed(_))), "{bad}");
        }
        assert_eq!(read("POL", r#"{"error":[],"result":{}}"#), Ok(vec![]));
    }
}
