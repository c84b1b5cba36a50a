//! Payment links: made by API, used by a payer's browser without a key.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

async fn made(client: &Client, parameters: &Value) -> Value {
    let answer = client.post_json("/api/v1/payment-links/", parameters).await.ok();
    assert_eq!(answer["errorCode"], 0, "{answer}");
    answer["payment_link"].clone()
}

async fn fill_in(client: &Client, url: &str, amount: &str, email: &str) -> Answer {
    let path = url.strip_prefix(&client.base).unwrap();
    let body = format!("lang=en&amount={}&email={}", percent_encoded(amount), percent_encoded(email));
    let request = client.request_without_key(Method::POST, path);
    client.send(request.header("Content-Type", "application/x-www-form-urlencoded").body(body)).await
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value}"))
}

async fn shown_after(client: &Client, link: &Value) -> Value {
    let all = client.get("/api/v1/payment-links/").await.ok()["payment_links"].clone();
    all.as_array().unwrap().iter().find(|row| row["id"] == link["id"]).unwrap().clone()
}

/// One payment: the form, its invoice from wherever one comes, and then nothing more to pay.
#[tokio::test]
async fn a_link_for_one_payment() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let link = made(client, &json!({ "title": "<b>Tea</b>", "devise": "USD", "amount": "15.04" })).await;
    let url = text(&link, "url").to_owned();
    let page = client.visit(&url).await;
    assert_eq!((page.status, shown(&page)), (200, "link-enter"));
    assert!(page.body.contains("15.04 USD") && !page.body.contains("<b>Tea"), "{}", page.body);
    let refused = fill_in(client, &url, "", "nobody").await;
    assert_eq!((refused.status, shown(&refused)), (422, "link-enter"));
    assert!(refused.body.contains("This is not an e-mail address."));
    assert_eq!(shown_after(client, &link).await["invoices"], 0, "looking and mistyping make nothing");

    let sent = fill_in(client, &url, "1", "payer@example.com").await;
    let invoice_page = client.follow(&sent).await;
    assert_eq!(invoice_page.status, 200);
    let row = shown_after(client, &link).await;
    assert_eq!(row["invoices"], 1);
    let id: i64 = text(&row, "last_invoice").parse().unwrap();
    assert_eq!(client.row(id).await["amount"], "15.04", "what the payer types changes no fixed amount");
    let again = client.visit(&url).await;
    assert_eq!(again.status, 303, "to the invoice that was begun");
    assert_eq!(fill_in(client, &url, "", "other@example.com").await.status, 303);
    assert_eq!(shown_after(client, &link).await["invoices"], 1);

    client.pay(id, Pay { outcome: "paid", currency: Some("USDT_polygon"), ..Pay::default() }).await;
    client.status_becomes(id, PAID).await;
    let over = client.visit(&url).await;
    assert_eq!((over.status, shown(&over)), (410, "link-paid"));
    sandbox.audit();
}

/// Within the link's own bounds and the merchant's limits; again and again; until it is switched off.
#[tokio::test]
async fn an_open_amount_again_and_again() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    let open = json!({ "title": "Donation", "devise": "USD", "min_amount": "5", "max_amount": "20", "reusable": true });
    let link = made(client, &open).await;
    let url = text(&link, "url").to_owned();
    for (amount, says) in [
        ("", "Enter an amount like"),
        ("1e1", "Enter an amount like"),
        ("5.001", "Enter an amount like"),
        ("-5", "Enter an amount like"),
        ("1,000", "Enter an amount like"),
        ("4.99", "This is less than can be paid here."),
        ("20.01", "This is more than can be paid here."),
    ] {
        let refused = fill_in(client, &url, amount, "payer@example.com").await;
        assert!(refused.status == 422 && refused.body.contains(says), "{amount}: {}", refused.body);
    }
    for amount in ["5", "7,50", "20.00"] {
        assert_eq!(fill_in(client, &url, amount, "payer@example.com").await.status, 303, "{amount}");
    }
    assert_eq!(shown_after(client, &link).await["invoices"], 3);
    let off = client.post_json(&format!("/api/v1/payment-links/{}/deactivate/", text(&link, "id")), &json!({})).await;
    assert_eq!(off.ok()["payment_link"]["active"], false);
    let page = client.visit(&url).await;
    assert_eq!((page.status, shown(&page)), (410, "link-off"));
    assert_eq!(fill_in(client, &url, "5", "payer@example.com").await.status, 303, "to the page that says so");
    assert_eq!(shown_after(client, &link).await["invoices"], 3);
}

/// A repeat under one key makes one link; made-up addresses lead nowhere, nor does an invoice's own token.
#[tokio::test]
async fn once_under_a_key_and_nowhere_else() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    let create = async |title: &str| {
        let body = json!({ "title": title, "devise": "USD", "amount": "5" }).to_string();
        let request = client.request(Method::POST, "/api/v1/payment-links/").header("Idempotency-Key", "link once");
        client.send(request.header("Content-Type", "application/json").body(body)).await.ok()
    };
    let first = create("Tea").await;
    assert_eq!(create("Tea").await, first);
    assert_eq!(create("Coffee").await["errorCode"], 50016);
    let (_, token) = client.sell("5", "USDT_polygon").await;
    let token = token.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let good = text(&first["payment_link"], "url").to_owned();
    let last = good.rsplit('/').next().unwrap().to_owned();
    let other_end = if last.starts_with('A') { "B" } else { "A" };
    for path in [format!("/pay/{token}"), format!("/pay/{other_end}{}", &last[1..]), "/pay/x".into()] {
        assert_eq!(client.visit(&path).await.status, 404, "{path}");
    }
    for (parameters, code) in [
        (json!({ "devise": "USD" }), 50013),
        (json!({ "title": "T" }), 50004),
        (json!({ "title": "T", "devise": "XXX" }), 50009),
        (json!({ "title": "T", "devise": "USD", "amount": "0" }), 50014),
    ] {
        assert_eq!(client.post_json("/api/v1/payment-links/", &parameters).await.ok()["errorCode"], code);
    }
}
