//! Every code and message, in the contract's order.

use serde_json::json;

use super::*;

fn refusal(code: u16, message: &str) -> String {
    format!(r#"{{"errorCode":{code},"errorMessage":"{message}","success":false}}"#)
}

#[tokio::test]
async fn each_code_in_order() {
    let Shared { sandbox, client } = Sandbox::shared().await;
    for path in [ADD, SEND] {
        let without = client.request_without_key(reqwest::Method::POST, path).body("{}");
        assert_eq!(client.send(without).await.body, refusal(50001, "API-KEY required"));
        let wrong = client.with_key("nobody").post_json(path, &json!({})).await;
        assert_eq!(wrong.body, refusal(50007, "invalid API-KEY"));
    }
    let another = sandbox.new_merchant(&client, &[]);
    let no_ip = "No IP is linked to your account. Please enter them in your profile page and API block";
    assert_eq!(another.client.post_json(ADD, &json!({})).await.body, refusal(50010, no_ip));
    sandbox.allow(&another, "192.0.2.1");
    let elsewhere = refusal(50006, "this API-KEY can not use this API from this IP address");
    assert_eq!(another.client.post_json(SEND, &json!({})).await.body, elsewhere);
    for (path, names) in [
        (ADD, &["amount", "blockchain", "crypto", "tx_hash"][..]),
        (SEND, &["amount", "currency", "firstname", "lastname", "card_number", "expiry"][..]),
    ] {
        let whole = if path == ADD { fund("1", 1) } else { payment("1", APPROVED) };
        let mut body = json!({});
        for name in names {
            assert_eq!(client.post_json(path, &body).await.body, refusal(50002, &format!("{name} required")));
            body[name] = whole[name].clone();
        }
        for name in names {
            let mut wrong = whole.clone();
            wrong[name] = json!([]);
            assert_eq!(client.post_json(path, &wrong).await.body, refusal(50009, &format!("invalid {name}")), "{name}");
        }
    }
    for path in ["/api/payout/funds/get-detail", "/api/payout/payment/get-detail"] {
        let what = if path.contains("funds") { "fund" } else { "payment" };
        assert_eq!(client.get(path).await.body, refusal(50002, "id required"));
        for id in ["999999", "x", "-1"] {
            let answer = client.get(&format!("{path}?id={id}")).await.body;
            assert_eq!(answer, refusal(50011, &format!("This {what} belongs to another merchant")));
        }
    }
    assert_eq!(client.post_json(SEND, &payment("9999", APPROVED)).await.body, refusal(50014, "Insufficient funds"));
    // above what the merchant may pay out at once
    assert_eq!(client.post_json(SEND, &payment("10000.01", APPROVED)).await.body, refusal(50009, "invalid amount"));
    let (polygon, other) = (fund("1", 9), "ethereum");
    let mut unknown = polygon.clone();
    unknown["blockchain"] = other.into();
    assert_eq!(client.post_json(ADD, &unknown).await.body, refusal(50009, "invalid blockchain"), "not configured here");
}
