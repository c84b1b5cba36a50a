mod card;
mod devises;
mod wrong_field;

use super::*;
use crate::wire::errors::ContractError;
use crate::wire::params::decode;
use serde_json::{Value, json};

const USD_AND_EUR: &[DeviseRule] = &[
    DeviseRule { devise: Devise::Usd, minimum: 100, maximum: 100_000 },
    DeviseRule { devise: Devise::Eur, minimum: 100, maximum: 100_000 },
];
const ALL_TYPES: &[SolutionType] = &[SolutionType::Card, SolutionType::Upi, SolutionType::Crypto];
/// 2026-11-20 12:00:00 UTC
const NOW: Time = Time(1_795_176_000_000);

fn currencies() -> Vec<PayableCurrency> {
    [("USDT_polygon", "USDT", "polygon", vec![]), ("POL_polygon", "POL", "polygon", vec!["MATIC_polygon".to_owned()])]
        .map(|(value, symbol, network, aliases)| PayableCurrency {
            value: value.to_owned(),
            symbol: symbol.to_owned(),
            network: network.to_owned(),
            name: symbol.to_owned(),
            aliases,
        })
        .into()
}

fn rules(currencies: &[PayableCurrency]) -> CreateRules<'_> {
    CreateRules {
        devises: USD_AND_EUR,
        solution_types: &[SolutionType::Crypto, SolutionType::Card],
        solution_names: &[],
        payable_currencies: currencies,
        s2s: false,
        cards: CardData::Direct { check_expiry: None },
        now: NOW,
        policy: Policy::Live,
    }
}

fn create(body: &str) -> Result<CreateRequest, CreateError> {
    let params = decode(Some("application/json"), body.as_bytes()).expect(body);
    parse(&params, &rules(&currencies())).map(|parsed| parsed.request)
}

/// The answer to a body in the form of the tables.
fn refusal(parsed: &Result<Parsed, CreateError>) -> (u16, String) {
    match parsed {
        Ok(_) => (0, String::new()),
        Err(error) => (error.code(), error.message().into_owned()),
    }
}

/// The minimal body with some parameters changed or added.
fn with(changes: &Value) -> String {
    let mut body = json!({ "email": "a@b.example", "amount": "15.04", "devise": "USD" });
    for (name, value) in changes.as_object().expect("object") {
        body[name] = value.clone();
    }
    body.to_string()
}

#[test]
fn refusals_in_the_order_of_the_contract() {
    const NO_EMAIL: (u16, &str) = (50002, "email required");
    const BAD_EMAIL: (u16, &str) = (50005, "invalid email address");
    const NO_AMOUNT: (u16, &str) = (50003, "amount required");
    const NO_DEVISE: (u16, &str) = (50004, "devise required");
    const BAD_DEVISE: (u16, &str) = (50009, "invalid devise");
    const ABOVE: (u16, &str) = (50011, "Your amount is ABOVE the allowed maximum amount");
    const BELOW: (u16, &str) = (50012, "Your amount is BELOW the allowed minimum amount");
    const NO_S2S: (u16, &str) = (50015, "S2S is not enabled on your account");
    let bad = |parameter: &str| (50014, format!("invalid {parameter}"));
    let kib5 = "x".repeat(5 * 1024);
    let long_url = format!("https://shop.example/{}", "a".repeat(2048));
    let decimals30 = format!("0.{}1", "0".repeat(29));
    let cases: Vec<(Value, (u16, String))> = vec![
        // each check before the next
        (json!({"email": null, "amount": null, "devise": null}), own(NO_EMAIL)),
        (json!({"email": "  "}), own(NO_EMAIL)),
        (json!({"email": "nobody", "amount": null}), own(BAD_EMAIL)),
        (json!({"email": true}), own(BAD_EMAIL)),
        (json!({"email": ["a@b.example"]}), own(BAD_EMAIL)),
        (json!({"email": 5}), own(BAD_EMAIL)),
        (json!({"email": "a@b.example\r\nBcc: c@d.example"}), own(BAD_EMAIL)),
        (json!({"email": format!("{}@b.example", "a".repeat(250))}), own(BAD_EMAIL)),
        (json!({"amount": null, "devise": "XXX"}), own(NO_AMOUNT)),
        (json!({"amount": "abc", "devise": null}), own(NO_AMOUNT)),
        (json!({"devise": null, "amount": -1}), own(NO_DEVISE)),
        (json!({"devise": "", "amount": 5000}), own(NO_DEVISE)),
        (json!({"devise": "XXX", "amount": 0}), own(BAD_DEVISE)),
        (json!({"amount": "2000", "card_number": "4242424242424242"}), own(ABOVE)),
        // amounts
        (json!({"amount": ""}), own(NO_AMOUNT)),
        (json!({"amount": "NaN"}), own(NO_AMOUNT)),
        (json!({"amount": "Infinity"}), own(NO_AMOUNT)),
        (json!({"amount": "1e2"}), own(NO_AMOUNT)),
        (json!({"amount": "+5"}), own(NO_AMOUNT)),
        (json!({"amount": "0x10"}), own(NO_AMOUNT)),
        (json!({"amount": "15,04"}), own(NO_AMOUNT)),
        (json!({"amount": "15.041"}), own(NO_AMOUNT)),
        (json!({"amount": decimals30}), own(NO_AMOUNT)),
        (json!({"amount": "9".repeat(31)}), own(NO_AMOUNT)),
        (json!({"amount": true}), own(NO_AMOUNT)),
        (json!({"amount": [5]}), own(NO_AMOUNT)),
        (json!({"amount": {"value": 5}}), own(NO_AMOUNT)),
        (json!({"amount": "9".repeat(30)}), own(ABOVE)),
        (json!({"amount": "1000.01"}), own(ABOVE)),
        (json!({"amount": "0.99"}), own(BELOW)),
        (json!({"amount": 0}), own(BELOW)),
        (json!({"amount": "0.00"}), own(BELOW)),
        (json!({"amount": "-15.04"}), own(BELOW)),
        // devise
        (json!({"devise": "usd"}), own(BAD_DEVISE)),
        (json!({"devise": "JPY"}), own(BAD_DEVISE)),
        (json!({"devise": "GBP"}), own(BAD_DEVISE)),
        (json!({"devise": 840}), own(BAD_DEVISE)),
        (json!({"devise": {}}), own(BAD_DEVISE)),
        (json!({"devise": "EUR", "payableCurrencies": "USDT_polygon"}), own(BAD_DEVISE)),
        // flows
        (json!({"card_number": "4242424242424242"}), own(NO_S2S)),
        (json!({"card_number": 4242424242424242_u64, "devise": "EUR"}), own(NO_S2S)),
        (json!({"card_number": "4242424242424242", "payment_solution_type": "CARD"}), own(NO_S2S)),
        (json!({"card_number": "4242424242424242", "payment_solution_type": "UPI"}), own(NO_S2S)),
        (json!({"checkoutMode": "nft"}), own(NO_S2S)),
        (json!({"payableCurrencies": "DOGE_dogecoin"}), bad("payableCurrencies")),
        (json!({"payableCurrencies": ["USDT_polygon"]}), bad("payableCurrencies")),
        (json!({"payableCurrencies": "USDT_polygon\0"}), bad("payableCurrencies")),
        // text
        (json!({"name": "Jo\0hn"}), bad("name")),
        (json!({"name": "John\nSmith"}), bad("name")),
        (json!({"name": "John\u{202e}htimS"}), bad("name")),
        (json!({"name": "x".repeat(256)}), bad("name")),
        (json!({"name": {"first": "John"}}), bad("name")),
        (json!({"phone": "1".repeat(33)}), bad("phone")),
        (json!({"customer_ip": "256.0.0.1"}), bad("customer_ip")),
        (json!({"customer_ip": "localhost"}), bad("customer_ip")),
        (json!({"country": "Germany"}), bad("country")),
        (json!({"country": "D1"}), bad("country")),
        // redirects
        (json!({"success_url": "javascript:alert(1)"}), bad("success_url")),
        (json!({"cancel_url": "JaVaScRiPt:alert(1)"}), bad("cancel_url")),
        (json!({"pending_url": "java\nscript:alert(1)"}), bad("pending_url")),
        (json!({"failure_url": "data:text/html,x"}), bad("failure_url")),
        (json!({"success_url": "https://shop.example/\r\nSet-Cookie: a=b"}), bad("success_url")),
        (json!({"success_url": "https://user:pass@shop.example/"}), bad("success_url")),
        (json!({"success_url": "//shop.example/"}), bad("success_url")),
        (json!({"success_url": "/done"}), bad("success_url")),
        (json!({"success_url": "shop.example"}), bad("success_url")),
        (json!({"success_url": "https://127.0.0.1/"}), bad("success_url")),
        (json!({"success_url": "https://0x7f.1/"}), bad("success_url")),
        (json!({"success_url": "https://[::1]/"}), bad("success_url")),
        (json!({"success_url": "http://localhost/"}), bad("success_url")),
        (json!({"success_url": long_url}), bad("success_url")),
        (json!({"success_url": 5}), bad("success_url")),
        (json!({"success_url": ["https://shop.example/"]}), bad("success_url")),
        // callbackJson
        (json!({"callbackJson": kib5}), bad("callbackJson")),
        (json!({"callbackJson": {"data": kib5}}), bad("callbackJson")),
        (json!({"callbackJson": "a\0b"}), bad("callbackJson")),
    ];
    for (changes, (code, message)) in cases {
        let error = create(&with(&changes)).expect_err(&changes.to_string());
        assert_eq!((error.code(), error.message().as_ref()), (code, message.as_str()), "{changes:.200}");
    }
    let exponent = r#"{"email":"a@b.example","amount":1504e-2,"devise":"USD"}"#;
    assert_eq!(create(exponent), Err(CreateError::AmountRequired), "an exponent as a JSON number");
}

fn own((code, message): (u16, &str)) -> (u16, String) {
    (code, message.to_owned())
}

#[test]
fn the_bare_request() {
    for body in [
        r#"{"email":"a@b.example","amount":15.04,"devise":"USD"}"#,
        r#"{"email":" a@b.example ","amount":" 15.040 ","devise":"USD","failure_url":null,"success_url":"","other":1}"#,
    ] {
        let request = create(body).expect(body);
        assert_eq!(
            request,
            CreateRequest {
                flow: Flow::Hosted { only: None, payable_currency: None },
                email: "a@b.example".to_owned(),
                amount_minor: 1504,
                devise: Devise::Usd,
                name: None,
                phone: None,
                customer_ip: None,
                country: None,
                personal_id: None,
                billing: None,
                success_url: None,
                cancel_url: None,
                pending_url: None,
                failure_url: None,
                callback_json: None,
                solution_name: None,
            }
        );
    }
}

#[test]
fn good_input_is_kept() {
    let request = create(&with(&json!({
        "email": "jörg@bücher.example", "amount": 1000, "devise": "EUR", "name": "Jörg O'Neil", "phone": "+19896532145",
        "customer_ip": "127.0.0.1", "country": "de", "success_url": "https://shop.example:3000/ok?a=b#é",
        "payment_solution_name": "unknown", "payment_solution_type": "UPI",
    })))
    .expect("good");
    assert_eq!(
        (request.email.as_str(), request.amount_minor, request.devise),
        ("jörg@bücher.example", 100_000, Devise::Eur)
    );
    assert_eq!((request.name.as_deref(), request.phone.as_deref()), (Some("Jörg O'Neil"), Some("+19896532145")));
    assert_eq!((request.country.as_deref(), request.customer_ip), (Some("DE"), "127.0.0.1".parse().ok()));
    assert_eq!(request.success_url.as_deref(), Some("https://shop.example:3000/ok?a=b#%C3%A9"));
    assert_eq!(request.flow, Flow::Hosted { only: None, payable_currency: None });
}

#[test]
fn both_limits_are_included() {
    for (amount, minor) in [("1", 100), ("1000.00", 100_000)] {
        assert_eq!(create(&with(&json!({ "amount": amount }))).map(|request| request.amount_minor), Ok(minor));
    }
}

#[test]
fn flows() {
    let table = currencies();
    let flow = |changes: Value, s2s| {
        let params = decode(None, with(&changes).as_bytes()).expect("json");
        parse(&params, &CreateRules { s2s, ..rules(&table) }).expect("good").request.flow
    };
    let hosted = |only, payable: Option<&str>| Flow::Hosted { only, payable_currency: payable.map(str::to_owned) };
    let s2s = |payable: &str| Flow::CryptoS2s { payable_currency: payable.to_owned() };
    let crypto = Some(SolutionType::Crypto);
    let cases = [
        (json!({"payableCurrencies": null}), false, hosted(None, None)),
        (json!({"payableCurrencies": "usdt_POLYGON"}), false, hosted(crypto, Some("USDT_polygon"))),
        (json!({"payableCurrencies": "matic_polygon"}), false, hosted(crypto, Some("POL_polygon"))),
        (json!({"payableCurrencies": "USDT_polygon"}), true, s2s("USDT_polygon")),
        (json!({"payableCurrencies": null}), true, hosted(None, None)),
        (json!({"payment_solution_type": "CRYPTO"}), true, hosted(crypto, None)),
        (json!({"payment_solution_type": "CRYPTO", "payableCurrencies": "USDT_polygon"}), true, s2s("USDT_polygon")),
        (json!({"payment_solution_type": "CRYPTO", "card_number": "4242424242424242"}), false, hosted(crypto, None)),
        (json!({"payment_solution_type": "CARD", "devise": "EUR"}), false, hosted(Some(SolutionType::Card), None)),
        (
            json!({"payment_solution_type": "CARD", "payableCurrencies": "?"}),
            false,
            hosted(Some(SolutionType::Card), None),
        ),
        (json!({"payment_solution_type": "card"}), false, hosted(None, None)),
        (json!({"payment_solution_type": "UPI"}), false, hosted(None, None)),
        (
            json!({"payment_solution_type": "CARD", "card_number": null, "payableCurrencies": "?"}),
            true,
            hosted(Some(SolutionType::Card), None),
        ),
        (json!({"payment_solution_type": "CRYPTO", "card_number": "4242424242424242"}), true, hosted(crypto, None)),
        (json!({"card_expiry_date": "02/2025", "card_ccv": "000"}), true, hosted(None, None)),
        (json!({"checkoutMode": "other"}), false, hosted(None, None)),
        (json!({"checkoutMode": "ONRAMP"}), false, hosted(None, None)),
        (json!({"checkoutMode": ["onramp"]}), false, hosted(None, None)),
    ];
    for (changes, s2s, expected) in cases {
        assert_eq!(flow(changes.clone(), s2s), expected, "{changes}");
    }
}

#[test]
fn callback_json_is_kept_as_text() {
    let cases = [
        (r#"{ "txId" : "qktr12eqzg", "n": 1.50 }"#, Some(r#"{"txId":"qktr12eqzg","n":1.50}"#)),
        ("\"{txId : qktr12eqzg, status : sfrt}\"", Some("{txId : qktr12eqzg, status : sfrt}")),
        (r#""{\"a\": 1}""#, Some(r#"{"a": 1}"#)),
        ("[1, 2]", Some("[1,2]")),
        ("12345678901234567890.10", Some("12345678901234567890.10")),
        ("true", Some("true")),
        ("null", None),
        ("\" \"", None),
    ];
    for (sent, kept) in cases {
        let body = format!(r#"{{"email":"a@b.example","amount":5,"devise":"USD","callbackJson":{sent}}}"#);
        assert_eq!(create(&body).expect(sent).callback_json.as_deref(), kept, "{sent}");
    }
    let full = "x".repeat(4096);
    assert_eq!(create(&with(&json!({ "callbackJson": full }))).expect("4 KiB").callback_json, Some(full));
}

#[test]
fn the_sandbox_redirects_to_local_hosts() {
    let params = decode(None, with(&json!({"success_url": "http://localhost:3000/ok"})).as_bytes()).expect("json");
    let request = parse(&params, &CreateRules { policy: Policy::Sandbox, ..rules(&[]) }).expect("sandbox").request;
    assert_eq!(request.success_url.as_deref(), Some("http://localhost:3000/ok"));
}
