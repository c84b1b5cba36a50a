//! The acquirer over real HTTP: its API, its pages, its webhooks, and what is stored of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use domain::card::{Card, CardNumber, Expiry, SecurityCode};
use domain::{Time, Units};
use rails::provider::{Account, Charge, Connector, Device, HttpRequest, HttpResponse, Outcome, Payer, Received};
use rails::sim::acquirer::{Behaviour, State as Standing};
use rails::sim::connectors::{SANDBOX_CARD, SANDBOX_UPI};
use reqwest::Response;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::net::plain;
use crate::net::provider::{NoAnswer, exchange};
use crate::sandbox::{Reach, Sandbox, SandboxChain, SandboxFile, controls, seed};

const CARD: &str = "4242424242424242";

fn charge(id: &str, currency: &str, base_url: &str) -> Charge {
    Charge {
        id: id.into(),
        amount: Units(1504),
        currency: currency.into(),
        digits: 2,
        description: "Invoice <7>".into(),
        payee: "Sandbox shop".into(),
        payer: Payer::default(),
        device: Device::Other,
        return_url: format!("{base_url}/back?a=1&b=2"),
        callback_url: format!("{base_url}/hook"),
        created_at: Time(0),
        expires_at: Time(i64::MAX),
        reference: None,
        memory: rails::provider::Memory::new(),
    }
}

fn account(base_url: &str) -> Account {
    let fields = fields(1).map(|(name, value)| (name.to_owned(), value));
    Account { id: "acc_1".into(), base_url: format!("{base_url}{PATH}"), fields: fields.into(), token: None }
}

fn card(number: &str) -> Card {
    Card {
        number: CardNumber::parse(number).unwrap(),
        expiry: Expiry::parse("12/2099").unwrap(),
        code: SecurityCode::parse("987", domain::card::Brand::Visa).unwrap(),
        holder: "Ada".into(),
    }
}

/// Pays by card without HTTP, for tests of other things.
pub(in crate::sandbox) async fn paid(acquirer: &SandboxAcquirer, reference: &str, number: &str) {
    let charge = charge(reference, "USD", "http://127.0.0.1:1");
    let flow = SANDBOX_CARD.create_with_card.as_ref().unwrap();
    let request = (flow.request)(&account("http://127.0.0.1:1"), &charge, &card(number));
    let wire = WireRequest {
        method: "POST".into(),
        path: "/v1/payments".into(),
        query: String::new(),
        headers: request.headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        body: request.body,
    };
    assert!(matches!(acquirer.handle(&wire).await.unwrap(), Reply::Answer { status: 201, .. }));
}

/// A sandbox that serves its own routes and takes webhooks.
struct Place {
    store: Store,
    clock: Clock,
    acquirer: Arc<SandboxAcquirer>,
    base_url: String,
    client: reqwest::Client,
    hooks: Arc<Mutex<Vec<Received>>>,
    stop: CancellationToken,
}

impl Place {
    async fn open(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("lockgate-acquirer-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let client = plain::client().unwrap();
        let store = crate::store::testing::store(&dir);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let (clock, at) = (Clock::manual(1_793_000_000_000), Reach::open(&base_url));
        let chain = Arc::new(SandboxChain::resume(&store, &clock, 1).await.unwrap());
        let acquirer = Arc::new(SandboxAcquirer::resume(&store, &clock, 1, &at).await.unwrap());
        let made =
            seed::gateway(&store, &clock, &Random::seeded(1), &chain, &at, (1, Default::default())).await.unwrap();
        let file = SandboxFile::of(&base_url, &made).map(Arc::new);
        let sandbox = Sandbox { app: made.app, chain, acquirer: acquirer.clone(), file };
        let hooks = Arc::new(Mutex::new(Vec::new()));
        let kept = hooks.clone();
        let take = move |headers: HeaderMap, body: Bytes| async move {
            let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
                (name.to_string(), value.to_str().unwrap().to_owned())
            };
            kept.lock().unwrap().push(Received { headers: headers.iter().map(text).collect(), body: body.to_vec() });
        };
        let router = controls::routes(sandbox).route("/hook", post(take));
        let stop = CancellationToken::new();
        let server = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
        tokio::spawn(async move { server.await });
        Self { store, clock, acquirer, base_url, client, hooks, stop }
    }

    /// Through the one frame, as any provider.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        exchange(&self.client, "sandbox", "test", request).await
    }

    async fn pay(&self, number: &str, charge: &Charge) -> Result<Outcome, NoAnswer> {
        let flow = SANDBOX_CARD.create_with_card.as_ref().unwrap();
        let request = (flow.request)(&account(&self.base_url), charge, &card(number));
        Ok((flow.response)(&account(&self.base_url), charge, &self.send(request).await?).outcome)
    }

    async fn sync(&self, connector: &Connector, charge: &Charge) -> Outcome {
        let request = (connector.sync.request)(&account(&self.base_url), charge);
        (connector.sync.response)(&account(&self.base_url), charge, &self.send(request).await.unwrap()).outcome
    }

    async fn show(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.base_url)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
        answer.text().await.unwrap()
    }

    async fn press(&self, path: &str, act: &str) -> Response {
        let form = self.client.post(format!("{}{path}", self.base_url)).body(format!("act={act}"));
        form.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
    }

    /// Presses a button and answers where the browser is sent.
    async fn pressed(&self, path: &str, act: &str) -> String {
        let answer = self.press(path, act).await;
        assert_eq!(answer.status(), 303, "{act}");
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn payment(&self, reference: &str) -> Payment {
        self.acquirer.payment(reference).await.unwrap().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn hanging_up_is_an_error_for_the_caller_and_the_charge_stands() {
    let place = Place::open("hang-up").await;
    let charge = charge("chg_1", "USD", &place.base_url);
    let lost = place.pay("4000000000000119", &charge).await.unwrap_err();
    assert!(matches!(lost, NoAnswer::Unclear(_)), "{lost:?}");
    assert!(matches!(place.sync(&SANDBOX_CARD, &charge).await, Outcome::Final(_)));

    let other = self::charge("chg_2", "USD", &place.base_url);
    place.acquirer.order_next("chg_2", Behaviour::Timeout).await.unwrap();
    assert!(matches!(place.pay(CARD, &other).await, Err(NoAnswer::Unclear(_))));
    assert!(matches!(place.sync(&SANDBOX_CARD, &other).await, Outcome::NotSent(_)));
    assert!(matches!(place.pay(CARD, &other).await, Ok(Outcome::Final(_))));
}

#[tokio::test]
async fn what_was_answered_is_stored_without_card_data_and_resumed() {
    let place = Place::open("resume").await;
    let charge = charge("chg_1", "USD", &place.base_url);
    assert!(matches!(place.pay("4000000000000259", &charge).await, Ok(Outcome::Final(_))));
    place.acquirer.order_next("chg_2", Behaviour::Decline).await.unwrap();
    let rows = place.store.read(sandbox::payments).await.unwrap();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        // the port may be of any digits
        let row = row.replace(&place.base_url, "");
        assert!(!row.contains("4000000000000259") && !row.contains("987") && !row.contains("Ada"), "{row}");
    }
    let before = place.payment("chg_1").await;
    place.clock.advance(3_000);
    let again = SandboxAcquirer::resume(&place.store, &place.clock, 1, &Reach::open(&place.base_url)).await.unwrap();
    let after = again.payment("chg_1").await.unwrap().unwrap();
    assert_eq!((before.disputes.len(), after.disputes.len()), (0, 1));
    // what only passing time changed is stored too
    let third =
        SandboxAcquirer::resume(&place.store, &Clock::manual(0), 1, &Reach::open(&place.base_url)).await.unwrap();
    assert_eq!(third.payment("chg_1").await.unwrap().unwrap(), after);
}

#[tokio::test]
async fn the_challenge_page_is_answered_once() {
    let place = Place::open("challenge").await;
    let charge = charge("chg_1", "USD", &place.base_url);
    assert!(matches!(place.pay("4000000000003220", &charge).await, Ok(Outcome::NeedsPayer(_))));
    let path = format!("{PATH}/challenge/{}", place.payment("chg_1").await.id);
    let html = place.show(&path).await;
    for text in [
        "15.04 USD",
        "Sandbox shop",
        "Invoice &#60;7&#62;",
        "Visa ending in 3220",
        "value=\"approve\"",
        "value=\"reject_challenge\"",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert_eq!(place.press(&path, "win_dispute").await.status(), 400);
    let foreign = place.client.post(format!("{}{path}", place.base_url)).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.body("act=approve").send().await.unwrap().status(), 403);
    assert_eq!(place.payment("chg_1").await.state, Standing::Challenge);

    assert_eq!(place.pressed(&path, "reject_challenge").await, charge.return_url);
    let rejected = place.payment("chg_1").await;
    assert_eq!(rejected.state, Standing::Declined);
    assert_eq!(place.pressed(&path, "approve").await, path);
    assert_eq!(place.payment("chg_1").await, rejected);
    let html = place.show(&path).await;
    assert!(html.contains("You rejected this payment") && html.contains("/back?a=1&#38;b=2"), "{html}");
    assert!(!html.contains("<button") && !html.contains("<script"), "{html}");
    let unknown = place.client.get(format!("{}{PATH}/challenge/pay_nothing", place.base_url)).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn the_upi_app_offers_what_fits() {
    let place = Place::open("upi").await;
    for (n, presses) in [
        &["upi_pay", "upi_reverse"][..],
        &["upi_pend", "upi_confirm", "upi_reverse"],
        &["upi_pend", "upi_reverse"],
        &["upi_fail"],
        &["payer_cancels"],
    ]
    .into_iter()
    .enumerate()
    {
        let charge = charge(&format!("chg_{n}"), "INR", &place.base_url);
        let request = (SANDBOX_UPI.create[0].request)(&account(&place.base_url), &charge);
        place.send(request).await.unwrap();
        let path = upi_app_path(&place.payment(&charge.id).await.id);
        for press in presses {
            let html = place.show(&path).await;
            assert!(html.contains(&format!("value=\"{press}\"")) && html.contains("15.04 INR"), "{press}: {html}");
            assert_eq!(place.pressed(&path, press).await, path);
        }
        let html = place.show(&path).await;
        assert!(!html.contains("<button") && html.contains("Back to the shop"), "{html}");
        let ended = place.payment(&charge.id).await;
        place.pressed(&path, "upi_pay").await;
        assert_eq!(place.payment(&charge.id).await, ended, "a second answer changes nothing");
    }
}

#[tokio::test]
async fn webhooks_are_posted_signed_when_they_are_due_and_to_this_sandbox_alone() {
    let place = Place::open("webhooks").await;
    let worker = webhooks::post_them(place.acquirer.clone(), place.client.clone(), place.stop.clone());
    let worker = tokio::spawn(worker);
    let charge = charge("chg_1", "USD", &place.base_url);
    let foreign =
        Charge { id: "chg_2".into(), callback_url: format!("{}.example/hook", place.base_url), ..charge.clone() };
    place.acquirer.order_next("chg_1", Order { webhook_times: 2, ..Order::default() }).await.unwrap();
    for charge in [&charge, &foreign] {
        assert!(matches!(place.pay(CARD, charge).await, Ok(Outcome::Final(_))));
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(place.hooks.lock().unwrap().len(), 0, "not due yet");
    place.clock.advance(300);
    place.acquirer.wake.notify_one();
    for _ in 0..6_000 {
        let waiting = place.payment("chg_1").await.webhooks.len() + place.payment("chg_2").await.webhooks.len();
        if waiting == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let hooks = place.hooks.lock().unwrap().clone();
    assert_eq!(hooks.len(), 2);
    let read = SANDBOX_CARD.webhook.as_ref().unwrap().read;
    let hints: Vec<_> =
        hooks.iter().map(|hook| read(&account(&place.base_url), hook, Time(place.clock.now())).unwrap()).collect();
    assert_eq!(hints[0], hints[1]);
    assert!(hints[0].about.contains(&"chg_1".to_owned()) && hints[0].what == "payment.paid", "{hints:?}");
    place.stop.cancel();
    worker.await.unwrap();
}

#[test]
fn the_page_names_every_test_card_and_every_act() {
    let page = include_str!("../../../assets/sandbox.html");
    for card in rails::sim::acquirer::card::TEST_CARDS {
        assert!(page.contains(&format!("<code>{}</code>", card.number)), "{}", card.number);
        assert!(page.contains(card.result), "{}", card.result);
    }
    let script = include_str!("../../../assets/sandbox.js");
    for (_, act) in Act::ALL {
        assert!(script.contains(&format!("{act}: ")), "{act}");
    }
}
