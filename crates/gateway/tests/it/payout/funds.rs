//! Funds: credited when the chain says so, failed with the reason otherwise.

use serde_json::json;

use super::*;

#[tokio::test]
async fn credited_to_the_letter() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    came(&sandbox, 0xabc, 0, "USDC_polygon", 600_000_000, Finality::Final).await;
    came(&sandbox, 0xabc, 1, "USDC_polygon", 400_500_000, Finality::Seen).await;
    let mut asked = fund("1000.5", 0xabc);
    asked["tx_hash"] = hash(0xabc).to_uppercase().replace("0X", "0x").into();
    asked["merchant_data"] = "mine".into();
    assert_eq!(client.post_json(ADD, &asked).await.body, r#"{"fund_id":1,"errorCode":0,"success":true}"#);
    // another spelling, another slash: the same transaction
    let used = json!({ "errorCode": 50013, "errorMessage": "tx_hash already used", "success": false });
    assert_eq!(client.post_json(&format!("{ADD}/"), &fund("1000.5", 0xabc)).await.ok(), used);
    assert_eq!(detail(client, "funds", 1).await["status"], "fund:pending");
    // both parts of it are final
    client.mine(500).await;
    let row = becomes(client, "funds", 1, "fund:success").await;
    let expected = json!({ "id": "1", "create_date": row["create_date"], "blockchain": "Polygon", "amount": "1,000.5 usdc",
        "status": "fund:success", "balance": "920.46 EUR", "merchant_data": "mine", "crypto": "USDC",
        "tx_hash": hash(0xabc), "failed_reason": null });
    assert_eq!(row, expected);
    let bodies = told(&sandbox, "fund:", 1, &["fund:created", "fund:pending", "fund:success"]).await;
    assert_eq!(
        bodies[2],
        json!({ "status": "fund:success", "id": 1, "devise": "USDC", "amount": 1000.5,
        "description": "The fund has been credited", "merchant_data": "mine", "failed_reason": null })
    );
    sandbox.audit();
}

#[tokio::test]
async fn failed_with_the_reason() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    // another amount, another coin, an amount that is right in sum with another coin beside it
    came(&sandbox, 1, 0, "USDC_polygon", 999_000_000, Finality::Final).await;
    came(&sandbox, 2, 0, "USDT_polygon", 1_000_000_000, Finality::Final).await;
    for (n, why) in
        [(1, "The transaction brought 999 usdc, not 1,000 usdc"), (2, "The transaction brought USDT, not USDC")]
    {
        let id = client.post_json(ADD, &fund("1000", n)).await.ok()["fund_id"].as_i64().unwrap();
        let row = becomes(client, "funds", id, "fund:failed").await;
        assert_eq!((&row["failed_reason"], &row["balance"]), (&json!(why), &json!("0 EUR")));
        let bodies = told(&sandbox, "fund:", id, &["fund:created", "fund:pending", "fund:failed"]).await;
        assert_eq!(bodies[2]["failed_reason"], why);
        // a failed fund holds no transaction back
        let again = client.post_json(ADD, &fund("999", n)).await.ok();
        assert_eq!(again["success"], true, "{again}");
    }
    // never seen: pending until the deadline
    let id = client.post_json(ADD, &fund("5", 77)).await.ok()["fund_id"].as_i64().unwrap();
    client.advance(86_300).await;
    assert_eq!(detail(client, "funds", id).await["status"], "fund:pending");
    client.advance(200).await;
    let row = becomes(client, "funds", id, "fund:failed").await;
    assert_eq!(row["failed_reason"], "No such transaction to our wallet became final on Polygon within 24 hours");
    sandbox.audit();
}

#[tokio::test]
async fn histories_page_and_filter() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    for n in 1..=53 {
        client.post_json(ADD, &fund("5", 1_000 + n)).await.ok();
    }
    credited(&sandbox, 1_000, 1).await;
    let page = |query: String| async move { client.get(&format!("/api/payout/funds/get-history{query}")).await.ok() };
    let first = page(String::new()).await;
    assert_eq!((first["list"].as_array().unwrap().len(), &first["total"]), (50, &json!("54")));
    assert_eq!((&first["status"], &first["list"][0]["id"]), (&json!("ALL"), &json!("1")));
    let last = page("/?page=2&order=DESC".into()).await;
    assert_eq!((last["list"].as_array().unwrap().len(), &last["list"][3]["id"]), (4, &json!("1")));
    for status in ["fund:success", "SUCCESS"] {
        let only = page(format!("?status={status}")).await;
        assert_eq!((&only["total"], &only["list"][0]["balance"]), (&json!("1"), &json!("920 EUR")));
    }
    assert_eq!(
        page("?order=asc".into()).await,
        json!({ "errorCode": 50012,
        "errorMessage": "Invalid order. order must be ASC or DESC", "success": false })
    );
    // a body on GET, and the query string that wins over it
    let body = json!({ "status": "fund:pending", "page": 2 }).to_string();
    let request = client.request(reqwest::Method::GET, "/api/payout/funds/get-history?page=1");
    let answer = client.send(request.header("Content-Type", "application/json").body(body)).await.ok();
    assert_eq!((&answer["status"], &answer["page"], &answer["total"]), (&json!("PENDING"), &json!(1), &json!("53")));
    sandbox.audit();
}
