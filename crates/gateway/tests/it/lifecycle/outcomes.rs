//! What a payer may do, one by one.

use serde_json::{Value, json};

use super::{CREATED, EXPIRED, OPENED, PAID, RECEIVED, assert_paid_out, assert_told};
use crate::harness::{Pay, Sandbox, units, wait_until};

async fn ordered(sandbox: &Sandbox, amount: &str, currency: &str, outcome: &str) -> i64 {
    let (id, _) = sandbox.client.sell(amount, currency).await;
    sandbox.client.pay(id, Pay { outcome, ..Pay::default() }).await;
    id
}

fn picked(row: &Value, keys: [&str; 5]) -> Value {
    keys.iter().map(|key| row[key].clone()).collect()
}

const IN_HISTORY: [&str; 5] = ["status", "exchange_currency_symbol", "paid_amount", "merchant_amount", "fee_amount"];
const IN_INFOS: [&str; 5] = ["status", "fiat_amount", "fiat_currency", "totalAmount", "totalCurrency"];

#[tokio::test]
async fn paid() {
    let sandbox = Sandbox::start().await;
    let id = ordered(&sandbox, "15.04", "USDT_polygon", "paid").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    let infos = sandbox.client.infos(id).await;
    assert_eq!(picked(&infos, IN_INFOS), json!([PAID, number("15.04"), "USD", number("14.8896"), "USDT"]));
    let row = sandbox.client.row(id).await;
    assert_eq!(picked(&row, IN_HISTORY), json!(["PAID", "USDT", "15.04", "14.8896", "0.1504"]));
    assert_paid_out(&sandbox, "USDT", units("14.8896", 6), units("0.1504", 6)).await;
    let said = sandbox.audit();
    assert!(
        said.starts_with("2 books, 6 entries, "),
        "one for what came, one for what went, four of the treasury's first coins: {said}"
    );

    let last = sandbox.client.callbacks_of(id, 4).await.pop().unwrap();
    let body = last["raw_body"].as_str().unwrap();
    let datetime = infos["datetime"].as_str().unwrap();
    let expected = format!(
        r#"{{"status":"invoice:paid","id":{id},"devise":"USD","amount":15.04,"description":"Payment of the invoice has been made successfully","callbackJson":null,"fiat_amount":15.04,"fiat_currency":"USD","totalAmount":14.8896,"totalCurrency":"USDT","datetime":"{datetime}"}}"#
    );
    assert_eq!(body, expected, "the keys in the documented order, compact");
}

/// JSON numbers keep their digits here: a float would not be equal.
fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A fee that does not divide evenly: the operator's share is rounded down, and not a unit is lost.
#[tokio::test]
async fn paid_to_the_last_unit() {
    let sandbox = Sandbox::start().await;
    let (id, _) = sandbox.client.sell("0.07", "USDC_polygon").await;
    sandbox.client.pay(id, Pay { outcome: "paid", amount: Some("0.070099"), ..Pay::default() }).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    let row = sandbox.client.row(id).await;
    assert_eq!(picked(&row, IN_HISTORY), json!(["PAID", "USDC", "0.070099", "0.069399", "0.0007"]));
    assert_paid_out(&sandbox, "USDC", 69_399, 700).await;
    sandbox.audit();
}

#[tokio::test]
async fn in_the_chains_own_coin() {
    let sandbox = Sandbox::start().await;
    let id = ordered(&sandbox, "15.04", "POL_polygon", "paid").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    let infos = sandbox.client.infos(id).await;
    // half a dollar each
    assert_eq!(picked(&infos, IN_INFOS), json!([PAID, number("15.04"), "USD", number("29.7792"), "POL"]));
    let row = sandbox.client.row(id).await;
    assert_eq!(picked(&row, IN_HISTORY), json!(["PAID", "POL", "30.08", "29.7792", "0.3008"]));
    assert_paid_out(&sandbox, "POL", units("29.7792", 18), units("0.3008", 18)).await;
    sandbox.audit();
}

#[tokio::test]
async fn short_and_then_the_rest() {
    let sandbox = Sandbox::start().await;
    let id = ordered(&sandbox, "15.04", "USDT_polygon", "short").await;
    assert_paid_out(&sandbox, "USDT", units("7.4448", 6), units("0.0752", 6)).await;
    assert_eq!(sandbox.client.status(id).await, OPENED, "half is not paid");
    assert_eq!(sandbox.client.row(id).await["paid_amount"], Value::Null);
    assert_told(&sandbox, id, &[CREATED, OPENED]).await;
    sandbox.audit();

    sandbox.client.pay(id, Pay { outcome: "paid", amount: Some("7.52"), ..Pay::default() }).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    assert_paid_out(&sandbox, "USDT", units("14.8896", 6), units("0.1504", 6)).await;
    let row = sandbox.client.row(id).await;
    assert_eq!(picked(&row, IN_HISTORY), json!(["PAID", "USDT", "15.04", "14.8896", "0.1504"]));
    sandbox.audit();
}

/// What is too much goes to the merchant as well, and shows.
#[tokio::test]
async fn over() {
    let sandbox = Sandbox::start().await;
    let id = ordered(&sandbox, "10", "USDT_polygon", "over").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    let row = sandbox.client.row(id).await;
    assert_eq!(picked(&row, IN_HISTORY), json!(["PAID", "USDT", "11.00", "10.890", "0.110"]));
    assert_eq!(row["amount"], "10.00");
    assert_paid_out(&sandbox, "USDT", units("10.89", 6), units("0.11", 6)).await;
    sandbox.audit();
}

#[tokio::test]
async fn twice() {
    let sandbox = Sandbox::start().await;
    let id = ordered(&sandbox, "10", "USDC_polygon", "twice").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    assert_paid_out(&sandbox, "USDC", units("19.8", 6), units("0.2", 6)).await;
    let row = sandbox.client.row(id).await;
    assert_eq!(
        picked(&row, IN_HISTORY),
        json!(["PAID", "USDC", "10.00", "9.900", "0.100"]),
        "the invoice is paid once"
    );
    assert_parked(&sandbox, id, "extra USDC_polygon 10000000 base units").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    sandbox.audit();
}

#[tokio::test]
async fn late() {
    let sandbox = Sandbox::start().await;
    let id = ordered(&sandbox, "10", "USDT_polygon", "late").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, EXPIRED]).await;
    assert_paid_out(&sandbox, "USDT", units("9.9", 6), units("0.1", 6)).await;
    assert_eq!(sandbox.client.status(id).await, EXPIRED, "an expired invoice stays expired");
    assert_eq!(sandbox.client.row(id).await["paid_amount"], Value::Null);
    assert_parked(&sandbox, id, "late USDT_polygon 10000000 base units").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, EXPIRED]).await;
    sandbox.audit();
}

#[tokio::test]
async fn wrong_token() {
    let sandbox = Sandbox::start().await;
    let id = ordered(&sandbox, "10", "USDT_polygon", "wrong_token").await;
    assert_paid_out(&sandbox, "WRONG", 9_900_000, 100_000).await;
    assert_eq!(sandbox.client.status(id).await, OPENED);
    assert_parked(&sandbox, id, "wrong_token WRONG_polygon 10000000 base units").await;
    sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    assert_paid_out(&sandbox, "USDT", units("9.9", 6), units("0.1", 6)).await;
    sandbox.audit();
}

/// Listed for people to look at, and with the merchant all the same.
async fn assert_parked(sandbox: &Sandbox, id: i64, what: &str) {
    let look = || async { sandbox.said(&["payments", "parked"]) };
    let done = |said: &String| said.contains("with the merchant");
    let said = wait_until("the parked payment reaches the merchant", look, done).await;
    assert!(said.contains(&format!("invoice {id} {what}")), "{said}");
}

#[tokio::test]
async fn orders_the_sandbox_cannot_follow() {
    let shared = Sandbox::shared().await;
    let (id, _) = shared.client.sell("10", "USDT_polygon").await;
    let pay = async |id: i64, body: Value| {
        let answer = shared.client.post_json(&format!("/sandbox/invoices/{id}/pay"), &body).await;
        assert!(answer.json()["error"].is_string(), "{answer:?}");
        answer.status
    };
    assert_eq!(pay(id, json!({})).await, 400);
    assert_eq!(pay(id, json!({ "outcome": "magic" })).await, 400);
    assert_eq!(pay(id, json!({ "outcome": "paid", "amount": "-1" })).await, 400);
    assert_eq!(pay(id, json!({ "outcome": "paid", "currency": "DOGE_moon" })).await, 400);
    assert_eq!(pay(id, json!({ "outcome": "paid", "unknown": 1 })).await, 400);
    assert_eq!(pay(i64::MAX, json!({ "outcome": "paid" })).await, 404);
    assert_eq!(shared.client.status(id).await, OPENED);
}
