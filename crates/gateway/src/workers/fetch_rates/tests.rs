//! The worker against servers on loopback.

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

pub(super) fn app(name: &str) -> App {
    let dir = std::env::temp_dir().join(format!("lockgate-rates-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    App {
        sandbox: false,
        store: crate::store::testing::store(&dir),
        clock: Clock::manual(NOW),
        random: Random::seeded(1),
        master_key: MasterKey::new([1; 32]),
        policy: Policy::Sandbox,
        base_url: "http://localhost".into(),
        assets: vec![asset("ETH", false), asset("POL", false), asset("USDT", true)],
        chains: HashMap::<String, Chain>::new(),
        rates: RateBook::default(),
        providers: crate::app::providers::Providers::new(crate::net::plain::client().unwrap()),
        cards: crate::app::CardIntake::ProviderOnly,
        settlement_coin: None,
        default_fee: domain::fee::BasisPoints::default(),
        operator_email: None,
        payee_wait_millis: crate::config::DEFAULT_PAYEE_WAIT_MILLIS,
        page_key: [0; 32],
        switch: None,
        wake: Wake::default(),
    }
}

pub(super) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub(super) async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

const COINGECKO: &str = "/api/v3/simple/price";
const KRAKEN: &str = "/0/public/Ticker";
const PRICES: &str = include_str!("../../../../rails/tests/fixtures/rates/coingecko_simple_price.json");
const ETH: &str = include_str!("../../../../rails/tests/fixtures/rates/kraken_ticker_eth.json");
const NO_PAIR: &str = include_str!("../../../../rails/tests/fixtures/rates/kraken_unknown_pair.json");

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
