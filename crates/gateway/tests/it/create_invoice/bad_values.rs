//! One parameter at a time: what it may not be, and what it may.

use serde_json::{Value, json};

use super::{refused, simplest, with};
use crate::harness::Sandbox;

const ACCEPTED: (u16, &str) = (0, "");

async fn assert_all(cases: &[(&str, Value, (u16, &str))]) {
    let shared = Sandbox::shared().await;
    for (name, value, (code, message)) in cases {
        let got = shared.client.create(&with(name, value.clone())).await;
        if *code == 0 {
            assert_eq!(got.ok()["errorCode"], 0, "{name} {value}: {got:?}");
        } else {
            assert_eq!(got.both(), (200, refused(*code, message).as_str()), "{name} {value}");
        }
    }
}

#[tokio::test]
async fn values_of_another_type() {
    let expected: &[(&str, (u16, &str))] = &[
        ("email", (50005, "invalid email address")),
        ("amount", (50003, "amount required")),
        ("devise", (50009, "invalid devise")),
        ("name", (50014, "invalid name")),
        ("phone", (50014, "invalid phone")),
        ("customer_ip", (50014, "invalid customer_ip")),
        ("country", (50014, "invalid country")),
        ("success_url", (50014, "invalid success_url")),
        ("cancel_url", (50014, "invalid cancel_url")),
        ("pending_url", (50014, "invalid pending_url")),
        ("failure_url", (50014, "invalid failure_url")),
        ("payableCurrencies", (50014, "invalid payableCurrencies")),
        ("card_number", (50013, "name required")),
        ("callbackJson", ACCEPTED),
        ("payment_solution_type", ACCEPTED),
        ("payment_solution_name", ACCEPTED),
        ("checkoutMode", ACCEPTED),
        ("unknown", ACCEPTED),
        ("__proto__", ACCEPTED),
    ];
    let others = [json!(true), json!(false), json!([]), json!(["USD"]), json!({}), json!({ "a": 1 })];
    let cases: Vec<_> =
        expected.iter().flat_map(|(name, answer)| others.iter().map(|value| (*name, value.clone(), *answer))).collect();
    assert_all(&cases).await;
}

#[tokio::test]
async fn amounts() {
    const UNREADABLE: (u16, &str) = (50003, "amount required");
    const BELOW: (u16, &str) = (50012, "Your amount is BELOW the allowed minimum amount");
    const ABOVE: (u16, &str) = (50011, "Your amount is ABOVE the allowed maximum amount");
    let text: &[(&str, (u16, &str))] = &[
        ("15.04", ACCEPTED),
        (" 42 ", ACCEPTED),
        ("0.01", ACCEPTED),
        ("1.10000000000000000000000000000", ACCEPTED),
        ("10000000", ACCEPTED),
        ("10000000.01", ABOVE),
        (&"9".repeat(30), ABOVE),
        ("0", BELOW),
        ("0.00", BELOW),
        ("-0", BELOW),
        ("-1", BELOW),
        ("-0.01", BELOW),
        ("", UNREADABLE),
        ("   ", UNREADABLE),
        ("0.001", UNREADABLE),
        ("1.000000000000000000000000000001", UNREADABLE),
        ("0.000000000000000000000000000001", UNREADABLE),
        (&"9".repeat(400), UNREADABLE),
        ("1e5", UNREADABLE),
        ("1E5", UNREADABLE),
        ("NaN", UNREADABLE),
        ("Infinity", UNREADABLE),
        ("-inf", UNREADABLE),
        ("0x10", UNREADABLE),
        ("+5", UNREADABLE),
        (".5", UNREADABLE),
        ("5.", UNREADABLE),
        ("1,5", UNREADABLE),
        ("1 000", UNREADABLE),
        ("1_000", UNREADABLE),
        ("$5", UNREADABLE),
        ("٤٢", UNREADABLE),
        ("５", UNREADABLE),
        ("5\u{0}", UNREADABLE),
        ("5; DROP TABLE invoices", UNREADABLE),
    ];
    let numbers: &[(&str, (u16, &str))] = &[
        ("15.04", ACCEPTED),
        ("15.0400000000000000", ACCEPTED),
        ("42", ACCEPTED),
        ("15.041", UNREADABLE),
        ("0.30000000000000004", UNREADABLE),
        ("1e1", UNREADABLE),
        ("1E400", UNREADABLE),
        ("-5", BELOW),
        ("0", BELOW),
        ("123456789012345678901234567890", ABOVE),
        ("null", UNREADABLE),
    ];
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let cases = text.iter().map(|(value, answer)| ("amount", json!(value), *answer));
    let cases: Vec<_> = cases.chain(numbers.iter().map(|(value, answer)| ("amount", number(value), *answer))).collect();
    assert_all(&cases).await;
}

#[tokio::test]
async fn currencies_and_addresses() {
    const NO_EMAIL: (u16, &str) = (50005, "invalid email address");
    const NO_DEVISE: (u16, &str) = (50009, "invalid devise");
    const NO_COIN: (u16, &str) = (50014, "invalid payableCurrencies");
    assert_all(&[
        ("email", json!("用户@例子.广告"), ACCEPTED),
        ("email", json!("jörg@bücher.example"), ACCEPTED),
        ("email", json!(" customer@shop.example "), ACCEPTED),
        ("email", json!(null), (50002, "email required")),
        ("email", json!(""), (50002, "email required")),
        ("email", json!(42), NO_EMAIL),
        ("email", json!("a@b"), NO_EMAIL),
        ("email", json!("a@b.example\r\nBcc: victim@c.example"), NO_EMAIL),
        ("email", json!("a@b.example,c@d.example"), NO_EMAIL),
        ("email", json!("<script>@b.example"), NO_EMAIL),
        ("email", json!(format!("{}@b.example", "a".repeat(300))), NO_EMAIL),
        ("devise", json!(null), (50004, "devise required")),
        ("devise", json!(""), (50004, "devise required")),
        ("devise", json!("usd"), NO_DEVISE),
        ("devise", json!("XYZ"), NO_DEVISE),
        ("devise", json!("EUR"), ACCEPTED),
        ("devise", json!("JPY"), NO_DEVISE),
        ("devise", json!(840), NO_DEVISE),
        ("devise", json!("USD\u{0}"), NO_DEVISE),
        ("payableCurrencies", json!("USDT"), NO_COIN),
        ("payableCurrencies", json!("WRONG_polygon"), NO_COIN),
        ("payableCurrencies", json!("USDT_polygon,USDC_polygon"), NO_COIN),
        ("payableCurrencies", json!(7), NO_COIN),
        ("payableCurrencies", json!(null), ACCEPTED),
        ("payment_solution_type", json!("CRYPTO"), ACCEPTED),
        ("payment_solution_type", json!("CARD"), ACCEPTED),
        ("payment_solution_type", json!("magic"), ACCEPTED),
        ("checkoutMode", json!("nft"), (50015, "S2S is not enabled on your account")),
        ("card_number", json!("4242424242424242"), (50013, "name required")),
        ("customer_ip", json!("127.0.0.1"), ACCEPTED),
        ("customer_ip", json!("2001:db8::1"), ACCEPTED),
        ("customer_ip", json!("256.0.0.1"), (50014, "invalid customer_ip")),
        ("customer_ip", json!("localhost"), (50014, "invalid customer_ip")),
        ("country", json!("de"), ACCEPTED),
        ("country", json!("Germany"), (50014, "invalid country")),
        ("country", json!("D1"), (50014, "invalid country")),
        ("name", json!("O'Neil <b>"), ACCEPTED),
        ("name", json!("x".repeat(256)), (50014, "invalid name")),
        ("name", json!("a\nb"), (50014, "invalid name")),
        ("phone", json!(442079460018_u64), ACCEPTED),
        ("phone", json!("0".repeat(33)), (50014, "invalid phone")),
    ])
    .await;
}

#[tokio::test]
async fn links() {
    let good = [
        "https://shop.example/thanks?order=1&x=%0d%0a",
        "http://shop.example:8080/",
        "https://bücher.example/ä",
        "http://127.0.0.1:3000/back",
    ];
    let long = format!("https://shop.example/{}", "a".repeat(2100));
    let bad = [
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://shop.example/\nx",
        "https://shop.example/\tx",
        "https://shop.example/a b",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "https://user:secret@shop.example/",
        "https://shop.example@evil.example/",
        "https://@shop.example/",
        "//evil.example/",
        "/relative",
        "shop.example",
        "https://",
        "https:///",
        "http://[::1",
        "https://shop.example./",
        &long,
    ];
    for name in ["success_url", "cancel_url", "pending_url", "failure_url"] {
        let message = format!("invalid {name}");
        let cases: Vec<_> = (good.iter().map(|url| (name, json!(url), ACCEPTED)))
            .chain(bad.iter().map(|url| (name, json!(url), (50014, message.as_str()))))
            .chain([(name, json!(null), ACCEPTED), (name, json!(""), ACCEPTED)])
            .collect();
        assert_all(&cases).await;
    }
}

#[tokio::test]
async fn unknown_and_repeated_parameters() {
    let shared = Sandbox::shared().await;
    let mut parameters = simplest();
    for name in ["ID", "merchant_id", "status", "errorCode", "address1"] {
        parameters[name] = "1".into();
    }
    let made = shared.client.create(&parameters).await.ok();
    assert_eq!((&made["errorCode"], made.get("ID")), (&json!(0), None));
    let repeated = r#"{"email":"bad","email":"a@b.example","amount":"x","amount":"1","devise":"EUR","devise":"USD"}"#;
    let made = shared.client.post("/api/btn-create-invoice/get/", "application/json", repeated).await.ok();
    assert_eq!(made["errorCode"], 0, "of a repeated name the last value counts");
}
