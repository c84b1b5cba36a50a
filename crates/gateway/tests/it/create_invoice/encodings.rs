//! JSON, form and multipart say the same thing.

use super::simplest;
use crate::harness::{Client, Sandbox, page_token, wait_until};

const PATH: &str = "/api/btn-create-invoice/get/";
const FORM: &str = "email=J%C3%B6rg%40shop.example&amount=15.04&devise=USD&name=J%C3%B6rg+M&unknown=1\
                    &success_url=https%3A%2F%2Fshop.example%2Fthanks%3Fa%3D1%26b%3D2";

fn multipart() -> String {
    let part = |name: &str, value: &str| {
        format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts = [
        ("email", "Jörg@shop.example"),
        ("amount", "15.04"),
        ("devise", "USD"),
        ("name", "Jörg M"),
        ("success_url", "https://shop.example/thanks?a=1&b=2"),
    ];
    parts.map(|(name, value)| part(name, value)).concat() + "--limit--\r\n"
}

/// The newest row of history, once the invoice of the page is there.
async fn newest(client: &Client) -> serde_json::Value {
    client.history("order=DESC").await["list"][0].clone()
}

#[tokio::test]
async fn each_encoding_makes_the_same_invoice() {
    let shared = Sandbox::shared().await;
    let merchant = shared.sandbox.ready_merchant(&shared.client, &[]);
    let client = &merchant.client;
    let json = r#"{"email":"Jörg@shop.example","amount":15.04,"devise":"USD","name":"Jörg M",
        "success_url":"https://shop.example/thanks?a=1&b=2"}"#;
    let cases = [
        ("application/json", json.to_owned()),
        ("application/json; charset=utf-8", format!("\u{feff}{json}")),
        ("application/vnd.api+json", json.to_owned()),
        ("application/x-www-form-urlencoded", FORM.to_owned()),
        ("application/x-www-form-urlencoded", json.to_owned()),
        ("multipart/form-data; boundary=limit", multipart()),
    ];
    for (index, (content_type, body)) in cases.into_iter().enumerate() {
        let made = client.post(PATH, content_type, body).await.ok();
        let url = made["redirectUrl"].as_str().unwrap_or_else(|| panic!("{content_type}: {made}"));
        let row = newest(client).await;
        assert_eq!(client.history("").await["total"], (index + 1).to_string(), "{content_type}");
        assert_eq!(row["email"], "Jörg@shop.example", "{content_type}");
        assert_eq!(row["amount"], "15.04", "{content_type}");
        assert_eq!(row["success_url"], "https://shop.example/thanks?a=1&b=2", "{content_type}");
        assert_eq!(client.page(&page_token(url)).await.status, 200);
    }
}

#[tokio::test]
async fn json_needs_no_content_type() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    let request = client.request(reqwest::Method::POST, PATH).body(simplest().to_string());
    assert_eq!(client.send(request).await.ok()["errorCode"], 0);
    wait_until("it is there", || client.history(""), |list| list["total"] != "0").await;
}
