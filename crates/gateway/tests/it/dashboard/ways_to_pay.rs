//! A merchant turns ways to pay off for its payers, and on again, in a running sandbox.

use serde_json::{Value, json};

use crate::harness::*;

const PAGE: &str = "/client/profile/branding";
const FORM: &str = "/client/profile/branding/ways";

fn sale(more: &Value) -> Value {
    let mut sale = json!({ "email": "a@b.example", "amount": "15.04", "devise": "USD" });
    for (name, value) in more.as_object().unwrap() {
        sale[name] = value.clone();
    }
    sale
}

/// Ticks these ways, and every coin.
async fn turn_on(merchant: &Visitor, ways: &[&str]) {
    let shown = merchant.get(PAGE).await;
    let coins: Vec<&str> =
        shown.body.split("name=\"coin\" value=\"").skip(1).map(|rest| &rest[..rest.find('"').unwrap()]).collect();
    let ways = ways.iter().map(|way| ("way", *way));
    let fields: Vec<(&str, &str)> = ways.chain(coins.into_iter().map(|coin| ("coin", coin))).collect();
    let saved = merchant.post_shown(&shown, FORM, &fields).await;
    assert_eq!((saved.status, saved.location()), (303, PAGE), "{saved:?}");
}

/// The types that are listed, once who remembers the merchant has heard of the change (a hundredth of a second).
async fn types_become(client: &Client, expected: &[&str]) {
    let listed = || async { client.get("/api/payment-solution-type/get/").await.ok()["payment_solution_type"].clone() };
    wait_until("the list says so", listed, |listed| *listed == json!(expected)).await;
}

async fn refused(client: &Client, sale: &Value, code: u16, message: &str) {
    let answer = client.create(sale).await.ok();
    assert_eq!((&answer["errorCode"], &answer["errorMessage"]), (&json!(code), &json!(message)), "{sale}");
}

/// What a new invoice's page shows, and whether it has a button for card, for UPI and for coins.
async fn offered(client: &Client, more: Value) -> (String, [bool; 3]) {
    let (_, token) = client.hosted(&sale(&more)).await;
    let page = client.page(&token).await;
    let has = |button: &str| page.body.contains(button);
    (shown(&page).to_owned(), [has("value=\"card\""), has("value=\"upi\""), has("value=\"select\"")])
}

#[tokio::test]
async fn what_is_off_is_offered_nowhere_and_what_has_begun_goes_on() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let merchant = Visitor::signed_in(client, &sandbox.file, "merchant_login").await;
    for (fields, words) in [
        (vec![], "Leave at least one way to pay."),
        (vec![("coin", "USDT_polygon")], "Leave at least one way to pay."),
        (vec![("way", "coins"), ("way", "card")], "Leave at least one coin,"),
    ] {
        let page = merchant.post(PAGE, FORM, &fields).await;
        assert!(page.status == 422 && page.body.contains(words), "{fields:?}: {}", page.body);
    }
    types_become(client, &["CARD", "UPI", "CRYPTO"]).await;

    // three payers in the middle of it, each his own way
    let (by_coin, coin_page) = client.sell("15.04", "USDT_polygon").await;
    let address = attribute(&client.page(&coin_page).await.body, "id=\"address\" value").to_owned();
    let (by_upi, upi_page) = client.hosted(&sale(&json!({}))).await;
    assert_eq!(shown(&client.choose(&upi_page, "upi").await), "upi");
    let (by_card, card_page) = client.hosted(&sale(&json!({}))).await;
    assert_eq!(shown(&client.pay_on_page(&card_page, CHALLENGED).await), "card-continue");
    let (_, typing_page) = client.hosted(&sale(&json!({}))).await;
    assert_eq!(shown(&client.choose(&typing_page, "card").await), "card");

    turn_on(&merchant, &["card"]).await;
    types_become(client, &["CARD"]).await;
    assert_eq!(client.get("/api/payable-currencies/get/").await.ok()["payableCurrencies"], json!([]));
    assert_eq!(
        client.get("/api/payment-solution-name/get/").await.ok()["payment_solution_name"],
        json!(["sandbox_card"])
    );
    refused(client, &sale(&json!({ "payableCurrencies": "USDT_polygon" })), 50014, "invalid payableCurrencies").await;
    // the contract: what is not allowed for the merchant is ignored
    for named in ["UPI", "CRYPTO", "CARD"] {
        let made = offered(client, json!({ "payment_solution_type": named })).await;
        assert_eq!(made, ("card".to_owned(), [false; 3]), "{named}");
    }
    let (_, new_page) = client.hosted(&sale(&json!({}))).await;
    for posted in
        [vec![("action", "select"), ("currency", "USDT_polygon")], vec![("action", "method"), ("method", "upi")]]
    {
        let page = client.follow(&client.fill_in(&new_page, &posted).await).await;
        assert_eq!(shown(&page), "card", "whatever a page posts");
    }
    let page = client.page(&coin_page).await;
    assert!(page.body.contains(&address) && !page.body.contains("value=\"select\""), "{}", page.body);
    client.pay(by_coin, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(by_coin, RECEIVED).await;
    let page = client.page(&upi_page).await;
    assert!(
        shown(&page) == "upi" && page.body.contains("id=\"upi\"") && !page.body.contains("value=\"select\""),
        "{}",
        page.body
    );
    client.pay_by(by_upi, "upi", "paid").await;
    client.status_becomes(by_upi, RECEIVED).await;

    let operator = Visitor::signed_in(client, &sandbox.file, "operator_login").await;
    let seen = operator.get("/operator/merchants/1").await.body;
    let off = "<dt>Turned off for payers by the merchant</dt><dd><bdi>UPI</bdi>, <bdi>Crypto</bdi></dd>";
    assert!(seen.contains(off), "{seen}");
    turn_on(&merchant, &["upi", "coins"]).await;
    types_become(client, &["UPI", "CRYPTO"]).await;
    refused(client, &card_sale(APPROVED), 50015, "S2S is not enabled on your account").await;
    refused(client, &sale(&json!({ "devise": "EUR" })), 50009, "invalid devise").await;
    assert_eq!(offered(client, json!({})).await, ("choose".to_owned(), [false, true, true]));
    // the card that the bank is being asked about goes on; the one that was only being typed does not
    assert_eq!(shown(&client.page(&card_page).await), "card-continue");
    client.pay_by(by_card, "card", "paid").await;
    client.status_becomes(by_card, RECEIVED).await;
    assert_eq!(shown(&client.pay_on_page(&typing_page, APPROVED).await), "choose");
    assert_eq!(sandbox.database().charges(by_card + 1).await.len(), 0);

    turn_on(&merchant, &["card", "upi", "coins"]).await;
    types_become(client, &["CARD", "UPI", "CRYPTO"]).await;
    assert_eq!(offered(client, json!({})).await, ("choose".to_owned(), [true; 3]));
    let log = merchant.get("/client/acts").await;
    assert!(log.body.contains("ways.set") && log.body.contains("off: none to upi, coins"), "{}", log.body);
    // what the operator takes away cannot be turned on, and what is possible later is on until it is turned off
    sandbox.said(&["provider", "route", "1", "card"]);
    let page = merchant.get(PAGE).await;
    assert!(page.body.contains("value=\"card\" disabled") && page.body.contains("id=\"f-way-card\""), "{}", page.body);
    let page = merchant.post(PAGE, FORM, &[("way", "card"), ("way", "upi")]).await;
    assert!(page.status == 422 && page.body.contains("Ask the operator first."), "{}", page.body);
    turn_on(&merchant, &["upi"]).await;
    assert_eq!(offered(client, json!({})).await.0, "upi");
    sandbox.audit();
}
