//! Payable currencies, payment solution types and names.

use crate::harness::Sandbox;

#[tokio::test]
async fn each_list_in_full() {
    let shared = Sandbox::shared().await;
    let currencies = concat!(
        r#"{"errorCode":0,"payableCurrencies":["#,
        r#"{"value":"USDT_polygon","symbol":"USDT","network":"polygon","name":"Tether USD (Polygon)"},"#,
        r#"{"value":"USDC_polygon","symbol":"USDC","network":"polygon","name":"USD Coin (Polygon)"},"#,
        r#"{"value":"POL_polygon","symbol":"POL","network":"polygon","name":"POL (Polygon)"}]}"#
    );
    let names = r#"{"errorCode":0,"payment_solution_name":["polygon"]}"#;
    let all_names = r#"{"errorCode":0,"payment_solution_name":["sandbox_card","sandbox_upi","polygon"]}"#;
    let card_names = r#"{"errorCode":0,"payment_solution_name":["sandbox_card"]}"#;
    let upi_names = r#"{"errorCode":0,"payment_solution_name":["sandbox_upi"]}"#;
    let no_names = r#"{"errorCode":0,"payment_solution_name":[]}"#;
    let cases = [
        ("/api/payable-currencies/get/", currencies),
        ("/api/payable-currencies/get", currencies),
        ("/api/payable-currencies/get/?anything=1", currencies),
        ("/api/payment-solution-type/get/", r#"{"errorCode":0,"payment_solution_type":["CARD","UPI","CRYPTO"]}"#),
        ("/api/payment-solution-name/get/", all_names),
        ("/api/payment-solution-name/get/?payment_solution_type=CRYPTO", names),
        ("/api/payment-solution-name/get/?payment_solution_type=", all_names),
        ("/api/payment-solution-name/get/?payment_solution_type=CARD", card_names),
        ("/api/payment-solution-name/get/?payment_solution_type=UPI", upi_names),
        ("/api/payment-solution-name/get/?payment_solution_type=other", no_names),
    ];
    for (path, answer) in cases {
        assert_eq!(shared.client.get(path).await.both(), (200, answer), "{path}");
    }
}

/// What the list offers can be sold in.
#[tokio::test]
async fn what_is_listed_is_accepted() {
    let shared = Sandbox::shared().await;
    let list = shared.client.get("/api/payable-currencies/get/").await.ok();
    for currency in list["payableCurrencies"].as_array().unwrap() {
        shared.client.sell("5", currency["value"].as_str().unwrap()).await;
    }
}
