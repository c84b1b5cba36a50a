//! Asks the public sources what coins cost, and now and then for currency rates.

pub mod currencies;

use std::collections::BTreeSet;
use std::time::Duration;

use domain::Time;
use domain::rate::Quote;
use rails::rates::{MAX_ANSWER_BYTES, RateError, RateRequest, Source};
use rust_decimal::Decimal;
use tokio_util::sync::CancellationToken;

use crate::app::{App, SharedApp};

/// How often to ask for coins: well within `app::rates::MAX_AGE_MILLIS`, and few enough calls for free plans.
const EVERY: Duration = Duration::from_secs(60);

/// For one call, reading included.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How far a coin that is counted as one dollar may be from it before the log says so.
const PAR_TOLERANCE_PERCENT: i64 = 2;

/// Why a source gave nothing. Without the URL and headers, which may hold a key.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("no answer: {0}")]
    Transport(reqwest::Error),
    #[error("no answer in time")]
    TimedOut,
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("the answer is longer than {MAX_ANSWER_BYTES} bytes")]
    TooLong,
    #[error(transparent)]
    Rate(#[from] RateError),
}

/// Asks until it is time to stop.
pub async fn run(app: SharedApp, sources: Vec<Source>, http: reqwest::Client, stop: CancellationToken) {
    let mut due = currencies::Due::default();
    loop {
        run_once(&app, &sources, &http).await;
        currencies::run_due(&app, &sources, &http, &mut due).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Asks each source once for the coins of this gateway and keeps what they say. `http` should not follow redirects.
///
/// Never fails: a source that is silent leaves its old quotes, which grow stale; then attempts in that coin are refused.
pub async fn run_once(app: &App, sources: &[Source], http: &reqwest::Client) {
    let symbols: BTreeSet<&str> = app.assets.iter().map(|asset| asset.symbol.as_str()).collect();
    let symbols: Vec<&str> = symbols.into_iter().collect();
    for source in sources {
        for request in source.requests(&symbols) {
            match ask(source, &request, http, app.now(), TIMEOUT).await {
                Ok(quotes) => keep(app, source, &request, quotes),
                Err(error) => {
                    let (source, coins) = (source.name(), request.symbols.join(","));
                    tracing::warn!(source, coins, %error, "A rate source gave no price.");
                    // Whoever is down is not asked for the next coin: each would wait as long.
                    if !matches!(error, Failed::Rate(_)) {
                        break;
                    }
                }
            }
        }
    }
}

fn keep(app: &App, source: &Source, request: &RateRequest, quotes: Vec<(String, Quote)>) {
    let source = source.name();
    for symbol in request.symbols.iter().filter(|symbol| !quotes.iter().any(|(quoted, _)| quoted == *symbol)) {
        tracing::warn!(source, coins = %symbol, "A rate source left a coin out.");
    }
    for (symbol, quote) in quotes {
        let at_par = app.assets.iter().any(|asset| asset.at_par && asset.symbol == symbol);
        if at_par && !is_near_par(quote.price) {
            tracing::warn!(source, coins = %symbol, price = %quote.price, "A coin that counts as one dollar is not worth one dollar.");
        }
        app.rates.quote(&symbol, quote);
    }
}

fn is_near_par(price: Decimal) -> bool {
    (price - Decimal::ONE).abs() * Decimal::ONE_HUNDRED <= Decimal::from(PAR_TOLERANCE_PERCENT)
}

async fn ask(
    source: &Source,
    request: &RateRequest,
    http: &reqwest::Client,
    now: Time,
    timeout: Duration,
) -> Result<Vec<(String, Quote)>, Failed> {
    let body = tokio::time::timeout(timeout, get(request, http)).await.map_err(|_| Failed::TimedOut)??;
    Ok(source.response(request, &body, now)?)
}

async fn get(request: &RateRequest, http: &reqwest::Client) -> Result<Vec<u8>, Failed> {
    let transport = |error: reqwest::Error| Failed::Transport(error.without_url());
    let headers = request.headers.iter();
    let call = headers.fold(http.get(&request.url), |call, (name, value)| call.header(*name, value));
    let mut answer = call.send().await.map_err(transport)?;
    if !answer.status().is_success() {
        return Err(Failed::Status(answer.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(transport)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Failed::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests;
