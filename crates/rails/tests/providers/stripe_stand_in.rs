//! The Stripe connector against localstripe, somebody else's stand-in for Stripe's API (GPL-3.0, a process of its own). What it can and
//! cannot do: `docs/decisions/0024-stripe-stand-in.md`.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::{Time, Units};
use rails::card::stripe::STRIPE;
use rails::provider::{
    Account, Charge, Decline, Disputes, HttpRequest, HttpResponse, NeedsPayer, Outcome, Proof, Received, Refund,
    RefundOutcome, Verb,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::fixture;

struct StandIn {
    child: Child,
    account: Account,
    http: reqwest::Client,
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `LOCALSTRIPE`, or where `python3 -m venv target/localstripe` and its `pip install localstripe==1.15.10` put it.
fn binary() -> Option<PathBuf> {
    let installed = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/localstripe/bin/localstripe"));
    let named = std::env::var_os("LOCALSTRIPE").map(PathBuf::from);
    named.into_iter().chain([installed]).find(|path| path.is_file())
}

/// A stand-in, or a loud word that it is missing.
async fn start() -> Option<StandIn> {
    let Some(binary) = binary() else {
        let what =
            "SKIPPED: Stripe's stand-in: set LOCALSTRIPE, or install localstripe==1.15.10 into target/localstripe";
        assert!(std::env::var_os("LOCKGATE_REQUIRE_ALL").is_none_or(|value| value != "1"), "{what}");
        // past the test runner's capture, which hides what a passing test prints
        let _ = writeln!(std::io::stderr(), "\n{what}");
        return None;
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = Command::new(binary)
        .args(["--from-scratch", "--port", &port.to_string()])
        .current_dir(std::env::temp_dir())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut account = fixture::account(&STRIPE);
    account.base_url = format!("http://127.0.0.1:{port}");
    account.fields.insert("secret_key".into(), "sk_test_12345".to_owned().into());
    let stand_in = StandIn { child, account, http: reqwest::Client::builder().no_proxy().build().unwrap() };
    for _ in 0..600 {
        if stand_in.http.get(stand_in.account.url("/js.stripe.com/v3/")).send().await.is_ok() {
            return Some(stand_in);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the stand-in does not answer");
}

impl StandIn {
    async fn send(&self, request: HttpRequest) -> HttpResponse {
        let mut sent = match request.verb {
            Verb::Get => self.http.get(&request.url),
            Verb::Post => self.http.post(&request.url),
            Verb::Patch => self.http.patch(&request.url),
        };
        for (name, value) in &request.headers {
            sent = sent.header(*name, value.as_str());
        }
        let answer = sent.body(request.body.to_vec()).send().await.unwrap();
        HttpResponse { status: answer.status().as_u16(), body: answer.bytes().await.unwrap().to_vec() }
    }

    async fn create(&self, charge: &mut Charge) -> Outcome {
        let flow = &STRIPE.create[0];
        let response = self.send((flow.request)(&self.account, charge)).await;
        let answer = (flow.response)(&self.account, charge, &response);
        charge.reference = answer.reference;
        answer.outcome
    }

    /// Asks, and asks on as long as the connector wants to.
    async fn sync(&self, charge: &Charge) -> Outcome {
        let mut charge = charge.clone();
        let mut flow = &STRIPE.sync;
        for _ in 0..5 {
            let response = self.send((flow.request)(&self.account, &charge)).await;
            let answer = (flow.response)(&self.account, &charge, &response);
            if answer.outcome != Outcome::Next {
                return answer.outcome;
            }
            charge.memory.extend(answer.memory);
            flow = STRIPE.sync_more.as_ref().unwrap();
        }
        panic!("the stand-in is asked without end");
    }

    /// What Stripe's script and the payer do: enter a card, and confirm.
    async fn pay(&self, charge: &Charge, number: &str) -> u16 {
        let card = [
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2030"),
            ("card[cvc]", "737"),
        ];
        let method: Value = serde_json::from_slice(&self.post("/v1/payment_methods", &card).await.body).unwrap();
        let intent = format!("/v1/payment_intents/{}", charge.reference.as_ref().unwrap());
        assert_eq!(self.post(&intent, &[("payment_method", method["id"].as_str().unwrap())]).await.status, 200);
        self.post(&format!("{intent}/confirm"), &[]).await.status
    }

    /// The bank's page: the payer passes 3-D Secure, or does not.
    async fn authenticate(&self, charge: &Charge, outcome: &Outcome, success: &str) {
        let Outcome::NeedsPayer(NeedsPayer::Fields { client_secret, .. }) = outcome else { panic!("{outcome:?}") };
        let path = format!("/v1/payment_intents/{}/_authenticate", charge.reference.as_ref().unwrap());
        assert_eq!(self.post(&path, &[("client_secret", client_secret), ("success", success)]).await.status, 200);
    }

    async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> HttpResponse {
        let request = HttpRequest::post_form(self.account.url(path), pairs);
        self.send(request.with("authorization", "Bearer sk_test_12345")).await
    }
}

fn charge(nth: u32) -> Charge {
    Charge { id: format!("chg_01JXSH0000T0EST0CHARGE{nth:04}"), ..fixture::charge(&STRIPE) }
}

fn proof(outcome: Outcome) -> Proof {
    match outcome {
        Outcome::Final(proof) => *proof,
        other => panic!("{other:?}"),
    }
}

fn is_fields(outcome: &Outcome, account: &Account) -> bool {
    let expected = format!("{}/js.stripe.com/v3/", account.base_url);
    matches!(outcome, Outcome::NeedsPayer(NeedsPayer::Fields { script, .. }) if *script == expected)
}

#[tokio::test]
async fn pays_challenges_declines_and_refunds() {
    let Some(stripe) = start().await else { return };
    let account = &stripe.account;

    let mut paid = charge(1);
    assert!(is_fields(&stripe.create(&mut paid).await, account));
    assert!(is_fields(&stripe.sync(&paid).await, account), "not paid yet");
    assert_eq!(stripe.pay(&paid, "4242424242424242").await, 200);
    let seen = proof(stripe.sync(&paid).await);
    assert_eq!((seen.amount, seen.currency.as_str(), seen.refunded), (paid.amount, "USD", Some(Units::ZERO)));

    // the answer was lost: found by our id; one that was never sent is not
    let lost = Charge { reference: None, ..paid.clone() };
    assert_eq!(proof(stripe.sync(&lost).await), seen);
    assert!(matches!(stripe.sync(&charge(99)).await, Outcome::NotSent(_)));

    let mut challenged = charge(2);
    stripe.create(&mut challenged).await;
    stripe.pay(&challenged, "4000002500003155").await;
    let asked = stripe.sync(&challenged).await;
    assert!(is_fields(&asked, account), "{asked:?}");
    stripe.authenticate(&challenged, &asked, "true").await;
    assert_eq!(proof(stripe.sync(&challenged).await).amount, challenged.amount);

    let mut not_passed = charge(3);
    stripe.create(&mut not_passed).await;
    stripe.pay(&not_passed, "4000002500003155").await;
    let asked = stripe.sync(&not_passed).await;
    stripe.authenticate(&not_passed, &asked, "false").await;
    assert!(is_fields(&stripe.sync(&not_passed).await, account), "another try");

    let mut declined = charge(4);
    stripe.create(&mut declined).await;
    assert_eq!(stripe.pay(&declined, "4000000000000341").await, 402);
    assert!(is_fields(&stripe.sync(&declined).await, account), "another card");
    let cancel = STRIPE.cancel.as_ref().unwrap();
    let response = stripe.send((cancel.request)(account, &declined)).await;
    let answer = (cancel.response)(account, &declined, &response);
    assert_eq!(answer.outcome, Outcome::Declined(Decline::Canceled));
    assert_eq!(stripe.sync(&declined).await, Outcome::Declined(Decline::Canceled));

    refunds(&stripe, &paid).await;

    // it has no disputes: what it answers proves nothing
    let disputes = STRIPE.disputes.as_ref().unwrap();
    let response = stripe.send((disputes.request)(account, &paid)).await;
    assert!(matches!((disputes.response)(account, &paid, &response), Disputes::Unknown(_)));
}

async fn refunds(stripe: &StandIn, paid: &Charge) {
    let flows = STRIPE.refund.as_ref().unwrap();
    for (nth, amount) in [(1, 1_000), (2, 500)] {
        let id = format!("rfd_01JXSH0000T0EST0REFVND{nth:04}");
        let mut refund = Refund { id, amount: Units(amount), charge: paid.clone(), reference: None };
        let sync = async |refund: &Refund| {
            let response = stripe.send((flows.sync.request)(&stripe.account, refund)).await;
            (flows.sync.response)(&stripe.account, refund, &response)
        };
        assert!(matches!(sync(&refund).await.outcome, RefundOutcome::NotSent(_)));
        let response = stripe.send((flows.create.request)(&stripe.account, &refund)).await;
        let done = (flows.create.response)(&stripe.account, &refund, &response);
        assert_eq!(done.outcome, RefundOutcome::Done { amount: Units(amount), currency: "USD".into() });
        assert_eq!(sync(&refund).await, done, "its id was lost");
        refund.reference.clone_from(&done.reference);
        assert_eq!(sync(&refund).await, done);
    }
    assert_eq!(proof(stripe.sync(paid).await).refunded, Some(Units(1_500)));
}

#[tokio::test]
async fn its_callbacks_are_believed_and_changed_ones_are_not() {
    let Some(stripe) = start().await else { return };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    assert_eq!(
        stripe.post("/_config/webhooks/ours", &[("url", &url), ("secret", "test-webhook_secret")]).await.status,
        200
    );
    let mut charge = charge(1);
    stripe.create(&mut charge).await;
    stripe.pay(&charge, "4242424242424242").await;

    let received = tokio::time::timeout(Duration::from_secs(20), receive(&listener)).await.unwrap();
    let header = received.header("stripe-signature").unwrap();
    let signed_at: i64 = header.split(['=', ',']).nth(1).unwrap().parse().unwrap();
    let read = STRIPE.webhook.as_ref().unwrap().read;
    let now = Time((signed_at + 2) * 1_000);
    let hint = read(&stripe.account, &received, now).unwrap();
    assert_eq!(hint.what, "payment_intent.succeeded");
    assert!(hint.about.contains(&charge.id) && hint.about.contains(charge.reference.as_ref().unwrap()), "{hint:?}");
    let mut changed = received.clone();
    changed.body[0] ^= 1;
    assert!(read(&stripe.account, &changed, now).is_err());
    assert!(read(&stripe.account, &received, now.plus(domain::time::HOUR)).is_err());
}

/// One POST, as it came.
async fn receive(listener: &tokio::net::TcpListener) -> Received {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await.unwrap();
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let headers: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let body = bytes[end + 4..].to_vec();
        let received = Received { headers, body };
        if received.header("content-length").is_some_and(|length| length == received.body.len().to_string()) {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            return received;
        }
    }
}
