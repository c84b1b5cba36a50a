//! `payment_solution_type` and `payment_solution_name`: the two lists, what naming one does, and the on-ramp.

use serde_json::{Value, json};

use crate::harness::*;

fn sale(more: &Value) -> Value {
    let mut sale = json!({ "email": "a@b.example", "amount": "15.04", "devise": "USD" });
    for (name, value) in more.as_object().unwrap() {
        sale[name] = value.clone();
    }
    sale
}

async fn list(client: &Client, query: &str) -> String {
    let answer = client.get(&format!("/api/payment-solution-{query}")).await.ok();
    assert_eq!(answer["errorCode"], 0);
    answer.get("payment_solution_type").or(answer.get("payment_solution_name")).unwrap().to_string()
}

#[tokio::test]
async fn only_what_is_enabled_is_listed() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    for (query, expected) in [
        ("type/get/", r#"["CARD","UPI","CRYPTO"]"#),
        ("name/get/", r#"["sandbox_card","sandbox_upi","polygon"]"#),
        ("name/get/?payment_solution_type=CARD", r#"["sandbox_card"]"#),
        ("name/get/?payment_solution_type=UPI", r#"["sandbox_upi"]"#),
        ("name/get/?payment_solution_type=CRYPTO", r#"["polygon"]"#),
        ("name/get/?payment_solution_type=card", "[]"),
    ] {
        assert_eq!(list(client, query).await, expected, "{query}");
    }
    let other = sandbox.ready_merchant(client, &[]).client;
    assert_eq!(list(&other, "type/get/").await, r#"["CRYPTO"]"#, "each merchant has his own routes");
    sandbox.said(&["provider", "route", "1", "card"]);
    assert_eq!(list(client, "type/get/").await, r#"["UPI","CRYPTO"]"#);
    assert_eq!(list(client, "name/get/?payment_solution_type=CARD").await, "[]");
}

/// The page's state, and whether it has a button for card, for UPI and for coins.
async fn offered(client: &Client, more: Value) -> (String, [bool; 3]) {
    let (_, token) = client.hosted(&sale(&more)).await;
    let page = client.page(&token).await;
    let has = |button: &str| page.body.contains(button);
    (shown(&page).to_owned(), [has("value=\"card\""), has("value=\"upi\""), has("value=\"select\"")])
}

#[tokio::test]
async fn naming_one_takes_the_others_away() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let all = ("choose", [true, true, true]);
    for (more, expected) in [
        (json!({}), all),
        (json!({ "payment_solution_type": "CARD" }), ("card", [false, false, false])),
        (json!({ "payment_solution_type": "CARD", "devise": "EUR" }), ("card", [false, false, false])),
        (json!({ "payment_solution_type": "UPI" }), ("upi", [false, false, false])),
        (json!({ "payment_solution_type": "CRYPTO" }), ("choose", [false, false, true])),
        (
            json!({ "payment_solution_type": "CRYPTO", "payment_solution_name": "polygon" }),
            ("choose", [false, false, true]),
        ),
        (
            json!({ "payment_solution_type": "CARD", "payment_solution_name": "sandbox_card" }),
            ("card", [false, false, false]),
        ),
        (json!({ "payment_solution_name": "polygon" }), ("choose", [false, false, true])),
        (json!({ "devise": "EUR" }), ("choose", [true, true, false])),
        // unknown or not allowed is ignored: the documents have no code for it
        (json!({ "payment_solution_type": "card" }), all),
        (json!({ "payment_solution_type": "PAYPAL" }), all),
        (json!({ "payment_solution_type": 7, "payment_solution_name": ["x"] }), all),
        (json!({ "payment_solution_name": "stripe" }), all),
        (json!({ "payment_solution_type": null, "payment_solution_name": null }), all),
    ] {
        let (state, buttons) = offered(client, more.clone()).await;
        assert_eq!((state.as_str(), buttons), expected, "{more}");
    }
    // one of the card's three forgotten is a mistake to be told
    for (more, code, said) in [
        (json!({ "payment_solution_type": "CARD", "card_ccv": "000" }), 50013, "name required"),
        (json!({ "payment_solution_type": "UPI", "devise": "EUR" }), 50009, "invalid devise"),
        (json!({ "payment_solution_type": "CRYPTO", "devise": "INR" }), 50009, "invalid devise"),
    ] {
        let answer = client.create(&sale(&more)).await.ok();
        assert_eq!((&answer["errorCode"], &answer["errorMessage"]), (&json!(code), &json!(said)), "{more}");
    }
    let mut direct = card_sale(APPROVED);
    direct["payment_solution_type"] = "CARD".into();
    assert_eq!(client.create(&direct).await.ok()["status"], RECEIVED);
    // a card in a request for UPI is not looked at
    direct["payment_solution_type"] = "UPI".into();
    let made = client.create(&direct).await.ok();
    assert_eq!((made.get("status"), made["html"].is_string()), (None, true), "{made}");
}

#[tokio::test]
async fn the_on_ramp() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let whole = json!({
        "checkoutMode": "onramp", "name": "John Smith", "phone": "+19896532145", "customer_ip": "127.0.0.1",
    });
    for name in ["name", "phone", "customer_ip"] {
        let mut lacking = whole.clone();
        lacking[name] = Value::Null;
        let answer = client.create(&sale(&lacking)).await.ok();
        assert_eq!(
            (&answer["errorCode"], &answer["errorMessage"]),
            (&json!(50013), &json!(format!("{name} required")))
        );
    }
    let mut wrong = whole.clone();
    wrong["customer_ip"] = "999.1.1.1".into();
    assert_eq!(client.create(&sale(&wrong)).await.ok()["errorCode"], 50014);
    let mut euros = whole.clone();
    euros["devise"] = "EUR".into();
    assert_eq!(client.create(&sale(&euros)).await.ok()["errorCode"], 50009);
    let made = client.create(&sale(&whole)).await.ok();
    let keys: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["errorCode", "redirectUrl", "html"]);
    let (id, token) = client.hosted(&sale(&whole)).await;
    assert_eq!(shown(&client.pay_on_page(&token, APPROVED).await), "received");
    let told = assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    assert_eq!(told[2]["totalCurrency"], "USDC");
    sandbox.audit();
}
