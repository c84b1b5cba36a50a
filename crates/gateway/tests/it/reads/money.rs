//! A business as its merchant reads it: found, counted, told in order, balanced; refunds and callbacks by API.

use gateway::app::timeline::{What, timeline};
use gateway::app::{figures, search as finding};
use gateway::store::search;
use reqwest::Method;
use serde_json::json;

use crate::harness::*;

/// The worker follows, and the figures it makes are audited.
#[tokio::test]
async fn what_a_worker_passes_is_found_and_counted() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (id, _) = client.sell("15.04", "USDT_polygon").await;
    let database = sandbox.database();
    let (store, merchant) = (&database.store, &database.merchant);
    let cursor = || async { store.read(|tx| search::cursor(tx, merchant)).await.unwrap() };
    wait_until("the invoice is passed", cursor, |seen| *seen >= id).await;
    client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(id, PAID).await;
    let term = &finding::wanted("Customer@Shop.example").term.unwrap();
    assert_eq!(store.read(|tx| search::find(tx, merchant, term, i64::MAX, 9)).await.unwrap(), [id]);
    let hash = database.payments(id).await[0].payment.on_chain.tx_hash.clone();
    let by_hash = store.read(|tx| search::by_hash(tx, merchant, "polygon", &hash, 9)).await.unwrap();
    assert_eq!(by_hash, [id]);

    let (row, items) = store.read(|tx| timeline(tx, merchant, id)).await.unwrap().unwrap();
    let today = row.invoice.created_at.day();
    let figures = store.read(|tx| figures::figures(tx, merchant, today, 30)).await.unwrap();
    let day = figures.last(30).unwrap();
    assert_eq!((day.counts.paid, day.settled.get("USD").copied()), (1, Some(domain::Units(1504))));
    assert!(items.is_sorted_by_key(|item| item.at));
    let count = |is: fn(&What) -> bool| items.iter().filter(|item| is(&item.what)).count();
    assert_eq!(count(|what| matches!(what, What::Reached { .. })), 4, "{items:#?}");
    assert_eq!(count(|what| matches!(what, What::Attempt { .. })), 1);
    assert_eq!(count(|what| matches!(what, What::Payment { .. })), 1);
    assert_eq!(count(|what| matches!(what, What::Flush { .. })), 1);
    assert_eq!(count(|what| matches!(what, What::Entry { .. })), 2);
    client.callbacks_of(id, 4).await;
    sandbox.audit();
}

/// A refund by API is made once under its key; what the merchant is owed goes down; callbacks come again.
#[tokio::test]
async fn a_refund_and_callbacks_by_api() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (_, id, _) = client.charge_card(&card_sale(APPROVED)).await;
    let database = sandbox.database();
    database.charges_become(id, &[domain::charge::State::Paid]).await;
    let owed = async || {
        let all = client.get("/api/v1/balances/").await.ok()["balances"].clone();
        let payable = all.as_array().unwrap().iter().find(|row| row["account"] == "payable" && row["asset"] == "USD");
        payable.map(|row| (row["amount"].clone(), row["side"].clone()))
    };
    assert_eq!(owed().await, Some((json!("14.89"), json!("credit"))));
    let refund = async |amount: &str| {
        let request = client.request(Method::POST, &format!("/api/v1/invoices/{id}/refund/"));
        let request = request.header("Idempotency-Key", "refund once").header("Content-Type", "application/json");
        client.send(request.body(json!({ "amount": amount }).to_string())).await.ok()
    };
    let first = refund("5").await;
    let asked = &first["refund"];
    assert_eq!((&asked["kind"], &asked["asset"], &asked["amount"]), (&json!("charge"), &json!("USD"), &json!("5")));
    assert_eq!(refund("5").await, first);
    assert_eq!(refund("6").await["errorCode"], 50016);
    let path = format!("/api/v1/invoices/{id}/refund/");
    for (amount, code) in [("10.05", 50017), ("0", 50017), ("x", 50014), ("-1", 50014)] {
        assert_eq!(client.post_json(&path, &json!({ "amount": amount })).await.ok()["errorCode"], code, "{amount}");
    }
    assert_eq!(client.post_json(&path, &json!({})).await.ok()["errorCode"], 50013);
    let look = || async { database.refunds(id).await.iter().map(|row| row.state).collect::<Vec<_>>() };
    wait_until("the refund is done", look, |seen| *seen == [domain::transfer::State::Done]).await;
    assert_eq!(owed().await, Some((json!("9.89"), json!("credit"))));

    let told = client.callbacks_of(id, 3).await.len();
    let all_there = || async { database.deliveries(id).await.iter().all(|row| row.state == "delivered") };
    wait_until("all are delivered", all_there, |done| *done).await;
    let path = format!("/api/v1/invoices/{id}/callbacks/resend/");
    assert_eq!(client.post_json(&path, &json!({ "seq": 1 })).await.ok(), json!({ "errorCode": 0, "resent": 1 }));
    client.callbacks_of(id, told + 1).await;
    assert_eq!(client.post_json(&path, &json!({ "seq": 99 })).await.ok()["resent"], 0);
    assert_eq!(client.post_json(&path, &json!({ "seq": "x" })).await.ok()["errorCode"], 50014);
    let (_, items) = database.store.read(|tx| timeline(tx, &database.merchant, id)).await.unwrap().unwrap();
    let has = |is: fn(&What) -> bool| items.iter().any(|item| is(&item.what));
    assert!(has(|what| matches!(what, What::Charge { .. })) && has(|what| matches!(what, What::Refund { .. })));
    assert!(has(|what| matches!(what, What::Act { .. })), "who asked for the refund: {items:#?}");
    sandbox.audit();
}
