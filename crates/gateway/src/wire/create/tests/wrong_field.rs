//! A card number where it does not belong is masked, or refused where a changed text would be wrong.

use super::*;
use proptest::prelude::*;

fn everything(number: &str) -> Value {
    json!({
        "email": "a@b.example", "amount": "15.04", "devise": "USD", "name": number, "phone": number, "customer_ip": "127.0.0.1",
        "address1": format!("to {number}"), "address2": number, "city": number, "country": "DE", "state": number,
        "postcode": number, "date_of_birth": "1990-12-31", "card_number": "4000000000003220", "card_expiry_date": "02/2025",
        "card_ccv": "000", "callbackJson": { "card": number },
    })
}

fn post(body: &Value) -> Result<Parsed, CreateError> {
    let params = decode(None, body.to_string().as_bytes()).expect("json");
    parse(&params, &CreateRules { s2s: true, solution_types: ALL_TYPES, ..rules(&currencies()) })
}

#[test]
fn kept_texts_are_masked() {
    for (number, masked) in [
        ("4242424242424242", "************4242"),
        ("5555-5555-5555-4444", "****-****-****-4444"),
        // the request's own, however it is separated
        ("4000.0000.0000.3220", "****.****.****.3220"),
        ("4000/0000/0000/3220", "****/****/****/3220"),
    ] {
        let Parsed { request, card } = post(&everything(number)).expect(number);
        let billing = request.billing.expect("S2S");
        for kept in [
            request.name,
            request.phone,
            Some(billing.address2),
            Some(billing.city),
            billing.state,
            Some(billing.postcode),
        ] {
            assert_eq!(kept.as_deref(), Some(masked));
        }
        assert_eq!(billing.address1, format!("to {masked}"));
        assert_eq!(request.callback_json, Some(format!(r#"{{"card":"{masked}"}}"#)));
        let card = card.expect("direct");
        assert_eq!((card.holder.as_str(), card.number.expose()), (masked, "4000000000003220"));
    }
}

#[test]
fn what_cannot_be_changed_is_refused() {
    for (changes, expected) in [
        (json!({"email": "4242424242424242@b.example"}), CreateError::EmailInvalid),
        (json!({"email": "john-4242-4242-4242-4242@b.example"}), CreateError::EmailInvalid),
        (
            json!({"email": "4000.0000.0000.3220@b.example", "card_number": "4000000000003220"}),
            CreateError::EmailInvalid,
        ),
        (json!({"success_url": "https://shop.example/?card=4242424242424242"}), CreateError::Invalid("success_url")),
        (json!({"cancel_url": "https://shop.example/?card=%34242424242424242"}), CreateError::Invalid("cancel_url")),
        (json!({"pending_url": "https://shop.example/4242%204242%204242%204242"}), CreateError::Invalid("pending_url")),
        (json!({"failure_url": "https://shop.example/?c=4242+4242+4242+4242"}), CreateError::Invalid("failure_url")),
        (
            json!({"failure_url": "https://４２４２４２４２４２４２４２４２.example/"}),
            CreateError::Invalid("failure_url"),
        ),
    ] {
        let mut body = everything("-");
        for (name, value) in changes.as_object().expect("object") {
            body[name] = value.clone();
        }
        assert_eq!(post(&body), Err(expected), "{changes}");
    }
    let order = "https://shop.example/orders/1732100000000000";
    assert!(create(&with(&json!({ "success_url": order }))).is_ok(), "a long number is not yet a card's");
}

/// Numbers of the brands we name, with right check digits.
fn card_number() -> impl Strategy<Value = String> {
    const PREFIXES: [(&str, usize); 9] = [
        ("4", 16),
        ("4", 19),
        ("55", 16),
        ("2223", 16),
        ("37", 15),
        ("6011", 16),
        ("508", 16),
        ("3528", 16),
        ("62", 17),
    ];
    (proptest::sample::select(&PREFIXES[..]), proptest::collection::vec(0_u8..10, 20)).prop_map(
        |((prefix, length), rest)| {
            let mut digits = prefix.to_owned();
            digits.extend(rest.iter().map(|digit| char::from(b'0' + digit)));
            digits.truncate(length - 1);
            let with = |last: u8| format!("{digits}{last}");
            (0..10).map(with).find(|number| domain::card::CardNumber::parse(number).is_ok()).expect("one of ten fits")
        },
    )
}

/// Blanks or hyphens after every `every` digits, and words around.
fn written(number: &str, every: usize, separator: &str, around: (&str, &str)) -> String {
    let groups: Vec<String> =
        number.as_bytes().chunks(every).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    format!("{}{}{}", around.0, groups.join(separator), around.1)
}

proptest! {
    #[test]
    fn no_card_number_is_in_what_is_kept(
        number in card_number(),
        own in card_number(),
        every in 1_usize..=20,
        separator in proptest::sample::select(vec!["", " ", "-"]),
        around in proptest::sample::select(vec![("", ""), ("John ", " Smith"), ("a", "b"), ("(", ")"), ("no.", "."), ("5 ", " 12"), ("12-", "-1")]),
        field in proptest::sample::select(vec![
            "name", "phone", "address1", "address2", "city", "state", "postcode", "callbackJson", "email", "success_url",
            "payment_solution_name", "payment_solution_type", "checkoutMode", "personal_id", "unknown",
        ]),
        cards in proptest::sample::select(vec![CardData::Direct { check_expiry: None }, CardData::Redirect]),
    ) {
        let text = written(&number, every, separator, around);
        let mut body = everything("-");
        body["card_number"] = json!(own);
        body["card_ccv"] = json!(if own.starts_with("37") { "9876" } else { "987" });
        body["card_expiry_date"] = json!("12/2999");
        body[field] = match field {
            "email" => json!(format!("{text}@b.example")),
            "success_url" => json!(format!("https://shop.example/?x={}", text.replace(' ', "+"))),
            _ => json!(text),
        };
        let params = decode(None, body.to_string().as_bytes()).expect("json");
        let rules = CreateRules { s2s: true, solution_types: ALL_TYPES, cards, ..rules(&[]) };
        let parsed = parse(&params, &rules);
        if let Ok(parsed) = &parsed {
            prop_assert_eq!(parsed.card.is_some(), cards != CardData::Redirect);
        }
        let digits: String = format!("{parsed:?}").chars().filter(char::is_ascii_digit).collect();
        prop_assert!(!digits.contains(&number) && !digits.contains(&own), "{} in {}", number, field);
        let hidden: String = format!("{params:?}").chars().filter(char::is_ascii_digit).collect();
        prop_assert!(!hidden.contains(&number) && !hidden.contains(&own));
    }
}
