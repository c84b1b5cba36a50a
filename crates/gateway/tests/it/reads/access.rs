//! Who may call `/api/v1/`: the same keys and addresses as elsewhere, and nothing of another merchant's.

use reqwest::Method;
use serde_json::json;

use crate::harness::*;

/// Every call, with an id that is there.
fn calls(id: i64) -> Vec<(Method, String)> {
    vec![
        (Method::GET, "/api/v1/payment-links/".into()),
        (Method::POST, "/api/v1/payment-links/".into()),
        (Method::POST, format!("/api/v1/payment-links/{id}/deactivate/")),
        (Method::GET, "/api/v1/balances/".into()),
        (Method::POST, format!("/api/v1/invoices/{id}/refund/")),
        (Method::GET, format!("/api/v1/invoices/{id}/refunds/")),
        (Method::POST, format!("/api/v1/invoices/{id}/refunds/{{refund}}/mail/")),
        (Method::POST, format!("/api/v1/invoices/{id}/refunds/{{refund}}/cancel/")),
        (Method::POST, format!("/api/v1/invoices/{id}/refunds/{{refund}}/paid/")),
        (Method::POST, format!("/api/v1/invoices/{id}/callbacks/resend/")),
    ]
}

fn refusal(code: u16, message: &str) -> String {
    format!(r#"{{"errorCode":{code},"errorMessage":"{message}"}}"#)
}

/// The calls listed here are those of the program.
#[test]
fn every_call_is_in_the_list() {
    let listed: Vec<String> = calls(1).into_iter().map(|(_, path)| path.replace("/1/", "/{id}/")).collect();
    for path in gateway::api::v1::PATHS {
        assert!(path.ends_with("openapi.json") || listed.iter().any(|known| known == path), "{path}");
    }
}

#[tokio::test]
async fn keys_and_addresses() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    let unlinked = shared.sandbox.new_merchant(client, &["--wallet", WALLET]);
    let elsewhere = shared.sandbox.new_merchant(client, &["--wallet", WALLET]);
    shared.sandbox.allow(&elsewhere, "203.0.113.9");
    let no_ip = "No IP is linked to your account. Please enter them in your profile page and API block";
    for (method, path) in calls(1) {
        for path in [path.trim_end_matches('/').to_owned(), path] {
            let none = client.send(client.request_without_key(method.clone(), &path)).await;
            assert_eq!(none.both(), (200, refusal(50001, "API-KEY required").as_str()), "{method} {path}");
            let wrong = client.send(client.with_key("0d8d8e89a6cdcd").request(method.clone(), &path)).await;
            assert_eq!(wrong.both(), (200, refusal(50007, "invalid API-KEY").as_str()), "{method} {path}");
            let answer = unlinked.client.send(unlinked.client.request(method.clone(), &path)).await;
            assert_eq!(answer.both(), (200, refusal(50010, no_ip).as_str()), "{method} {path}");
            let answer = elsewhere.client.send(elsewhere.client.request(method.clone(), &path)).await;
            let wrong_ip = refusal(50006, "this API-KEY can not use this API from this IP address");
            assert_eq!(answer.both(), (200, wrong_ip.as_str()), "{method} {path}");
        }
    }
    for (method, path) in [(Method::DELETE, "/api/v1/balances/"), (Method::GET, "/api/v1/invoices/1/refund/")] {
        assert_eq!(client.send(client.request(method, path)).await.status, 405, "{path}");
    }
    let document = client.send(client.request_without_key(Method::GET, "/api/v1/openapi.json")).await.ok();
    assert_eq!(document["openapi"], "3.1.0");
}

/// An unknown id and another merchant's answer the same.
#[tokio::test]
async fn another_merchants_things() {
    let shared = Sandbox::shared().await;
    let (id, _) = shared.client.sell("5", "USDT_polygon").await;
    let link = json!({ "title": "Tea", "devise": "USD", "amount": "5" });
    let link = shared.client.post_json("/api/v1/payment-links/", &link).await.ok()["payment_link"]["id"].clone();
    let link: i64 = link.as_str().unwrap().parse().unwrap();
    let other = shared.sandbox.ready_merchant(&shared.client, &[]).client;
    for number in [id.to_string(), (id + 1_000_000).to_string(), "x".into(), "-1".into()] {
        for path in
            [format!("/api/v1/invoices/{number}/refund/"), format!("/api/v1/invoices/{number}/callbacks/resend/")]
        {
            let got = other.post_json(&path, &json!({ "amount": "1" })).await;
            assert_eq!(
                got.both(),
                (200, refusal(50011, "This invoice belongs to another merchant").as_str()),
                "{path}"
            );
        }
    }
    for number in [id.to_string(), (id + 1_000_000).to_string()] {
        let got = other.get(&format!("/api/v1/invoices/{number}/refunds/")).await;
        assert_eq!(got.both(), (200, refusal(50011, "This invoice belongs to another merchant").as_str()));
        for refund in ["ref_01J00000000000000000000000", "x"] {
            let path = format!("/api/v1/invoices/{number}/refunds/{refund}/cancel/");
            let got = other.post_json(&path, &json!({})).await;
            assert_eq!(got.both(), (200, refusal(50011, "This refund belongs to another merchant").as_str()));
        }
    }
    for number in [link.to_string(), (link + 1_000_000).to_string()] {
        let got = other.post_json(&format!("/api/v1/payment-links/{number}/deactivate/"), &json!({})).await;
        assert_eq!(got.both(), (200, refusal(50011, "This payment link belongs to another merchant").as_str()));
    }
    assert_eq!(other.get("/api/v1/payment-links/").await.ok()["payment_links"], json!([]));
    assert_eq!(other.get("/api/v1/balances/").await.ok()["balances"], json!([]));
}
