//! `Idempotency-Key`: one key, one invoice, one answer.

use super::{refused, simplest, with};
use crate::harness::{Answer, Client, NewMerchant, Sandbox, Shared};

async fn create(client: &Client, key: &str, body: &str) -> Answer {
    let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
    let request = request.header("Content-Type", "application/json").header("Idempotency-Key", key);
    client.send(request.body(body.to_owned())).await
}

async fn shop() -> (Shared, NewMerchant) {
    let shared = Sandbox::shared().await;
    let merchant = shared.sandbox.ready_merchant(&shared.client, &["--s2s"]);
    (shared, merchant)
}

async fn invoices(client: &Client) -> String {
    client.history("").await["total"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer() {
    let (shared, merchant) = shop().await;
    let body = with("payableCurrencies", "USDT_polygon".into()).to_string();
    let first = create(&merchant.client, "order 1", &body).await;
    assert_eq!(first.ok()["errorCode"], 0);
    for _ in 0..3 {
        let again = create(&merchant.client, "order 1", &body).await;
        assert_eq!(again.both(), first.both());
    }
    assert_eq!(invoices(&merchant.client).await, "1");

    let other = create(&merchant.client, "order 1", &simplest().to_string()).await;
    assert_eq!(other.both(), (200, refused(50016, "this Idempotency-Key was used with another request").as_str()));
    assert_eq!(invoices(&merchant.client).await, "1");

    let second = create(&merchant.client, "order 2", &body).await;
    assert_ne!(second.ok()["ID"], first.ok()["ID"], "another key is another order");
    let elsewhere = shared.sandbox.ready_merchant(&shared.client, &["--s2s"]);
    let theirs = create(&elsewhere.client, "order 1", &body).await;
    assert_ne!(theirs.ok()["ID"], first.ok()["ID"], "another merchant's key is another key");
}

#[tokio::test]
async fn twenty_at_once_make_one() {
    let (_shared, merchant) = shop().await;
    let body = with("payableCurrencies", "USDT_polygon".into()).to_string();
    let all = futures_util::future::join_all((0..20).map(|_| create(&merchant.client, "at once", &body))).await;
    let first = all[0].both();
    assert_eq!(all[0].ok()["errorCode"], 0);
    assert!(all.iter().all(|answer| answer.both() == first), "{all:?}");
    assert_eq!(invoices(&merchant.client).await, "1");
}

#[tokio::test]
async fn without_a_key_each_request_makes_one() {
    let (_shared, merchant) = shop().await;
    for count in ["1", "2"] {
        merchant.client.create(&simplest()).await.ok();
        assert_eq!(invoices(&merchant.client).await, count);
    }
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let (_shared, merchant) = shop().await;
    let answer = create(&merchant.client, "again", &with("amount", "x".into()).to_string()).await;
    assert_eq!(answer.ok()["errorCode"], 50003);
    assert_eq!(create(&merchant.client, "again", &simplest().to_string()).await.ok()["errorCode"], 0);
}

#[tokio::test]
async fn unusable_keys_are_refused() {
    let (_shared, merchant) = shop().await;
    let sentence = r#"{"error":"the Idempotency-Key header must be 1 to 255 visible ASCII characters"}"#;
    let body = simplest().to_string();
    for key in ["", "k".repeat(256).as_str(), "clé"] {
        let answer = create(&merchant.client, key, &body).await;
        assert_eq!(answer.both(), (400, sentence), "{key}");
    }
    assert_eq!(create(&merchant.client, &"k".repeat(255), &body).await.ok()["errorCode"], 0);
    assert_eq!(invoices(&merchant.client).await, "1");
}
