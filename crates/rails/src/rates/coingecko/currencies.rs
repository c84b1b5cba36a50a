//! CoinGecko, `GET /api/v3/exchange_rates` (<https://docs.coingecko.com/reference/exchange-rates>): what one bitcoin is in each currency,
//! `{"rates":{"usd":{"name":"US Dollar","unit":"$","value":122345.678,"type":"fiat"},…}}`; anew each minute, also at weekends. Two of
//! them divided are a rate of currencies. The answer names no time.

use super::super::price::price;
use super::super::{RateError, RateRequest, currency, short};
use super::NAME;
use domain::Time;
use domain::rate::Quote;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Rate<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    /// `crypto`, `fiat` or `commodity`.
    #[serde(rename = "type")]
    kind: &'a str,
}

pub(in super::super) fn request(origin: &str, demo_key: Option<&str>, symbols: &[&str]) -> Option<RateRequest> {
    let symbols = currency::known(symbols);
    let headers = demo_key.map(|key| ("x-cg-demo-api-key", key.to_owned())).into_iter().collect();
    (!symbols.is_empty()).then(|| RateRequest { url: format!("{origin}/api/v3/exchange_rates"), headers, symbols })
}

pub(in super::super) fn response(
    symbols: &[String],
    body: &[u8],
    asked_at: Time,
) -> Result<Vec<(String, Quote)>, RateError> {
    let malformed = |error: serde_json::Error| RateError::Malformed(short(&error.to_string()));
    let answer: HashMap<&str, &RawValue> = serde_json::from_slice(body).map_err(malformed)?;
    if let Some(refusal) = answer.get("status").or_else(|| answer.get("error")) {
        return Err(RateError::Refused(short(refusal.get())));
    }
    let rates = answer.get("rates").ok_or_else(|| RateError::Malformed("no rates".into()))?;
    let rates: HashMap<&str, &RawValue> = serde_json::from_str(rates.get()).map_err(malformed)?;
    // only those that are asked for are read: a strange entry of another one is no fault of theirs
    let bitcoin_in = |symbol: &str, code: &str| -> Result<Option<Decimal>, RateError> {
        let Some(rate) = rates.get(code.to_ascii_lowercase().as_str()) else { return Ok(None) };
        let rate: Rate<'_> = serde_json::from_str(rate.get()).map_err(malformed)?;
        if rate.kind != "fiat" {
            return Ok(None);
        }
        price(symbol, rate.value.get()).map(Some)
    };
    let dollars = bitcoin_in("BTC/USD", "USD")?.ok_or_else(|| RateError::Malformed("no US dollar".into()))?;
    let mut quotes = Vec::new();
    for symbol in symbols {
        let Some(code) = currency::code(symbol) else { continue };
        if let Some(units) = bitcoin_in(symbol, code)? {
            let price = currency::per_dollar(symbol, dollars, units)?;
            quotes.push((symbol.clone(), Quote { source: NAME.into(), price, at: asked_at }));
        }
    }
    Ok(quotes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_760_025_600_000);
    const ALL: [&str; 4] = ["USD/EUR", "USD/GBP", "USD/INR", "USD/ZAR"];
    const RATES: &str = include_str!("../../../tests/fixtures/rates/coingecko_exchange_rates.json");

    fn read(symbols: &[&str], body: &str) -> Result<Vec<(String, String)>, RateError> {
        let symbols: Vec<String> = symbols.iter().map(|symbol| (*symbol).to_owned()).collect();
        let quotes = response(&symbols, body.as_bytes(), NOW)?;
        assert!(quotes.iter().all(|(_, quote)| quote.source == "coingecko" && quote.at == NOW));
        Ok(quotes.into_iter().map(|(symbol, quote)| (symbol, quote.price.to_string())).collect())
    }

    #[test]
    fn asks_once_for_all() {
        let asked = request("https://api.coingecko.com", Some("k"), &["ETH", "USD/INR", "USD/EUR"]).unwrap();
        assert_eq!(asked.url, "https://api.coingecko.com/api/v3/exchange_rates");
        assert_eq!(asked.headers, [("x-cg-demo-api-key", "k".to_owned())]);
        assert_eq!(asked.symbols, ["USD/INR", "USD/EUR"]);
        assert_eq!(request("https://api.coingecko.com", None, &["ETH"]), None);
    }

    #[test]
    fn the_documented_answer() {
        let expected = [
            ("USD/EUR", "0.86118221"),
            ("USD/GBP", "0.74814334"),
            ("USD/INR", "88.79999999"),
            ("USD/ZAR", "17.17528581"),
        ];
        assert_eq!(read(&ALL, RATES).unwrap(), expected.map(|(symbol, price)| (symbol.into(), price.into())));
    }

    #[test]
    fn what_is_missing_or_no_currency_is_left_out() {
        for (from, to) in [("\"inr\"", "\"xxx\""), ("10864296.205, \"type\": \"fiat\"", "1, \"type\": \"crypto\"")] {
            let body = RATES.replace(from, to);
            assert_ne!(body, RATES);
            assert!(read(&ALL, &body).unwrap().iter().all(|(symbol, _)| symbol != "USD/INR"), "{to}");
            assert_eq!(read(&ALL, &body).unwrap().len(), 3);
        }
    }

    #[test]
    fn odd_numbers() {
        let inr = |value: &str| read(&["USD/INR"], &RATES.replace("10864296.205", value));
        assert_eq!(inr("1.0864296205e7").unwrap()[0].1, "88.79999999");
        for bad in ["0", "-1", "\"1\"", "null", "1e99"] {
            assert!(matches!(inr(bad), Err(RateError::Price { .. })), "{bad}");
            let no_dollar = RATES.replace("122345.678", bad);
            assert!(matches!(read(&["USD/INR"], &no_dollar), Err(RateError::Price { .. })), "{bad}");
        }
        // another currency's fault is not ours
        assert_eq!(read(&["USD/EUR"], &RATES.replace("10864296.205", "0")).unwrap().len(), 1);
    }

    #[test]
    fn refusals_and_rubbish() {
        let limited = include_str!("../../../tests/fixtures/rates/coingecko_rate_limited.json");
        assert!(matches!(read(&ALL, limited), Err(RateError::Refused(_))));
        let no_dollar = RATES.replace("\"usd\"", "\"xxx\"");
        for bad in ["", "<html>", "[]", "{}", "{\"rates\":[]}", "{\"rates\":{}}", "{\"rates\":{\"usd\":1}}", &no_dollar]
        {
            assert!(matches!(read(&ALL, bad), Err(RateError::Malformed(_))), "{bad}");
        }
    }
}
