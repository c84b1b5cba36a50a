//! Card data posted by the merchant, and the payer that the on-ramp asks for.

use super::*;
use domain::card::{Brand, CardNumber};

/// 2025-02-28 12:00:00 UTC: the last day of the sample card.
const SAMPLE_IS_GOOD: Time = Time(1_740_744_000_000);
const DIRECT: CardData = CardData::Direct { check_expiry: None };

/// The contract's sample values.
fn sample() -> Value {
    json!({
        "email": "a@b.example", "amount": "15.04", "devise": "EUR", "name": "John Smith", "phone": "020 7946 0018",
        "customer_ip": "127.0.0.1", "address1": "1000 Lombard St", "address2": "1000 Lombard St", "city": "San Francisco",
        "country": "DE", "state": "New York", "postcode": "90210", "date_of_birth": "1990-12-31",
        "card_number": "4242424242424242", "card_expiry_date": "02/2025", "card_ccv": "000",
    })
}

fn post(changes: &Value, cards: CardData) -> Result<Parsed, CreateError> {
    let mut body = sample();
    for (name, value) in changes.as_object().expect("object") {
        body[name] = value.clone();
    }
    let params = decode(None, body.to_string().as_bytes()).expect("json");
    parse(&params, &CreateRules { s2s: true, solution_types: ALL_TYPES, cards, ..rules(&currencies()) })
}

#[test]
fn the_sample_is_a_request_and_a_card() {
    let Parsed { request, card } = post(&json!({"pending_url": "https://shop.example/p"}), DIRECT).expect("sample");
    assert_eq!(request.flow, Flow::CardS2s);
    assert_eq!((request.amount_minor, request.devise), (1504, Devise::Eur));
    assert_eq!((request.name.as_deref(), request.country.as_deref()), (Some("John Smith"), Some("DE")));
    assert_eq!(request.customer_ip, "127.0.0.1".parse().ok());
    assert_eq!(request.pending_url.as_deref(), Some("https://shop.example/p"));
    let billing = Billing {
        address1: "1000 Lombard St".into(),
        address2: "1000 Lombard St".into(),
        city: "San Francisco".into(),
        state: Some("New York".into()),
        postcode: "90210".into(),
        date_of_birth: "1990-12-31".into(),
    };
    assert_eq!(request.billing, Some(billing));
    let card = card.expect("direct");
    assert_eq!(
        (card.number.expose(), card.code.expose(), card.holder.as_str()),
        ("4242424242424242", "000", "John Smith")
    );
    assert_eq!((card.expiry.month, card.expiry.year, card.number.brand()), (2, 2025, Brand::Visa));

    let of_type =
        post(&json!({"payment_solution_type": "CARD", "checkoutMode": "other"}), DIRECT).expect("of the type");
    assert_eq!(of_type.request.flow, Flow::CardS2s);
}

#[test]
fn what_is_good() {
    for changes in [
        json!({"card_number": "4242 4242 4242 4242"}),
        json!({"card_number": "4242-4242-4242-4242"}),
        json!({"card_number": 4242424242424242_u64, "card_ccv": 123}),
        json!({"card_number": "378282246310005", "card_ccv": "1234"}),
        json!({"card_expiry_date": " 12/2999 "}),
        json!({"state": null}),
        json!({"country": "de"}),
        json!({"customer_ip": "2001:db8::1"}),
        json!({"date_of_birth": "2026-11-20"}),
        json!({"date_of_birth": "2000-02-29"}),
    ] {
        assert_eq!(refusal(&post(&changes, DIRECT)), own((0, "")), "{changes}");
    }
    let capitals = post(&json!({"country": "de"}), DIRECT).map(|parsed| parsed.request.country);
    assert_eq!(capitals, Ok(Some("DE".to_owned())));
}

#[test]
fn without_the_pci_mode_cards_are_checked_and_dropped() {
    let good = json!({"card_expiry_date": "12/2026"});
    let parsed = post(&good, CardData::Redirect).expect("good");
    assert_eq!((parsed.request.flow, parsed.card), (Flow::CardS2s, None));
    for (changes, parameter) in [
        (json!({"card_expiry_date": "10/2026"}), "card_expiry_date"),
        (json!({"card_expiry_date": "12/2026", "card_number": "4242424242424241"}), "card_number"),
        (json!({"card_expiry_date": "12/2026", "card_ccv": "0000"}), "card_ccv"),
    ] {
        assert_eq!(post(&changes, CardData::Redirect), Err(CreateError::Invalid(parameter)), "{changes}");
    }
}

#[test]
fn an_expiry_is_compared_when_asked() {
    for (now, expected) in
        [(None, Ok(())), (Some(SAMPLE_IS_GOOD), Ok(())), (Some(NOW), Err(CreateError::Invalid("card_expiry_date")))]
    {
        let parsed = post(&json!({}), CardData::Direct { check_expiry: now });
        assert_eq!(parsed.map(|_| ()), expected, "{now:?}");
    }
}

/// The order of the contract's table for S2S: for each parameter first its absence, then its form.
const ORDER: [(&str, &str); 12] = [
    ("name", "Jo\nhn"),
    ("phone", "020\u{202e}"),
    ("customer_ip", "256.0.0.1"),
    ("address1", "1000\tLombard St"),
    ("address2", "\u{0}"),
    ("city", "San\u{2028}Francisco"),
    ("country", "XX"),
    ("postcode", "902100000000000000000000000000000"),
    ("date_of_birth", "1990-02-30"),
    ("card_number", "4242424242424241"),
    ("card_expiry_date", "02/25"),
    ("card_ccv", "0000"),
];

#[test]
fn each_parameter_is_checked_before_the_next() {
    // card data pick the flow, so one of them stays
    let of_type = json!({"payment_solution_type": "CARD", "card_ccv": "0000", "state": true, "success_url": "?", "callbackJson": "a\u{0}"});
    let mut changes = of_type.clone();
    for (name, bad) in ORDER {
        changes[name] = json!(bad);
    }
    for (name, _) in ORDER {
        if name != "card_ccv" {
            changes[name] = Value::Null;
            assert_eq!(post(&changes, DIRECT), Err(CreateError::Required(name)), "{name} is missing");
        }
        changes[name] = json!(ORDER.iter().find(|(known, _)| *known == name).expect("known").1);
        assert_eq!(post(&changes, DIRECT), Err(CreateError::Invalid(name)), "{name} is malformed");
        changes[name] = sample()[name].clone();
    }
    assert_eq!(post(&changes, DIRECT), Err(CreateError::Invalid("state")));
    changes["state"] = Value::Null;
    assert_eq!(post(&changes, DIRECT), Err(CreateError::Invalid("success_url")));
    changes["success_url"] = Value::Null;
    assert_eq!(post(&changes, DIRECT), Err(CreateError::Invalid("callbackJson")));
    assert_eq!(post(&json!({"card_ccv": ""}), DIRECT), Err(CreateError::Required("card_ccv")));
}

#[test]
fn refusals() {
    let bad = |parameter: &str| (50014, format!("invalid {parameter}"));
    let missing = |parameter: &str| (50013, format!("{parameter} required"));
    for (changes, expected) in [
        (json!({"amount": "0.99", "name": null}), own((50012, "Your amount is BELOW the allowed minimum amount"))),
        (json!({"devise": "GBP", "name": null}), own((50009, "invalid devise"))),
        (json!({"name": "  "}), missing("name")),
        (json!({"name": ["John"]}), bad("name")),
        (json!({"address2": null}), missing("address2")),
        (json!({"customer_ip": "localhost"}), bad("customer_ip")),
        (json!({"country": "UK"}), bad("country")),
        (json!({"country": "Germany"}), bad("country")),
        (json!({"date_of_birth": "2026-11-21"}), bad("date_of_birth")),
        (json!({"date_of_birth": "1990-13-01"}), bad("date_of_birth")),
        (json!({"date_of_birth": "31-12-1990"}), bad("date_of_birth")),
        (json!({"date_of_birth": "1990-12-3"}), bad("date_of_birth")),
        (json!({"date_of_birth": "19901231"}), bad("date_of_birth")),
        (json!({"date_of_birth": 19901231}), bad("date_of_birth")),
        (json!({"card_number": "4242.4242.4242.4242"}), bad("card_number")),
        (json!({"card_number": "42424242424"}), bad("card_number")),
        // right check digit, but no Visa number has fourteen digits
        (json!({"card_number": "42424242424242"}), bad("card_number")),
        (json!({"card_number": ["4242424242424242"]}), bad("card_number")),
        (json!({"card_number": true}), bad("card_number")),
        (json!({"card_number": 4.242e15}), bad("card_number")),
        (json!({"card_expiry_date": "13/2025"}), bad("card_expiry_date")),
        (json!({"card_expiry_date": "2/2025"}), bad("card_expiry_date")),
        (json!({"card_expiry_date": "2 / 2025"}), bad("card_expiry_date")),
        (json!({"card_expiry_date": "02-2025"}), bad("card_expiry_date")),
        (json!({"card_expiry_date": 22025}), bad("card_expiry_date")),
        (json!({"card_ccv": "00"}), bad("card_ccv")),
        (json!({"card_ccv": "12a"}), bad("card_ccv")),
        (json!({"card_number": "378282246310005", "card_ccv": "123"}), bad("card_ccv")),
        (json!({"state": "New\nYork"}), bad("state")),
    ] {
        assert_eq!(refusal(&post(&changes, DIRECT)), expected, "{changes}");
    }
}

#[test]
fn only_whoever_may_take_cards_posts_them() {
    let body = sample().to_string();
    let params = decode(None, body.as_bytes()).expect("json");
    for (s2s, solution_types, code) in
        [(true, ALL_TYPES, 0), (false, ALL_TYPES, 50015), (true, &[SolutionType::Crypto][..], 50015)]
    {
        let parsed = parse(&params, &CreateRules { s2s, solution_types, ..rules(&currencies()) });
        assert_eq!(refusal(&parsed).0, code, "{s2s} {solution_types:?}");
    }
    let number = CardNumber::parse("4242424242424242").expect("number");
    let parsed = parse(&params, &CreateRules { s2s: true, ..rules(&currencies()) }).expect("sample");
    assert_eq!(parsed.card.map(|card| card.number), Some(number));
}

#[test]
fn the_on_ramp_asks_who_pays() {
    let on_ramp = json!({
        "checkoutMode": "onramp", "devise": "USD", "payment_solution_type": "CRYPTO", "payableCurrencies": "?", "address1": null
    });
    let good = post(&on_ramp, DIRECT).expect("good");
    assert_eq!((good.request.flow, good.card), (Flow::Hosted { only: None, payable_currency: None }, None));
    assert_eq!((good.request.phone.as_deref(), good.request.billing), (Some("020 7946 0018"), None));
    let mut changes = on_ramp;
    for (name, bad) in &ORDER[..3] {
        for (name, bad) in &ORDER[..3] {
            changes[*name] = json!(bad);
        }
        for (name, _) in ORDER[..3].iter().take_while(|(before, _)| before != name) {
            changes[*name] = sample()[*name].clone();
        }
        changes[*name] = Value::Null;
        assert_eq!(post(&changes, DIRECT), Err(CreateError::Required(name)));
        changes[*name] = json!(bad);
        assert_eq!(post(&changes, DIRECT), Err(CreateError::Invalid(name)));
    }
    changes["devise"] = json!("EUR");
    assert_eq!(post(&changes, DIRECT), Err(CreateError::DeviseInvalid));
}

#[test]
fn an_identity_number_has_eleven_digits() {
    for (changes, expected) in [
        (json!({"payment_solution_type": "UPI", "personal_id": "45861024531"}), Ok(Some("45861024531"))),
        (json!({"payment_solution_type": "UPI", "personal_id": 45861024531_u64}), Ok(Some("45861024531"))),
        (json!({"personal_id": "45861024531"}), Ok(Some("45861024531"))),
        (json!({"payment_solution_type": "UPI", "personal_id": null}), Ok(None)),
        (json!({"payment_solution_type": "UPI", "personal_id": "4586102453"}), Err("personal_id")),
        (json!({"payment_solution_type": "UPI", "personal_id": "458610245312"}), Err("personal_id")),
        (json!({"payment_solution_type": "UPI", "personal_id": "4586102453a"}), Err("personal_id")),
        (json!({"personal_id": "1"}), Err("personal_id")),
        // not a parameter of these
        (json!({"payment_solution_type": "CARD", "personal_id": "1"}), Ok(None)),
        (json!({"payableCurrencies": "USDT_polygon", "personal_id": "1"}), Ok(None)),
    ] {
        let params = decode(None, with(&changes).as_bytes()).expect("json");
        let parsed = parse(&params, &CreateRules { solution_types: ALL_TYPES, ..rules(&currencies()) });
        let got = parsed.map(|parsed| parsed.request.personal_id);
        assert_eq!(got, expected.map(|id| id.map(str::to_owned)).map_err(CreateError::Invalid), "{changes}");
    }
    // UPI is not for this merchant, so the parameter is none
    assert_eq!(create(&with(&json!({"personal_id": "1"}))).map(|request| request.personal_id), Ok(None));
}
