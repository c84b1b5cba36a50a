//! A merchant that the operator stops in a running sandbox: nothing new begins, what has begun is finished, and then it goes on.

use serde_json::{Value, json};

use crate::harness::*;

const MERCHANT: &str = "/operator/merchants/1";
const STOP: &str = "/operator/merchants/1/stop";
const BUTTONS: [&str; 3] = ["value=\"card\"", "value=\"upi\"", "value=\"select\""];

fn sale() -> Value {
    json!({ "email": "a@b.example", "amount": "15.04", "devise": "USD" })
}

/// What a create answers, once who remembers the merchant has heard of the change (a hundredth of a second).
async fn creates_answer(client: &Client, code: u16) {
    let create = || async { client.create(&sale()).await.ok()["errorCode"].clone() };
    wait_until("creates are answered so", create, |answered| *answered == json!(code)).await;
}

#[tokio::test]
async fn what_has_begun_is_finished_and_nothing_new_begins() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let operator = Visitor::signed_in(client, &sandbox.file, "operator_login").await;
    // two payers in the middle of it, and one who has only opened his page
    let (by_coin, coin_page) = client.sell("15.04", "USDT_polygon").await;
    let address = attribute(&client.page(&coin_page).await.body, "id=\"address\" value").to_owned();
    let (by_upi, upi_page) = client.hosted(&sale()).await;
    assert_eq!(shown(&client.choose(&upi_page, "upi").await), "upi");
    let (open, open_page) = client.hosted(&sale()).await;
    let page = client.page(&open_page).await;
    assert!(BUTTONS.iter().all(|button| page.body.contains(button)), "{}", page.body);

    let fields = [("act", "stop"), ("stop_reason", "Stolen cards were paid with.")];
    let stopped = operator.post(MERCHANT, STOP, &fields).await;
    assert_eq!((stopped.status, stopped.location()), (303, MERCHANT), "{stopped:?}");
    creates_answer(client, 50008).await;
    let types = client.get("/api/payment-solution-type/get/").await.ok();
    assert_eq!(types["payment_solution_type"], json!([]));
    for posted in
        [vec![("action", "select"), ("currency", "USDT_polygon")], vec![("action", "method"), ("method", "upi")]]
    {
        client.fill_in(&open_page, &posted).await;
    }
    let page = client.page(&open_page).await;
    assert!(shown(&page) == "choose" && !BUTTONS.iter().any(|button| page.body.contains(button)), "{}", page.body);
    assert_eq!(sandbox.database().charges(open).await.len(), 0);
    assert!(client.page(&coin_page).await.body.contains(&address));
    client.pay(by_coin, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(by_coin, RECEIVED).await;
    client.pay_by(by_upi, "upi", "paid").await;
    client.status_becomes(by_upi, RECEIVED).await;

    let merchant = Visitor::signed_in(client, &sandbox.file, "merchant_login").await;
    assert!(merchant.get("/client/").await.body.contains("Stolen cards were paid with."));
    let resumed = operator.post(MERCHANT, STOP, &[("act", "resume")]).await;
    assert_eq!((resumed.status, resumed.location()), (303, MERCHANT), "{resumed:?}");
    creates_answer(client, 0).await;
    let page = client.page(&open_page).await;
    assert!(BUTTONS.iter().all(|button| page.body.contains(button)), "{}", page.body);
    sandbox.audit();
}
