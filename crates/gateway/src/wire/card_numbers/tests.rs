use super::*;

fn of(own: &str) -> CardNumbers {
    let mut params = Params::default();
    params.set(Zeroizing::new("card_number".into()), Some(ParamValue::from_text(own))).unwrap();
    CardNumbers::of(&params)
}

#[test]
fn texts() {
    for (own, text, masked) in [
        ("", "John 4242 4242 4242 4242", "John **** **** **** 4242"),
        ("", "4242.4242.4242.4242", "4242.4242.4242.4242"),
        ("4242-4242-4242-4242", "4242.4242.4242.4242", "****.****.****.4242"),
        ("4242424242424242", "५4242\u{a0}4242\u{a0}4242\u{a0}4242", "५****\u{a0}****\u{a0}****\u{a0}4242"),
        ("4242424242424241", "no. 4242424242424241", "no. ************4241"),
        ("", r"\u0034242424242424242", "************4242"),
        ("4242424242424242", r"4242\u00a04242\u002d4242\ud83d4242", r"****\u00a0****\u002d****\ud83d4242"),
        ("", "5 4242424242424242, 12", "5 ************4242, 12"),
        ("", "12-4242-4242-4242-4242 7", "12-****-****-****-4242 7"),
        ("", "24242424242424242 1", "24242424242424242 1"),
        ("12", "12 12", "12 12"),
        ("", r"\u00", r"\u00"),
        ("", "1000 Lombard St", "1000 Lombard St"),
    ] {
        assert_eq!(of(own).mask(text), masked, "{text}");
        assert_eq!(of(own).are_in(text), text != masked, "{text}");
    }
}

#[test]
fn json_stays_json() {
    for (own, text, masked) in [
        ("", r#"{"n":4242424242424242,"m":1}"#, r#"{"n":"************4242","m":1}"#),
        ("", r#"[-4242424242424242.50,true]"#, r#"["-************4242.50",true]"#),
        (
            "",
            r#"{"4242424242424242":"a \" 5555 5555 5555 4444"}"#,
            r#"{"************4242":"a \" **** **** **** 4444"}"#,
        ),
        ("4242424242424242", r#"[4242,"4242",4242,4242]"#, r#"["****","****","****",4242]"#),
        ("", "4242424242424242", "\"************4242\""),
        ("", "{txId : 4242424242424242}", "{txId : ************4242}"),
        ("", r#"{"n":1e5}"#, r#"{"n":1e5}"#),
    ] {
        assert_eq!(of(own).mask_json(text), masked, "{text}");
    }
}

#[test]
fn links() {
    for (link, found) in [
        ("https://shop.example/?card=4242424242424242", true),
        ("https://shop.example/?card=4242+4242+4242+4242", true),
        ("https://shop.example/?card=4242%204242%204242%204242", true),
        ("https://shop.example/?card=%34%32%34%3242424242424%32", true),
        ("https://shop.example/?card=4242%252d4242%252d4242%252d4242", true),
        ("https://shop.example/?a=%2525252525252525", true),
        ("https://shop.example/thanks?order=1732100000000000&x=%0d%0a", false),
    ] {
        assert_eq!(of("").are_in_link(link), found, "{link}");
    }
    assert!(of("4242424242424242").are_in_link("https://shop.example/4242/4242/4242/4242"));
}
