//! CoinGecko, `GET /api/v3/simple/price`: `{"ethereum":{"usd":2500.1,"last_updated_at":1700000000}}`.
//!
//! Prices are JSON numbers, sometimes in scientific notation. An id it does not know is left out of the answer without an error.

pub(super) mod currencies;

use super::price::price;
use super::{RateError, RateRequest, short};
use domain::Time;
use domain::rate::Quote;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;

pub(super) const NAME: &str = "coingecko";
pub(super) const ORIGIN: &str = "https://api.coingecko.com";

#[derive(Deserialize)]
struct Coin<'a> {
    /// `null` while CoinGecko has no price.
    #[serde(borrow, default)]
    usd: Option<&'a RawValue>,
    /// Unix seconds.
    #[serde(default)]
    last_updated_at: Option<i64>,
}

/// CoinGecko's name of a coin.
pub(super) fn id(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "BNB" => "binancecoin",
        "ETH" => "ethereum",
        "POL" => "polygon-ecosystem-token",
        "USDC" => "usd-coin",
        "USDT" => "tether",
        _ => return None,
    })
}

pub(super) fn request(origin: &str, demo_key: Option<&str>, symbols: &[&str]) -> Option<RateRequest> {
    let known: Vec<(&str, &str)> = symbols.iter().filter_map(|symbol| Some((*symbol, id(symbol)?))).collect();
    let ids: Vec<&str> = known.iter().map(|(_, id)| *id).collect();
    (!ids.is_empty()).then(|| RateRequest {
        url: format!(
            "{origin}/api/v3/simple/price?ids={}&vs_currencies=usd&include_last_updated_at=true&precision=full",
            ids.join("%2C")
        ),
        headers: demo_key.map(|key| ("x-cg-demo-api-key", key.to_owned())).into_iter().collect(),
        symbols: known.iter().map(|(symbol, _)| (*symbol).to_owned()).collect(),
    })
}

pub(super) fn response(symbols: &[String], body: &[u8], asked_at: Time) -> Result<Vec<(String, Quote)>, RateError> {
    let coins = serde_json::from_slice::<HashMap<&str, &RawValue>>(body)
        .map_err(|error| RateError::Malformed(short(&error.to_string())))?;
    // `{"status":{"error_code":429,…}}` or `{"error":"…"}`, should one come with a 2xx status.
    if let Some(refusal) = coins.get("status").or_else(|| coins.get("error")) {
        return Err(RateError::Refused(short(refusal.get())));
    }
    let mut quotes = Vec::new();
    for symbol in symbols {
        let Some(coin) = id(symbol).and_then(|id| coins.get(id)) else { continue };
        let coin: Coin<'_> =
            serde_json::from_str(coin.get()).map_err(|error| RateError::Malformed(short(&error.to_string())))?;
        let Some(usd) = coin.usd.filter(|usd| usd.get() != "null") else { continue };
        // A time in our future would keep the quote fresh for longer than it is.
        let at = match coin.last_updated_at {
            Some(seconds) => Time(seconds.saturating_mul(1_000)).min(asked_at),
            None => asked_at,
        };
        quotes.push((symbol.clone(), Quote { source: NAME.into(), price: price(symbol, usd.get())?, at }));
    }
    Ok(quotes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_760_000_060_000);

    fn read(symbols: &[&str], body: &str) -> Result<Vec<(String, String, i64)>, RateError> {
        let symbols: Vec<String> = symbols.iter().map(|symbol| (*symbol).to_owned()).collect();
        let quotes = response(&symbols, body.as_bytes(), NOW)?;
        Ok(quotes.into_iter().map(|(symbol, quote)| (symbol, quote.price.to_string(), quote.at.0)).collect())
    }

    #[test]
    fn asks_for_all_coins_at_once() {
        let asked = request(ORIGIN, Some("k"), &["POL", "XYZ", "ETH"]).unwrap();
        let url = "https://api.coingecko.com/api/v3/simple/price?ids=polygon-ecosystem-token%2Cethereum\
                   &vs_currencies=usd&include_last_updated_at=true&precision=full";
        assert_eq!((asked.url.as_str(), asked.headers), (url, vec![("x-cg-demo-api-key", "k".into())]));
        assert_eq!(asked.symbols, ["POL", "ETH"]);
    }

    #[test]
    fn the_documented_answer() {
        let body = include_str!("../../tests/fixtures/rates/coingecko_simple_price.json");
        let quotes = read(&["POL", "ETH", "BNB", "USDT", "USDC"], body).unwrap();
        let expected = [
            ("POL", "0.23817263541829374", 1_760_000_000_000),
            ("ETH", "4321.0987654321", 1_760_000_001_000),
            ("BNB", "1203", 1_760_000_002_000),
            ("USDT", "1.0003", 1_760_000_003_000),
            ("USDC", "0.99987", 1_760_000_004_000),
        ];
        assert_eq!(quotes, expected.map(|(symbol, price, at)| (symbol.to_owned(), price.to_owned(), at)));
    }

    #[test]
    fn what_is_missing_is_left_out_and_the_rest_counts() {
        let body = include_str!("../../tests/fixtures/rates/coingecko_missing_and_null.json");
        let quotes = read(&["POL", "ETH", "BNB"], body).unwrap();
        assert_eq!(quotes, [("ETH".to_owned(), "4321.5".to_owned(), 1_760_000_001_000)]);
    }

    #[test]
    fn odd_numbers() {
        assert_eq!(read(&["POL"], r#"{"polygon-ecosystem-token":{"usd":2.3e-05}}"#).unwrap()[0].1, "0.000023");
        for bad in ["0", "-1", "\"1\"", "true", "{}", "1e99"] {
            let body = format!(r#"{{"ethereum":{{"usd":{bad}}}}}"#);
            assert!(matches!(read(&["ETH"], &body), Err(RateError::Price { .. })), "{bad}");
        }
    }

    #[test]
    fn a_time_in_the_future_is_now() {
        let body = r#"{"ethereum":{"usd":1,"last_updated_at":99999999999}}"#;
        assert_eq!(read(&["ETH"], body).unwrap()[0].2, NOW.0);
        assert_eq!(
            read(&["ETH"], r#"{"ethereum":{"usd":1,"last_updated_at":9223372036854775807}}"#).unwrap()[0].2,
            NOW.0
        );
    }

    #[test]
    fn refusals_and_rubbish() {
        let limited = include_str!("../../tests/fixtures/rates/coingecko_rate_limited.json");
        assert!(matches!(read(&["ETH"], limited), Err(RateError::Refused(_))));
        for bad in ["", "<html>", "[]", "{\"ethereum\":1}", "{\"ethereum\":{\"usd\":1}"] {
            assert!(matches!(read(&["ETH"], bad), Err(RateError::Malformed(_))), "{bad}");
        }
        assert_eq!(read(&["ETH"], "{}"), Ok(vec![]));
    }
}
