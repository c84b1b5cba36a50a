//! The process dies at the worst moments and is started again: money still moves exactly once.

use super::{CREATED, OPENED, PAID, RECEIVED, assert_paid_out};
use crate::harness::{Client, Pay, Sandbox, units, wait_until};

/// Told at least once and in order: after a crash the last one may be told again.
async fn told_at_least_once(client: &Client, id: i64) {
    let look = || async {
        let mut told = client.told(id, 1).await;
        told.dedup();
        told
    };
    wait_until("the whole story is told", look, |told| *told == [CREATED, OPENED, RECEIVED, PAID]).await;
}

async fn whole_story_after_dying_at(point: &str) {
    let mut sandbox = Sandbox::start_with(&[("LOCKGATE_CRASH_AT", point)]).await;
    let client = sandbox.client.clone();
    // the process may be gone before it answers the payer; what the merchant was answered is another test's matter
    let parameters = serde_json::json!({
        "email": "a@b.example", "amount": "10", "devise": "USD", "payableCurrencies": "USDT_polygon"
    });
    let create = client.post_json("/api/btn-create-invoice/get/", &parameters);
    let id = match tokio::time::timeout(crate::harness::PATIENCE, create).await {
        Ok(answer) => answer.ok()["ID"].as_i64().unwrap(),
        Err(_) => panic!("no answer"),
    };
    let pay = client.request(reqwest::Method::POST, &format!("/sandbox/invoices/{id}/pay"));
    let paid = client.try_send(pay.body(r#"{"outcome":"paid"}"#)).await.is_ok();
    let status = sandbox.ended().await;
    assert!(!status.success(), "{point}: {status}");
    sandbox.start_again().await;
    if !paid && sandbox.database().payments(id).await.is_empty() {
        // it died before the payer's order was answered, and perhaps before it was carried out
        sandbox.client.mine(4).await;
        if sandbox.client.status(id).await == OPENED && sandbox.database().payments(id).await.is_empty() {
            sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
        }
    }
    told_at_least_once(&sandbox.client, id).await;
    assert_paid_out(&sandbox, "USDT", units("9.9", 6), units("0.1", 6)).await;
    let events = sandbox.database().events(id).await;
    assert_eq!(events.len(), 4, "{point}: each event happened once");
    sandbox.audit();
}

#[tokio::test]
async fn before_blocks_are_recorded() {
    // the first look at the chain passes no block that matters; it dies at the first one that does
    whole_story_after_dying_at("before_record_blocks").await;
}

#[tokio::test]
async fn after_blocks_are_recorded() {
    whole_story_after_dying_at("after_record_blocks").await;
}

#[tokio::test]
async fn before_a_flush_is_stored() {
    whole_story_after_dying_at("before_store_flush").await;
}

#[tokio::test]
async fn after_a_flush_is_stored() {
    whole_story_after_dying_at("after_store_flush").await;
}

#[tokio::test]
async fn after_a_flush_is_sent() {
    whole_story_after_dying_at("after_send_flush").await;
}

/// Killed from outside again and again while thirty invoices are on their way.
#[tokio::test]
async fn killed_five_times_on_the_way() {
    let mut sandbox = Sandbox::start().await;
    let mut ids = Vec::new();
    for round in 0..5 {
        for _ in 0..6 {
            let (id, _) = sandbox.client.sell("10", "USDC_polygon").await;
            sandbox.client.pay(id, Pay { outcome: "paid", wait: round % 2 == 0, ..Pay::default() }).await;
            ids.push(id);
        }
        let first = ids[ids.len() - 6];
        let status = sandbox.client.status(first).await;
        if round > 1 {
            // on a slow machine the first of them is paid before the last is made
            let moved = |seen: &String| *seen != status || seen == PAID;
            wait_until("something moves", || sandbox.client.status(first), moved).await;
        }
        sandbox.restart().await;
    }
    for id in &ids {
        sandbox.client.status_becomes(*id, PAID).await;
        told_at_least_once(&sandbox.client, *id).await;
        assert_eq!(sandbox.database().events(*id).await.len(), 4);
    }
    assert_paid_out(&sandbox, "USDC", units("297", 6), units("3", 6)).await;
    sandbox.audit();
}
