//! The merchant's own data comes back as text, in infos and in callbacks.

use serde_json::{Value, json};

use super::{refused, with};
use crate::harness::{Sandbox, json as read};

#[tokio::test]
async fn it_is_echoed_as_text() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    let longest = "x".repeat(4096);
    let cases: &[(&str, Value)] = &[
        (
            r#"{ "txId" : "qktr12eqzg", "n" : 1.50,  "a": [ 1, 2 ] }"#,
            json!(r#"{"txId":"qktr12eqzg","n":1.50,"a":[1,2]}"#),
        ),
        (r#""{ \"txId\" : 1 }""#, json!("{ \"txId\" : 1 }")),
        (r#""{txId : qktr12eqzg, status : sfrt}""#, json!("{txId : qktr12eqzg, status : sfrt}")),
        (r#""ünï / \" \\ </script> 😀""#, json!("ünï / \" \\ </script> 😀")),
        ("[true, null]", json!("[true,null]")),
        ("12345678901234567890.10", json!("12345678901234567890.10")),
        ("null", Value::Null),
        (r#""""#, Value::Null),
        (&format!("\"{longest}\""), json!(longest)),
    ];
    for (sent, echoed) in cases {
        let body = format!(
            r#"{{"email":"a@b.example","amount":"1","devise":"USD","payableCurrencies":"USDT_polygon","callbackJson":{sent}}}"#
        );
        let made = client.post("/api/btn-create-invoice/get/", "application/json", body).await.ok();
        let id = made["ID"].as_i64().unwrap_or_else(|| panic!("{sent}: {made}"));
        assert_eq!(client.infos(id).await["callbackJson"], *echoed, "{sent}");
        for callback in client.callbacks_of(id, 2).await {
            let body = callback["raw_body"].as_str().unwrap();
            assert_eq!(read(body)["callbackJson"], *echoed, "{body}");
            assert!(body.is_ascii(), "{body}");
        }
    }
}

#[tokio::test]
async fn more_than_four_kibibytes_are_refused() {
    let shared = Sandbox::shared().await;
    let invalid = refused(50014, "invalid callbackJson");
    for value in
        [json!("x".repeat(5 * 1024)), json!({ "data": "x".repeat(5 * 1024) }), json!("x".repeat(4097)), json!("a\0")]
    {
        let answer = shared.client.create(&with("callbackJson", value)).await;
        assert_eq!(answer.both(), (200, invalid.as_str()));
    }
    // blanks between tokens are not kept, and so do not count
    let blanks = format!(r#"{{"a":{}1}}"#, " ".repeat(5 * 1024));
    let body = format!(r#"{{"email":"a@b.example","amount":"1","devise":"USD","callbackJson":{blanks}}}"#);
    let answer = shared.client.post("/api/btn-create-invoice/get/", "application/json", body).await;
    assert_eq!(answer.ok()["errorCode"], 0);
}
