//! A merchant's funds and payments in the browser of a running sandbox.

use serde_json::json;

use crate::harness::{Sandbox, Visitor};

const FUNDS: &str = "/client/payouts/funds";
const NEW: &str = "/client/payouts/new";

/// Asks for a page until it says so.
async fn says(visitor: &Visitor, path: &str, words: &str) {
    for _ in 0..2_400 {
        if visitor.get(path).await.body.contains(words) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{path} does not say {words}: {}", visitor.get(path).await.body);
}

#[tokio::test]
async fn coins_become_funds_and_go_out_to_a_card() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let merchant = Visitor::signed_in(client, &sandbox.file, "merchant_login").await;
    let wrong = [("amount", "100"), ("coin", "polygon:USDC"), ("tx_hash", "0x12")];
    let page = merchant.post(FUNDS, FUNDS, &wrong).await;
    assert!(page.status == 422 && page.body.contains("This is no transaction hash"), "{page:?}");
    let treasury = sandbox.file["treasury"].as_str().unwrap();
    assert!(page.body.contains(treasury), "where to send coins to");
    let order = json!({ "asset": "USDC_polygon", "amount": "100" });
    let deposit = client.post_json("/sandbox/treasury/deposits", &order).await.ok();
    let hash = deposit["tx_hash"].as_str().unwrap();
    let fields = [("amount", "100"), ("coin", "polygon:USDC"), ("tx_hash", hash), ("merchant_data", "<b>May</b>")];
    assert_eq!(merchant.post(FUNDS, FUNDS, &fields).await.location(), "/client/payouts/funds/1");
    assert_eq!(merchant.post(FUNDS, FUNDS, &fields).await.location(), "/client/payouts/funds/1", "a second click");
    client.mine(200).await;
    says(&merchant, "/client/payouts/funds/1", "Credited").await;
    let page = merchant.get("/client/payouts/funds/1").await;
    assert!(page.body.contains(hash) && page.body.contains("&#60;b&#62;May"), "{page:?}");
    let form = merchant.get(NEW).await;
    let once = form.body.split_once("name=\"once\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let fields = [
        ("once", once.as_str()),
        ("amount", "12.34"),
        ("firstname", "Ann"),
        ("lastname", "Smith"),
        ("card_number", "4242 4242 4242 4242"),
        ("expiry", "04/2035"),
    ];
    let made = merchant.post(NEW, NEW, &fields).await;
    assert_eq!(made.location(), "/client/payouts/1", "{made:?}");
    says(&merchant, "/client/payouts/1", "Arrived").await;
    let page = merchant.get("/client/payouts/1").await;
    assert!(page.body.contains("Sent to the processor") && page.body.contains("•••• 4242"), "{page:?}");
    assert!(merchant.get("/client/payouts").await.body.contains("12.34 EUR"));
    sandbox.audit();
}
