//! Currency rates, of the same sources: the central bank's change once a working day, so they are asked for once an hour.

use std::collections::HashMap;

use domain::Time;
use domain::fiat::DEVISES;
use domain::rate::Quote;
use domain::time::{HOUR, MINUTE};
use rails::rates::Source;

use super::{Failed, TIMEOUT, ask};
use crate::app::App;

const EVERY_MILLIS: i64 = HOUR;
/// A source that said nothing is asked again sooner: after a start there may be no rate at all.
const RETRY_MILLIS: i64 = 5 * MINUTE;

/// When each source is asked next, by its name; those that are not in it, now.
#[derive(Debug, Default)]
pub struct Due(HashMap<&'static str, Time>);

/// Those an invoice may be written in, as rates are named.
fn symbols() -> Vec<String> {
    DEVISES.iter().filter(|code| **code != "USD").map(|code| format!("USD/{code}")).collect()
}

/// Asks each source that is due and keeps what it says. Never fails: a source that is silent leaves its old quotes, which grow stale;
/// then charges in another currency than the invoice's are refused.
pub async fn run_due(app: &App, sources: &[Source], http: &reqwest::Client, due: &mut Due) {
    for source in sources {
        let (name, now) = (source.name(), app.now());
        if due.0.get(name).is_some_and(|at| now < *at) {
            continue;
        }
        let pause = match fetch(source, http, now).await {
            Ok(quotes) => {
                for symbol in left_out(source, &quotes) {
                    tracing::warn!(source = name, currency = symbol, "A rate source left a currency out.");
                }
                quotes.into_iter().for_each(|(symbol, quote)| app.rates.quote(&symbol, quote));
                EVERY_MILLIS
            }
            Err(error) => {
                tracing::warn!(source = name, %error, "A rate source gave no currency rates.");
                RETRY_MILLIS
            }
        };
        due.0.insert(name, now.plus(pause));
    }
}

fn left_out(source: &Source, quotes: &[(String, Quote)]) -> Vec<String> {
    let missing = |symbol: &String| source.knows(symbol) && !quotes.iter().any(|(quoted, _)| quoted == symbol);
    symbols().into_iter().filter(missing).collect()
}

/// All currencies that a source knows; of one that knows none nothing is asked.
///
/// # Errors
/// Of the first request that was not answered well.
pub async fn fetch(source: &Source, http: &reqwest::Client, now: Time) -> Result<Vec<(String, Quote)>, Failed> {
    let symbols = symbols();
    let symbols: Vec<&str> = symbols.iter().map(String::as_str).collect();
    let mut quotes = Vec::new();
    for request in source.requests(&symbols) {
        quotes.extend(ask(source, &request, http, now, TIMEOUT).await?);
    }
    Ok(quotes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;

    use super::super::tests::{app, client, serve};
    use super::*;

    const COINGECKO: &str = "/api/v3/exchange_rates";
    const ECB: &str = "/stats/eurofxref/eurofxref-daily.xml";
    const RATES: &str = include_str!("../../../../rails/tests/fixtures/rates/coingecko_exchange_rates.json");
    const DAILY: &str = include_str!("../../../../rails/tests/fixtures/rates/ecb_daily.xml");
    /// The tests' clock begins at 2025-10-09, 08:54 UTC: the rates of that day are known, and clocks differ.
    const DAY: u64 = 24 * 60 * 60 * 1_000;

    fn inr(app: &App) -> Option<(String, String)> {
        let rate = app.rates.fiat("USD", "INR", app.now()).ok()??;
        Some((rate.price.to_string(), rate.source))
    }

    #[tokio::test]
    async fn the_sources_are_counted_together() {
        let routes = Router::new().route(COINGECKO, get(|| async { RATES })).route(ECB, get(|| async { DAILY }));
        let origin = serve(routes).await;
        let app = app("currencies");
        let sources = [Source::coingecko(None).at(&origin), Source::kraken().at(&origin), Source::ecb().at(&origin)];
        run_due(&app, &sources, &client(), &mut Due::default()).await;
        // the mean of 88.80587374 and 88.79999999, half to even
        assert_eq!(inr(&app), Some(("88.80293686".into(), "coingecko+ecb".into())));
        for code in ["EUR", "GBP", "ZAR"] {
            assert!(app.rates.fiat("USD", code, app.now()).is_ok(), "{code}");
        }
        let rate = app.rates.fiat("EUR", "INR", app.now()).unwrap().unwrap();
        assert_eq!(rate.source, "coingecko+ecb,coingecko+ecb");
    }

    #[tokio::test]
    async fn asked_once_an_hour_and_sooner_after_silence() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counting = |answer: (StatusCode, &'static str)| {
            let asked = asked.clone();
            get(move || {
                asked.fetch_add(1, Ordering::SeqCst);
                async move { answer }
            })
        };
        let good = serve(Router::new().route(ECB, counting((StatusCode::OK, DAILY)))).await;
        let (app, http, mut due) = (app("hourly"), client(), Due::default());
        let sources = [Source::ecb().at(&good)];
        for (minutes, expected) in [(0, 1), (1, 1), (58, 1), (1, 2), (59, 2), (1, 3)] {
            app.clock.advance(minutes * 60_000);
            run_due(&app, &sources, &http, &mut due).await;
            assert_eq!(asked.load(Ordering::SeqCst), expected);
        }
        let bad = serve(Router::new().route(ECB, counting((StatusCode::SERVICE_UNAVAILABLE, "")))).await;
        let (sources, mut due) = ([Source::ecb().at(&bad)], Due::default());
        for (minutes, expected) in [(0, 4), (4, 4), (1, 5)] {
            app.clock.advance(minutes * 60_000);
            run_due(&app, &sources, &http, &mut due).await;
            assert_eq!(asked.load(Ordering::SeqCst), expected);
        }
    }

    #[tokio::test]
    async fn a_silent_source_leaves_the_others_and_old_rates_run_out() {
        let answers = Router::new().route(ECB, get(|| async { DAILY })).route(COINGECKO, get(|| async { "<html>" }));
        let origin = serve(answers).await;
        let app = app("silent");
        let sources = [
            Source::coingecko(None).at(&origin),
            Source::ecb().at(&origin),
            Source::coingecko(None).at("http://127.0.0.1:1"),
        ];
        run_due(&app, &sources, &client(), &mut Due::default()).await;
        assert_eq!(inr(&app), Some(("88.80587374".into(), "ecb".into())));
        // over a weekend it still serves, and not for ever
        app.clock.advance(3 * DAY);
        assert!(inr(&app).is_some());
        app.clock.advance(DAY + 1);
        assert_eq!(inr(&app), None);
    }

    #[tokio::test]
    async fn sources_of_coins_alone_are_not_asked() {
        // nobody listens there: asking would be an error
        let quotes = fetch(&Source::kraken().at("http://127.0.0.1:1"), &client(), Time(0)).await;
        assert!(quotes.is_ok_and(|quotes| quotes.is_empty()));
        assert_eq!(symbols(), ["USD/EUR", "USD/GBP", "USD/INR", "USD/ZAR"]);
    }
}
