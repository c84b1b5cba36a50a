//! Asks the public sources what coins cost.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::Time;
use domain::rate::Quote;
use rails::rates::{MAX_ANSWER_BYTES, RateError, RateRequest, Source};
use rust_decimal::Decimal;

use crate::app::App;

/// How often to run: well within `app::rates::MAX_AGE_MILLIS`, and few enough calls for free plans.
pub const EVERY: Duration = Duration::from_secs(60);

/// For one call, reading included.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How far a coin that is counted as one dollar may be from it before the log says so.
const PAR_TOLERANCE_PERCENT: i64 = 2;

/// Why a source gave nothing. Without the URL and headers, which may hold a key.
#[derive(Debug, thiserror::Error)]
enum Failed {
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
mod tests {
    use super::*;
    use std::collections::HashMap;

    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use domain::asset::{Asset, Kind};

    use crate::app::rates::RateBook;
    use crate::app::{Wake, chains::Chain};
    use crate::clock::Clock;
    use crate::net::guard::Policy;
    use crate::random::Random;
    use crate::secrets::MasterKey;
    use crate::store::Store;

    const NOW: i64 = 1_760_000_060_000;

    fn asset(symbol: &str, at_par: bool) -> Asset {
        Asset {
            code: format!("{symbol}_test"),
            symbol: symbol.into(),
            chain: "test".into(),
            name: symbol.into(),
            kind: Kind::Native,
            decimals: 18,
            at_par,
            payable: true,
            aliases: vec![],
        }
    }

    fn app(name: &str) -> App {
        let dir = std::env::temp_dir().join(format!("lockgate-rates-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        App {
            store: Store::open(&dir.join("lockgate.db")).unwrap(),
            clock: Clock::manual(NOW),
            random: Random::seeded(1),
            master_key: MasterKey::new([1; 32]),
            policy: Policy::Sandbox,
            base_url: "http://localhost".into(),
            assets: vec![asset("ETH", false), asset("POL", false), asset("USDT", true)],
            chains: HashMap::<String, Chain>::new(),
            rates: RateBook::default(),
            page_key: [0; 32],
            wake: Wake::default(),
        }
    }

    fn client() -> reqwest::Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
    }

    async fn serve(router: Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        origin
    }

    const COINGECKO: &str = "/api/v3/simple/price";
    const KRAKEN: &str = "/0/public/Ticker";
    const PRICES: &str = include_str!("../../../rails/tests/fixtures/rates/coingecko_simple_price.json");
    const ETH: &str = include_str!("../../../rails/tests/fixtures/rates/kraken_ticker_eth.json");
    const NO_PAIR: &str = include_str!("../../../rails/tests/fixtures/rates/kraken_unknown_pair.json");

    /// Answers for ether, refuses every other pair.
    fn kraken() -> axum::routing::MethodRouter {
        get(|axum::extract::RawQuery(query): axum::extract::RawQuery| async move {
            if query.as_deref() == Some("pair=ETHUSD") { ETH } else { NO_PAIR }
        })
    }

    fn rate(app: &App, at: usize) -> Option<(String, String)> {
        let rate = app.rates.rate(&app.assets[at], app.now()).ok()?;
        Some((rate.price.to_string(), rate.source))
    }

    #[tokio::test]
    async fn the_sources_are_counted_together() {
        let origin = serve(Router::new().route(COINGECKO, get(|| async { PRICES })).route(KRAKEN, kraken())).await;
        let app = app("both");
        run_once(&app, &[Source::coingecko(None).at(&origin), Source::kraken().at(&origin)], &client()).await;
        assert_eq!(rate(&app, 0), Some(("4320.80688272".into(), "coingecko+kraken".into())));
        // Kraken refused POL: one source is left, and the price at par needs none.
        assert_eq!(rate(&app, 1), Some(("0.23817264".into(), "coingecko".into())));
        assert_eq!(rate(&app, 2), Some(("1".into(), "par".into())));
    }

    #[tokio::test]
    async fn a_failing_source_leaves_the_others() {
        let long = "x".repeat(MAX_ANSWER_BYTES + 1);
        let limited = || async { (StatusCode::TOO_MANY_REQUESTS, "{}") };
        let broken = [
            serve(Router::new().route(COINGECKO, get(limited))).await,
            serve(Router::new().route(COINGECKO, get(move || async move { long }))).await,
            serve(Router::new().route(COINGECKO, get(|| async { "<html>" }))).await,
            serve(Router::new()).await,
            // nobody listens
            "http://127.0.0.1:1".to_owned(),
            "no origin".to_owned(),
        ];
        let good = serve(Router::new().route(KRAKEN, kraken())).await;
        for (n, origin) in broken.iter().enumerate() {
            let app = app(&format!("failing-{n}"));
            run_once(&app, &[Source::coingecko(None).at(origin), Source::kraken().at(&good)], &client()).await;
            assert_eq!(rate(&app, 0), Some(("4320.515".into(), "kraken".into())), "{origin}");
            assert_eq!(rate(&app, 1), None);
        }
    }

    #[tokio::test]
    async fn a_source_that_stalls_is_given_up() {
        let stall = || async {
            tokio::time::sleep(Duration::from_secs(600)).await;
            PRICES
        };
        let origin = serve(Router::new().route(COINGECKO, get(stall))).await;
        let source = Source::coingecko(Some("secret".into())).at(&origin);
        let request = &source.requests(&["ETH"])[0];
        let failed = ask(&source, request, &client(), Time(NOW), Duration::from_millis(100)).await.unwrap_err();
        assert!(matches!(failed, Failed::TimedOut));
    }

    #[tokio::test]
    async fn a_quote_that_is_not_renewed_runs_out() {
        let origin = serve(Router::new().route(KRAKEN, kraken())).await;
        let app = app("stale");
        run_once(&app, &[Source::kraken().at(&origin)], &client()).await;
        assert!(rate(&app, 0).is_some());
        app.clock.advance(u64::try_from(crate::app::rates::MAX_AGE_MILLIS).unwrap() + 1);
        run_once(&app, &[Source::kraken().at("http://127.0.0.1:1")], &client()).await;
        assert!(rate(&app, 0).is_none());
    }

    #[test]
    fn par() {
        for (price, near) in [("1", true), ("0.98", true), ("1.02", true), ("0.9799", false), ("1.0201", false)] {
            assert_eq!(is_near_par(price.parse().unwrap()), near, "{price}");
        }
    }
}
