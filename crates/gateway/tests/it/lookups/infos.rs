//! Status and infos: which values are strings, which are numbers.

use serde_json::json;

use crate::harness::{Pay, Sandbox};

const STATUS: &str = "/api/invoice/status/";
const INFOS: &str = "/api/client-invoice-info/get/";

fn sale() -> serde_json::Value {
    json!({
        "email": "customer@shop.example", "amount": "15.40", "devise": "USD", "payableCurrencies": "USDC_polygon",
        "callbackJson": { "order": 7 },
    })
}

#[tokio::test]
async fn every_byte_of_both_answers() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    let id = client.create(&sale()).await.ok()["ID"].as_i64().unwrap();
    let status = client.get(&format!("{STATUS}?id={id}")).await;
    let expected = |status: &str| {
        format!(r#"{{"errorCode":0,"invoice":{{"id":"{id}","devise":"USD","amount":"15.4","status":"{status}"}}}}"#)
    };
    assert_eq!(status.both(), (200, expected("invoice:opened").as_str()));

    let infos = client.get(&format!("{INFOS}?id={id}")).await;
    let datetime = infos.json()["data"]["datetime"].as_str().unwrap().to_owned();
    assert_eq!(datetime.len(), "2023-04-12 19:09:48".len());
    let head = format!(r#"{{"errorCode":0,"merchant_id":"1","invoice_id":"{id}","data":{{"#);
    let unpaid = format!(
        r#"{head}"status":"invoice:opened","id":{id},"devise":"USD","amount":15.4,"description":"The customer has opened the payment page","callbackJson":"{{\"order\":7}}","fiat_amount":null,"fiat_currency":null,"totalAmount":null,"totalCurrency":null,"datetime":"{datetime}"}}}}"#
    );
    assert_eq!(infos.both(), (200, unpaid.as_str()));

    client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(id, "invoice:paid").await;
    let status = client.get(&format!("{STATUS}?id={id}")).await;
    assert_eq!(status.both(), (200, expected("invoice:paid").as_str()));
    let infos = client.get(&format!("{INFOS}?id={id}")).await;
    let datetime = infos.json()["data"]["datetime"].as_str().unwrap().to_owned();
    let paid = format!(
        r#"{head}"status":"invoice:paid","id":{id},"devise":"USD","amount":15.4,"description":"Payment of the invoice has been made successfully","callbackJson":"{{\"order\":7}}","fiat_amount":15.4,"fiat_currency":"USD","totalAmount":15.246,"totalCurrency":"USDC","datetime":"{datetime}"}}}}"#
    );
    assert_eq!(infos.both(), (200, paid.as_str()));
}

#[tokio::test]
async fn every_way_to_name_an_invoice() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    let (id, _) = client.sell("3", "USDT_polygon").await;
    for path in [STATUS, INFOS] {
        let expected = client.get(&format!("{path}?id={id}")).await;
        assert_eq!(expected.ok()["errorCode"], 0);
        let bare = path.trim_end_matches('/');
        let form = "application/x-www-form-urlencoded";
        let answers = [
            client.get(&format!("{bare}?id={id}")).await,
            client.get(&format!("{path}?id=+{id}%20&id={id}&more=1")).await,
            client.post_json(path, &json!({ "id": id })).await,
            client.post_json(bare, &json!({ "id": id.to_string(), "more": [] })).await,
            client.post(path, form, format!("id={id}")).await,
            client.send(client.request(reqwest::Method::POST, &format!("{path}?id={id}"))).await,
        ];
        for (index, answer) in answers.iter().enumerate() {
            assert_eq!(answer.both(), expected.both(), "{path} {index}");
        }
    }
}

#[tokio::test]
async fn bad_ids() {
    const REQUIRED: &str = r#"{"errorCode":50002,"errorMessage":"id required"}"#;
    const FOREIGN: &str = r#"{"errorCode":50011,"errorMessage":"This invoice belongs to another merchant"}"#;
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    for path in [STATUS, INFOS] {
        for (query, answer) in [
            ("", REQUIRED),
            ("?id=", REQUIRED),
            ("?id=%20", REQUIRED),
            ("?ID=1", REQUIRED),
            ("?id=0", FOREIGN),
            ("?id=-1", FOREIGN),
            ("?id=%2B1", FOREIGN),
            ("?id=1.0", FOREIGN),
            ("?id=1e0", FOREIGN),
            ("?id=0x1", FOREIGN),
            ("?id=one", FOREIGN),
            ("?id=1%20OR%201=1", FOREIGN),
            ("?id=9223372036854775808", FOREIGN),
            ("?id=99999999999999999999999999", FOREIGN),
        ] {
            assert_eq!(client.get(&format!("{path}{query}")).await.both(), (200, answer), "{path}{query}");
        }
        for (body, answer) in [
            (json!({}), REQUIRED),
            (json!({ "id": null }), REQUIRED),
            (json!({ "id": "" }), REQUIRED),
            (json!({ "id": true }), REQUIRED),
            (json!({ "id": [1] }), REQUIRED),
            (json!({ "id": 1.5 }), FOREIGN),
        ] {
            assert_eq!(client.post_json(path, &body).await.both(), (200, answer), "{path} {body}");
        }
        assert_eq!(client.get(&format!("{path}?id=%ff")).await.status, 400);
        assert_eq!(client.post(path, "application/json", "{").await.status, 400);
    }
}
