//! Every code in the order of the checks, and the two forms of success.

use serde_json::json;

use super::{refused, simplest, with};
use crate::harness::{Client, Sandbox, WALLET, page_token};

const NO_WALLET: &str = "You cannot create a sale because your wallet is being validated and activated.\
You will receive a confirmation email as soon as the treatment process is completed.\
While waiting for the final activation, you can still change it from the profile page";

async fn assert_refused(client: &Client, parameters: serde_json::Value, code: u16, message: &str) {
    let answer = client.create(&parameters).await;
    assert_eq!(answer.both(), (200, refused(code, message).as_str()), "{parameters}");
    assert_eq!(answer.headers["content-type"], "application/json");
}

/// Each request has all the faults that are still to come: only the first one in the contract's order shows.
#[tokio::test]
async fn codes_come_in_the_contracts_order() {
    let shared = Sandbox::shared().await;
    let sandbox = &shared.sandbox;
    let merchant = sandbox.new_merchant(&shared.client, &["--min", "2", "--max", "100"]);
    let client = &merchant.client;
    let nothing = json!({});

    let answer = client.send(client.request_without_key(reqwest::Method::POST, "/api/btn-create-invoice/get/")).await;
    assert_eq!(answer.both(), (200, refused(50001, "API-KEY required").as_str()));
    assert_refused(&client.with_key("0d8d8e89a6cdcd"), nothing.clone(), 50007, "invalid API-KEY").await;
    let no_ip = "No IP is linked to your account. Please enter them in your profile page and API block";
    assert_refused(client, nothing.clone(), 50010, no_ip).await;
    sandbox.allow(&merchant, "192.0.2.0/24");
    let wrong_ip = "this API-KEY can not use this API from this IP address";
    assert_refused(client, nothing.clone(), 50006, wrong_ip).await;
    sandbox.allow(&merchant, "127.0.0.1");
    assert_refused(client, nothing.clone(), 50008, NO_WALLET).await;
    sandbox.said(&["merchant", "wallet", "set", &merchant.number, WALLET, "--pending"]);
    assert_refused(client, nothing.clone(), 50008, NO_WALLET).await;
    sandbox.said(&["merchant", "wallet", "set", &merchant.number, WALLET]);

    assert_refused(client, nothing, 50002, "email required").await;
    assert_refused(client, json!({ "email": " ", "devise": "XXX" }), 50002, "email required").await;
    assert_refused(client, json!({ "email": "nobody", "devise": "XXX" }), 50005, "invalid email address").await;
    let email = "customer@shop.example";
    assert_refused(client, json!({ "email": email, "devise": "XXX" }), 50003, "amount required").await;
    assert_refused(client, json!({ "email": email, "amount": "x" }), 50003, "amount required").await;
    assert_refused(client, json!({ "email": email, "amount": "-1" }), 50004, "devise required").await;
    assert_refused(client, json!({ "email": email, "amount": "-1", "devise": "XXX" }), 50009, "invalid devise").await;
    let mut faulty = json!({ "email": email, "amount": "100.01", "devise": "USD", "card_number": "1", "country": "?" });
    assert_refused(client, faulty.clone(), 50011, "Your amount is ABOVE the allowed maximum amount").await;
    faulty["amount"] = "1.99".into();
    assert_refused(client, faulty.clone(), 50012, "Your amount is BELOW the allowed minimum amount").await;
    faulty["amount"] = "2".into();
    assert_refused(client, faulty.clone(), 50015, "S2S is not enabled on your account").await;
    faulty["card_number"] = json!(null);
    faulty["payableCurrencies"] = "DOGE_moon".into();
    assert_refused(client, faulty.clone(), 50014, "invalid payableCurrencies").await;
    faulty["payableCurrencies"] = json!(null);
    assert_refused(client, faulty.clone(), 50014, "invalid country").await;
    faulty["country"] = "DE".into();
    assert_eq!(client.create(&faulty).await.ok()["errorCode"], 0);
    for limit in ["2", "100"] {
        assert_eq!(client.create(&with("amount", limit.into())).await.ok()["errorCode"], 0, "the limits are allowed");
    }
}

#[tokio::test]
async fn a_hosted_invoice_has_a_page_and_no_id() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    let answer = client.create(&simplest()).await;
    let made = answer.ok();
    let url = made["redirectUrl"].as_str().unwrap();
    let expected = format!(r#"{{"errorCode":0,"redirectUrl":"{url}","html":"<a href='{url}'></a>"}}"#);
    assert_eq!(answer.body, expected);
    let start = format!("{}/widget/sale/create/?token=", client.base);
    let token = url.strip_prefix(&start).unwrap_or_else(|| panic!("{url}"));
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{token}");
    let page = client.page(&page_token(url)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("15.04"), "{}", page.body);
}

#[tokio::test]
async fn an_s2s_invoice_has_an_id_and_a_status() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    for spelling in ["USDT_polygon", "usdt_POLYGON", "matic_polygon"] {
        let answer = client.create(&with("payableCurrencies", spelling.into())).await;
        let made = answer.ok();
        let (url, id) = (made["redirectUrl"].as_str().unwrap(), made["ID"].as_i64().unwrap());
        let expected = format!(r#"{{"errorCode":0,"redirectUrl":"{url}","status":"invoice:opened","ID":{id}}}"#);
        assert_eq!(answer.body, expected);
        assert_eq!(client.status(id).await, "invoice:opened");
    }
}

#[tokio::test]
async fn crypto_without_s2s_is_a_hosted_page_of_that_coin() {
    let shared = Sandbox::shared().await;
    let merchant = shared.sandbox.ready_merchant(&shared.client, &[]);
    let client = &merchant.client;
    let made = client.create(&with("payableCurrencies", "USDC_polygon".into())).await.ok();
    assert_eq!((made.get("ID"), made.get("status")), (None, None), "{made}");
    let page = client.page(&page_token(made["redirectUrl"].as_str().unwrap())).await;
    assert!(page.body.contains("USDC") && !page.body.contains("USDT"), "{}", page.body);
}

/// Each spelling is the call itself: a redirect would lose the body of a POST.
#[tokio::test]
async fn the_last_slash_does_not_matter() {
    let shared = Sandbox::shared().await;
    for path in ["/api/btn-create-invoice/get", "/api/btn-create-invoice/get/"] {
        assert_eq!(shared.client.post_json(path, &simplest()).await.ok()["errorCode"], 0, "{path}");
    }
    let get = shared.client.get("/api/btn-create-invoice/get/").await;
    let sentence = r#"{"error":"/api/btn-create-invoice/get/ does not take this method."}"#;
    assert_eq!(get.both(), (405, sentence));
    let elsewhere = shared.client.post_json("/api/btn-create-invoice/", &simplest()).await;
    assert_eq!(elsewhere.both(), (404, r#"{"error":"There is nothing at this path."}"#));
}
