//! A merchant's own server gets the callbacks: retries on the contract's schedule, order, signatures, giving up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::{Pay, Receiver, Reply, Sandbox, assert_signed, wait_until};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// Between the attempts (contract, webhooks.md).
const WAITS: [u64; 8] = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];

async fn sandbox_calling(receiver: &Receiver) -> Sandbox {
    let sandbox = Sandbox::start().await;
    sandbox.said(&["merchant", "callback", "set", "1", &receiver.url]);
    sandbox
}

/// The attempts that are on record for an invoice's first event.
async fn failed_attempts(sandbox: &Sandbox, id: i64) -> (String, u32) {
    let first = sandbox.database().deliveries(id).await.remove(0);
    (first.state, first.failed)
}

#[tokio::test]
async fn retries_keep_the_contracts_schedule_and_every_byte() {
    let receiver = Receiver::start(|_| Reply::Status(500)).await;
    let sandbox = sandbox_calling(&receiver).await;
    let (id, _) = sandbox.client.sell("10", "USDT_polygon").await;
    for (index, wait) in WAITS.iter().enumerate() {
        let sent = index + 1;
        receiver.wait_for(sent).await;
        let recorded = |seen: &(String, u32)| *seen == ("due".to_owned(), u32::try_from(sent).unwrap());
        wait_until("the failure is recorded", || failed_attempts(&sandbox, id), recorded).await;
        sandbox.client.advance(wait - 15).await;
        // the worker has looked since: it looks at every move of the clock, and every half second
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        assert_eq!(receiver.received().len(), sent, "not before {wait} s are over");
        sandbox.client.advance(15).await;
    }
    let received = receiver.wait_for(9).await[..9].to_vec();
    let parked = |seen: &(String, u32)| *seen == ("parked".to_owned(), 9);
    wait_until("it is parked", || failed_attempts(&sandbox, id), parked).await;

    let first = &received[0];
    assert_eq!(first.status(), "invoice:created");
    for again in &received {
        assert_eq!((&again.body, again.path.as_str()), (&first.body, "/callbacks"));
        assert_eq!(again.header("x-signature"), first.header("x-signature"));
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        assert_signed(&sandbox.client.key, &sandbox.webhook_secret(), &again.body, |name| again.header(name));
    }

    // what waited behind it is tried now, and the parked one never again by itself
    receiver.answer_by(|_| Reply::Status(204));
    let received = receiver.wait_for(10).await;
    assert_eq!(received[9].status(), "invoice:opened");
    sandbox.client.advance(100 * HOUR).await;
    wait_until(
        "the second is delivered",
        || async { sandbox.database().deliveries(id).await },
        |rows| rows[1].state == "delivered",
    )
    .await;
    assert_eq!(receiver.received().iter().filter(|one| one.status() == "invoice:created").count(), 9);

    let said = sandbox.said(&["callbacks", "list", "--merchant", "1"]);
    assert!(said.contains("parked"), "{said}");
    let order = ["callbacks", "resend", "--merchant", "1", "--invoice", &id.to_string(), "--event", "1"];
    sandbox.said(&order);
    let done = |seen: &(String, u32)| seen.0 == "delivered";
    wait_until("it is delivered when resent", || failed_attempts(&sandbox, id), done).await;
    let last = receiver.received().pop().unwrap();
    assert_eq!((&last.body, last.header("x-signature")), (&first.body, first.header("x-signature")));
}

#[tokio::test]
async fn answers_that_do_not_acknowledge() {
    for (reply, recorded) in [
        (Reply::Redirect, "HTTP 307"),
        (Reply::Status(301), "HTTP 301"),
        (Reply::Status(304), "HTTP 304"),
        (Reply::Status(404), "HTTP 404"),
        (Reply::Status(429), "HTTP 429"),
        (Reply::Status(503), "HTTP 503"),
    ] {
        let receiver = Receiver::start(move |_| reply).await;
        let sandbox = sandbox_calling(&receiver).await;
        let (id, _) = sandbox.client.sell("10", "USDT_polygon").await;
        let failed = |seen: &(String, u32)| *seen == ("due".to_owned(), 1);
        wait_until("it failed once", || failed_attempts(&sandbox, id), failed).await;
        let said = sandbox.said(&["callbacks", "list", "--merchant", "1", "--invoice", &id.to_string()]);
        assert!(said.contains(recorded), "{recorded}: {said}");
        receiver.answer_by(|_| Reply::Status(200));
        sandbox.client.advance(MINUTE).await;
        let received = receiver.wait_for(3).await;
        let told: Vec<_> = received.iter().map(|one| (one.path.as_str(), one.status())).collect();
        let (created, opened) = ("invoice:created".to_owned(), "invoice:opened".to_owned());
        let expected = [("/callbacks", created.clone()), ("/callbacks", created), ("/callbacks", opened)];
        assert_eq!(told, expected, "{reply:?}: redirects are not followed");
    }
}

#[tokio::test]
async fn any_2xx_acknowledges() {
    let receiver = Receiver::start(|one| match one.status().as_str() {
        "invoice:created" => Reply::Status(202),
        "invoice:opened" => Reply::Status(204),
        "invoice:awaiting_approval" => Reply::Status(299),
        _ => Reply::Status(200),
    })
    .await;
    let sandbox = sandbox_calling(&receiver).await;
    let (id, _) = sandbox.client.sell("10", "USDT_polygon").await;
    sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    receiver.wait_for(4).await;
    let delivered = |rows: &Vec<gateway::store::deliveries::DeliveryRow>| {
        rows.len() == 4 && rows.iter().all(|row| row.state == "delivered" && row.failed == 0)
    };
    wait_until("all are delivered", || async { sandbox.database().deliveries(id).await }, delivered).await;
    assert_eq!(receiver.received().len(), 4);
}

/// While an invoice's callback fails, the later ones of the same invoice wait; other invoices do not.
#[tokio::test]
async fn order_is_kept_within_an_invoice() {
    let blocked = Arc::new(AtomicUsize::new(usize::MAX));
    let rule = blocked.clone();
    let receiver = Receiver::start(move |one| {
        let id = usize::try_from(one.json()["id"].as_u64().unwrap()).unwrap();
        // the first invoice to call is the one that is blocked
        let _ = rule.compare_exchange(usize::MAX, id, Ordering::SeqCst, Ordering::SeqCst);
        let refuse = rule.load(Ordering::SeqCst) == id && one.status() == "invoice:opened";
        Reply::Status(if refuse { 500 } else { 200 })
    })
    .await;
    let sandbox = sandbox_calling(&receiver).await;
    let (first, _) = sandbox.client.sell("10", "USDT_polygon").await;
    receiver.wait_for(2).await;
    let (second, _) = sandbox.client.sell("10", "USDT_polygon").await;
    for id in [first, second] {
        sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
        sandbox.client.status_becomes(id, "invoice:paid").await;
    }
    let told = |id: i64| -> Vec<String> {
        receiver.received().iter().filter(|one| one.json()["id"] == id).map(|one| one.status()).collect()
    };
    let story = ["invoice:created", "invoice:opened", "invoice:awaiting_approval", "invoice:paid"];
    wait_until("the other invoice's story is told", || async { told(second) }, |seen| *seen == story).await;
    assert_eq!(told(first), ["invoice:created", "invoice:opened"]);
    blocked.store(0, Ordering::SeqCst);
    sandbox.client.advance(MINUTE).await;
    let again = ["invoice:created", "invoice:opened", "invoice:opened", "invoice:awaiting_approval", "invoice:paid"];
    wait_until("the rest follows in order", || async { told(first) }, |seen| *seen == again).await;
}

/// The merchant's server is not there at all, and then it is.
#[tokio::test]
async fn nobody_listens() {
    let sandbox = Sandbox::start().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    sandbox.said(&["merchant", "callback", "set", "1", &format!("http://{closed}/hook")]);
    let (id, _) = sandbox.client.sell("10", "USDT_polygon").await;
    let failed = |seen: &(String, u32)| *seen == ("due".to_owned(), 1);
    wait_until("it failed once", || failed_attempts(&sandbox, id), failed).await;
    let said = sandbox.said(&["callbacks", "list", "--merchant", "1", "--invoice", &id.to_string()]);
    assert!(said.contains("no connection"), "{said}");
    assert_eq!(sandbox.client.status(id).await, "invoice:opened", "the sale does not mind");
}

#[tokio::test]
async fn no_url_no_callbacks() {
    let sandbox = Sandbox::start().await;
    sandbox.said(&["merchant", "callback", "clear", "1"]);
    let (id, _) = sandbox.client.sell("10", "USDT_polygon").await;
    assert_eq!(sandbox.database().events(id).await.len(), 2, "events are kept all the same");
    assert_eq!(sandbox.database().deliveries(id).await.len(), 0);
    for url in ["ftp://shop.example/", "https://user:pass@shop.example/", "shop.example", "https://shop.example./x"] {
        let refused = sandbox.run(&["merchant", "callback", "set", "1", url]);
        assert!(!refused.status.success(), "{url}");
    }
}

/// A callback that failed before a restart is sent after it, wherever the sandbox listens now.
#[tokio::test]
async fn retries_survive_a_restart() {
    let receiver = Receiver::start(|_| Reply::Status(500)).await;
    let mut sandbox = sandbox_calling(&receiver).await;
    let (id, _) = sandbox.client.sell("10", "USDT_polygon").await;
    let failed = |seen: &(String, u32)| *seen == ("due".to_owned(), 1);
    wait_until("it failed once", || failed_attempts(&sandbox, id), failed).await;
    receiver.answer_by(|_| Reply::Status(200));
    sandbox.restart().await;
    sandbox.client.advance(MINUTE).await;
    let received = receiver.wait_for(3).await;
    assert_eq!(received[0].body, received[1].body);
    assert_eq!(received[2].status(), "invoice:opened");
}

/// The built-in inbox moves with the sandbox: what was on its way there still arrives.
#[tokio::test]
async fn the_inbox_moves_with_the_sandbox() {
    let mut sandbox = Sandbox::start_with(&[("LOCKGATE_CRASH_AT", "before_callback")]).await;
    let parameters = serde_json::json!({
        "email": "a@b.example", "amount": "10", "devise": "USD", "payableCurrencies": "USDT_polygon"
    });
    let id = sandbox.client.create(&parameters).await.ok()["ID"].as_i64().unwrap();
    sandbox.ended().await;
    sandbox.start_again_on("127.0.0.1:0").await;
    sandbox.client.advance(MINUTE).await;
    assert_eq!(sandbox.client.told(id, 2).await, ["invoice:created", "invoice:opened"]);
}
