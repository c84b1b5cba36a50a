//! The European Central Bank's euro foreign exchange reference rates, once a working day
//! (<https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html>): what one euro is,
//! `<Cube><Cube time='2026-07-09'><Cube currency='USD' rate='1.1435'/>…`. Not published at weekends and on the holidays of TARGET;
//! from Maundy Thursday to the Tuesday after Easter they are five days old.

use super::price::price;
use super::{RateError, RateRequest, currency, short};
use domain::Time;
use domain::rate::Quote;
use domain::time::DAY;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use roxmltree::{Document, Node, ParsingOptions};
use rust_decimal::Decimal;

pub(super) const NAME: &str = "ecb";
pub(super) const ORIGIN: &str = "https://www.ecb.europa.eu";

/// The same form is used by others, for prices in their own currency: the euro as base is nowhere in it but here.
const SENDER: &str = "European Central Bank";
/// Some fifty nodes are usual.
const MAX_NODES: u32 = 1_000;

pub(super) fn request(origin: &str, symbols: &[&str]) -> Option<RateRequest> {
    let symbols = currency::known(symbols);
    let url = format!("{origin}/stats/eurofxref/eurofxref-daily.xml");
    (!symbols.is_empty()).then_some(RateRequest { url, headers: Vec::new(), symbols })
}

pub(super) fn response(symbols: &[String], body: &[u8], asked_at: Time) -> Result<Vec<(String, Quote)>, RateError> {
    let malformed = |what: &str| RateError::Malformed(short(what));
    let text = std::str::from_utf8(body).map_err(|_| malformed("not UTF-8"))?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| malformed(&error.to_string()))?;
    let named = |name: &'static str| document.descendants().filter(move |node| node.tag_name().name() == name);
    match named("name").next().and_then(|node| node.text()).map(str::trim) {
        Some(SENDER) => {}
        sender => return Err(RateError::Foreign(format!("rates of {}", short(sender.unwrap_or("nobody"))))),
    }
    let mut days = named("Cube").filter(|node| node.has_attribute("time"));
    let (Some(day), None) = (days.next(), days.next()) else { return Err(malformed("not the rates of one day")) };
    let at = time(day.attribute("time").unwrap_or_default(), asked_at).ok_or_else(|| malformed("no usable date"))?;
    let euro_in = |symbol: &str, code: &str| -> Result<Option<Decimal>, RateError> {
        if code == "EUR" {
            return Ok(Some(Decimal::ONE));
        }
        let mut rates = day.children().filter(|node| node.attribute("currency") == Some(code));
        match (rates.next(), rates.next()) {
            (Some(rate), None) => price(symbol, rate_of(rate)).map(Some),
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(malformed("a currency twice")),
        }
    };
    let dollars = euro_in("EUR/USD", "USD")?.ok_or_else(|| malformed("no US dollar"))?;
    let mut quotes = Vec::new();
    for symbol in symbols {
        let Some(code) = currency::code(symbol) else { continue };
        if let Some(units) = euro_in(symbol, code)? {
            let price = currency::per_dollar(symbol, dollars, units)?;
            quotes.push((symbol.clone(), Quote { source: NAME.into(), price, at }));
        }
    }
    Ok(quotes)
}

fn rate_of<'a>(node: Node<'a, 'a>) -> &'a str {
    node.attribute("rate").unwrap_or_default()
}

/// The central banks agree at 14:15 Central European Time: 12:15 UTC in summer, which is taken for the whole year, so that no rate
/// counts as newer than it is. None from a future day; within this one, not later than now.
fn time(date: &str, asked_at: Time) -> Option<Time> {
    let date: Date = date.parse().ok().filter(|_| date.len() == 10)?;
    let agreed = date.at(12, 15, 0, 0).to_zoned(TimeZone::UTC).ok()?;
    let agreed = Time(agreed.timestamp().as_millisecond());
    (agreed <= asked_at.plus(DAY)).then_some(agreed.min(asked_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-10-09, 16:00 UTC.
    const NOW: Time = Time(1_760_025_600_000);
    const ALL: [&str; 4] = ["USD/EUR", "USD/GBP", "USD/INR", "USD/ZAR"];
    const DAILY: &str = include_str!("../../tests/fixtures/rates/ecb_daily.xml");

    fn read(symbols: &[&str], body: &str) -> Result<Vec<(String, String, i64)>, RateError> {
        let symbols: Vec<String> = symbols.iter().map(|symbol| (*symbol).to_owned()).collect();
        let quotes = response(&symbols, body.as_bytes(), NOW)?;
        assert!(quotes.iter().all(|(_, quote)| quote.source == "ecb"));
        Ok(quotes.into_iter().map(|(symbol, quote)| (symbol, quote.price.to_string(), quote.at.0)).collect())
    }

    #[test]
    fn asks_once_and_for_currencies_only() {
        let asked = request(ORIGIN, &["ETH", "USD/INR", "USD/JPY", "USD/EUR"]).unwrap();
        assert_eq!(asked.url, "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml");
        assert_eq!((asked.headers, asked.symbols), (vec![], vec!["USD/INR".to_owned(), "USD/EUR".to_owned()]));
        assert_eq!(request(ORIGIN, &["ETH"]), None);
    }

    #[test]
    fn the_documented_answer() {
        // a euro is 1.1611 dollars: 1, 0.86873, 103.1125 and 19.9421 divided by it, worked out by hand to 8 places
        let at = 1_760_012_100_000;
        let expected = [
            ("USD/EUR", "0.86125226"),
            ("USD/GBP", "0.74819568"),
            ("USD/INR", "88.80587374"),
            ("USD/ZAR", "17.17517871"),
        ];
        assert_eq!(read(&ALL, DAILY).unwrap(), expected.map(|(symbol, price)| (symbol.into(), price.into(), at)));
    }

    #[test]
    fn what_is_missing_is_left_out() {
        let without = DAILY.replace("currency='INR'", "currency='BGN'");
        let quotes = read(&ALL, &without).unwrap();
        assert_eq!(quotes.len(), 3);
        assert!(quotes.iter().all(|(symbol, ..)| symbol != "USD/INR"));
        assert_eq!(read(&["USD/EUR"], DAILY).unwrap().len(), 1);
    }

    #[test]
    fn dates() {
        let on = |date: &str| {
            let quotes = read(&["USD/EUR"], &DAILY.replace("2025-10-09", date))?;
            Ok::<_, RateError>(quotes[0].2)
        };
        // the Friday before stays what it is; how old it may be is the gateway's to say
        assert_eq!(on("2025-10-03"), Ok(1_759_493_700_000));
        // later than now by less than a day: clocks differ
        assert_eq!(on("2025-10-10"), Ok(NOW.0));
        for bad in ["2025-10-11", "2026-10-09", "2025-13-01", "2025-10-9", "", "today", "2025-10-09T00:00"] {
            assert!(matches!(on(bad), Err(RateError::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn rates_that_are_none() {
        for bad in ["0", "-1.5", "N/A", "", "1,1", "1e99"] {
            let body = DAILY.replace("103.1125", bad);
            assert!(matches!(read(&ALL, &body), Err(RateError::Price { .. })), "{bad}");
            let body = DAILY.replace("1.1611", bad);
            assert!(matches!(read(&["USD/EUR"], &body), Err(RateError::Price { .. })), "{bad}");
        }
    }

    #[test]
    fn another_bank_another_form_and_rubbish() {
        let other = DAILY.replace(SENDER, "Danmarks Nationalbank");
        assert_eq!(read(&ALL, &other), Err(RateError::Foreign("rates of Danmarks Nationalbank".into())));
        let day = "<Cube time='2025-10-08'><Cube currency='USD' rate='1.2'/></Cube></Cube></gesmes:Envelope>";
        let two_days = DAILY.replace("</Cube>\n</gesmes:Envelope>", day);
        assert_ne!(two_days, DAILY);
        let bomb = DAILY.replace("<gesmes:Envelope", "<!DOCTYPE x [<!ENTITY a \"aa\">]><gesmes:Envelope");
        let many = DAILY.replace("<Cube currency='USD'", &format!("{}<Cube currency='USD'", "<x/>".repeat(1_000)));
        let twice = DAILY.replace("currency='GBP'", "currency='USD'");
        let no_dollar = DAILY.replace("currency='USD'", "currency='XXX'");
        for bad in [two_days.as_str(), &bomb, &many, &twice, &no_dollar, &DAILY[..DAILY.len() - 9], "", "<html/"] {
            assert!(matches!(read(&ALL, bad), Err(RateError::Malformed(_))), "{bad}");
        }
        assert!(matches!(response(&[], b"\xff\xfe", NOW), Err(RateError::Malformed(_))));
        assert!(matches!(read(&ALL, "<html></html>"), Err(RateError::Foreign(_))));
    }
}
