//! History: filters, order, pages, and the form of a row.

use serde_json::{Value, json};

use crate::harness::{Client, Pay, Sandbox, wait_until};

const DAY: u64 = 86_400;

fn ids(list: &Value) -> Vec<i64> {
    let id = |row: &Value| row["id"].as_str().unwrap().parse().unwrap();
    list["list"].as_array().unwrap().iter().map(id).collect()
}

async fn listed(client: &Client, query: &str) -> Vec<i64> {
    let list = client.history(query).await;
    let ids = ids(&list);
    assert_eq!(list["total"], ids.len().to_string(), "{query}: the total is a string, and all of them");
    ids
}

/// The day on which the invoice was made.
async fn day(client: &Client, id: i64) -> String {
    client.row(id).await["create_date"].as_str().unwrap()[..10].to_owned()
}

#[tokio::test]
async fn filters_by_status_and_day() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (paid, _) = client.sell("1", "USDT_polygon").await;
    client.pay(paid, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(paid, "invoice:paid").await;
    let (old, _) = client.sell("2", "USDT_polygon").await;
    client.advance(DAY).await;
    let (failed, token) = client.sell("3", "USDT_polygon").await;
    client.press(&token, "cancel", "").await;
    client.advance(14 * DAY).await;
    client.status_becomes(old, "invoice:expired").await;
    let (opened, _) = client.sell("4", "USDT_polygon").await;
    let plain = json!({ "email": "a@b.example", "amount": "5", "devise": "USD" });
    client.create(&plain).await.ok();
    let created = opened + 1;

    let all = vec![paid, old, failed, opened, created];
    let reversed: Vec<i64> = all.iter().rev().copied().collect();
    let (first, second, last) = (day(client, paid).await, day(client, failed).await, day(client, opened).await);
    let cases = [
        (String::new(), all.clone()),
        ("status=ALL".into(), all.clone()),
        ("status=PAID".into(), vec![paid]),
        ("status=UNPAID".into(), vec![old, failed, opened, created]),
        ("status=WAITING".into(), vec![]),
        ("status=EXPIRED".into(), vec![old]),
        ("status=paid".into(), all.clone()),
        ("status=nonsense".into(), all.clone()),
        ("status=UNPAID&order=DESC".into(), vec![created, opened, failed, old]),
        ("order=ASC".into(), all.clone()),
        ("order=DESC".into(), reversed),
        (format!("from={first}&to={first}"), vec![paid, old]),
        (format!("to={first}"), vec![paid, old]),
        (format!("from={second}"), vec![failed, opened, created]),
        (format!("from={second}&to={second}"), vec![failed]),
        (format!("from={second}&to={last}&status=UNPAID"), vec![failed, opened, created]),
        (format!("from={last}&to={first}"), vec![]),
        ("to=2001-01-01".into(), vec![]),
        ("from=2999-01-01".into(), vec![]),
        ("from=01/02/2026&to=yesterday".into(), all.clone()),
        ("from=2026-02-30&to=2026-13-01".into(), all.clone()),
        ("page=0".into(), all.clone()),
        ("page=-1".into(), all.clone()),
        ("page=x".into(), all.clone()),
        ("unknown=1".into(), all.clone()),
    ];
    for (query, expected) in cases {
        assert_eq!(listed(client, &query).await, expected, "{query}");
    }
    let beyond = client.history("page=2").await;
    assert_eq!((&beyond["list"], &beyond["total"], &beyond["page"]), (&json!([]), &json!("5"), &json!(2)));
    sandbox.audit();
}

#[tokio::test]
async fn the_query_is_echoed_as_it_was_understood() {
    let shared = Sandbox::shared().await;
    let client = shared.sandbox.ready_merchant(&shared.client, &[]).client;
    let cases = [
        ("", r#"{"errorCode":0,"status":"ALL","from":null,"to":null,"page":1,"order":"ASC","list":[],"total":"0"}"#),
        (
            "status=PAID&from=2023-06-01&to=2023-06-19&page=2&order=DESC",
            r#"{"errorCode":0,"status":"PAID","from":"2023-06-01","to":"2023-06-19","page":2,"order":"DESC","list":[],"total":"0"}"#,
        ),
        (
            "status=open&from=June&to=19.06.2023&page=two&order=",
            r#"{"errorCode":0,"status":"ALL","from":null,"to":null,"page":1,"order":"ASC","list":[],"total":"0"}"#,
        ),
        (
            "page=4294967295",
            r#"{"errorCode":0,"status":"ALL","from":null,"to":null,"page":4294967295,"order":"ASC","list":[],"total":"0"}"#,
        ),
    ];
    let bad_order = r#"{"errorCode":50012,"errorMessage":"Invalid order. order must be ASC or DESC"}"#;
    for path in ["/api/client-invoice-history/get/", "/api/client-invoice-history/get", "/api/invoice/history/"] {
        for (query, answer) in cases {
            assert_eq!(client.get(&format!("{path}?{query}")).await.both(), (200, answer), "{path} {query}");
            let form = "application/x-www-form-urlencoded";
            assert_eq!(client.post(path, form, query).await.both(), (200, answer), "POST {path} {query}");
        }
        for order in ["asc", "Desc", "UP", "ASC;"] {
            assert_eq!(client.get(&format!("{path}?order={order}")).await.both(), (200, bad_order), "{path} {order}");
        }
        assert_eq!(client.post_json(path, &json!({ "order": ["ASC"] })).await.both(), (200, bad_order));
        let echoed = client.post_json(path, &json!({ "status": "WAITING", "page": 3 })).await.ok();
        assert_eq!((&echoed["status"], &echoed["page"]), (&json!("WAITING"), &json!(3)));
    }
}

#[tokio::test]
async fn pages_of_fifty() {
    let shared = Sandbox::shared().await;
    let client = shared.sandbox.ready_merchant(&shared.client, &[]).client;
    let plain = json!({ "email": "a@b.example", "amount": "5", "devise": "USD" });
    futures_util::future::join_all((0..117).map(|_| client.create(&plain))).await;
    wait_until("all are there", || client.history(""), |list| list["total"] == "117").await;
    let mut seen = Vec::new();
    for (page, rows) in [(1, 50), (2, 50), (3, 17), (4, 0)] {
        let list = client.history(&format!("page={page}")).await;
        assert_eq!((ids(&list).len(), &list["total"], &list["page"]), (rows, &json!("117"), &json!(page)));
        seen.extend(ids(&list));
    }
    assert!(seen.is_sorted_by(|one, next| one < next), "{seen:?}");
    let mut newest_first = Vec::new();
    for page in 1..=3 {
        newest_first.extend(ids(&client.history(&format!("order=DESC&page={page}")).await));
    }
    newest_first.reverse();
    assert_eq!(newest_first, seen);
}

#[tokio::test]
async fn every_value_of_a_row() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let order = json!({
        "email": "customer@shop.example", "amount": "1", "devise": "USD", "payableCurrencies": "USDC_polygon",
        "customer_ip": "102.117.124.254", "country": "ae", "success_url": "https://shop.example/ok",
        "pending_url": null, "cancel_url": "https://shop.example/cancel",
    });
    let id = client.create(&order).await.ok()["ID"].as_i64().unwrap();
    let unpaid = client.row(id).await;
    for empty in ["tx_hash", "exchange_currency_symbol", "paid_amount", "merchant_amount", "fee_amount", "pending_url"]
    {
        assert_eq!(unpaid[empty], Value::Null, "{empty}");
    }
    client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(id, "invoice:paid").await;
    let text = client.get("/api/invoice/history/").await.body;
    let row = client.row(id).await;
    let (created, changed) = (row["create_date"].as_str().unwrap(), row["status_date"].as_str().unwrap());
    let tx_hash = row["tx_hash"].as_str().unwrap();
    assert!(tx_hash.len() == 66 && tx_hash.starts_with("0x"), "{tx_hash}");
    let expected = format!(
        r#""list":[{{"id":"{id}","email":"customer@shop.example","status":"PAID","amount":"1.00","symbol":"USD","create_date":"{created}","status_date":"{changed}","tx_hash":"{tx_hash}","exchange_currency_symbol":"USDC","paid_amount":"1.00","merchant_amount":"0.990","fee_amount":"0.010","ip":"102.117.124.254","country":"United Arab Emirates","success_url":"https://shop.example/ok","pending_url":null,"cancel_url":"https://shop.example/cancel"}}],"total":"1"}}"#
    );
    assert!(text.ends_with(&expected), "{text}");
}
