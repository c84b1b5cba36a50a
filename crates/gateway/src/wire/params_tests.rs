use super::*;
use proptest::prelude::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn read(content_type: &str, body: &str) -> Result<Params, BodyError> {
    decode((!content_type.is_empty()).then_some(content_type), body.as_bytes())
}

#[test]
fn bodies_below_the_application() {
    let many = format!("{{{}}}", (0..101).map(|n| format!("\"p{n}\":1")).collect::<Vec<_>>().join(","));
    let long_name = format!("{{\"{}\":1}}", "n".repeat(129));
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(128), "]".repeat(128));
    let large = " ".repeat(MAX_BODY_BYTES + 1);
    let cases: &[(&str, &str, u16, &str)] = &[
        ("application/json", "{\"a\":", 400, r#"{"error":"the body is not valid JSON (line 1, column 5)"}"#),
        ("application/json", "{\"a\":1} x", 400, r#"{"error":"the body is not valid JSON (line 1, column 9)"}"#),
        ("application/json", "{'a':1}", 400, r#"{"error":"the body is not valid JSON (line 1, column 2)"}"#),
        ("application/json", "{\"a\":NaN}", 400, r#"{"error":"the body is not valid JSON (line 1, column 6)"}"#),
        ("application/json", "[1,2]", 400, r#"{"error":"the JSON body must be an object"}"#),
        ("application/json", "\"x\"", 400, r#"{"error":"the JSON body must be an object"}"#),
        ("application/json", "null", 400, r#"{"error":"the JSON body must be an object"}"#),
        ("application/json", &deep, 400, r#"{"error":"the JSON body is nested deeper than 128 levels"}"#),
        ("application/json", &many, 400, r#"{"error":"more than 100 parameters"}"#),
        ("application/json", &long_name, 400, r#"{"error":"a parameter name is longer than 128 bytes"}"#),
        (FORM, "a=%ff", 400, r#"{"error":"the body is not valid UTF-8"}"#),
        (
            "text/plain",
            "{\"a\":1}",
            415,
            r#"{"error":"unsupported content type: send application/json, application/x-www-form-urlencoded or multipart/form-data"}"#,
        ),
        (
            "",
            "a=1",
            415,
            r#"{"error":"unsupported content type: send application/json, application/x-www-form-urlencoded or multipart/form-data"}"#,
        ),
        ("application/json", &large, 413, r#"{"error":"the body is larger than 65536 bytes"}"#),
    ];
    for (content_type, body, status, answer) in cases {
        let error = read(content_type, body).expect_err(body);
        assert_eq!((error.http_status(), error.body().as_str()), (*status, *answer), "{content_type} {body:.60}");
    }
}

#[test]
fn a_lone_surrogate_is_malformed() {
    let error = read("application/json", r#"{"name":"\ud800"}"#).expect_err("lone surrogate");
    assert!(matches!(error, BodyError::MalformedJson { .. }), "{error}");
}

#[test]
fn json_numbers_keep_their_digits() {
    let params = read("application/json", r#"{"amount":15.040000000000000000000000000001,"big":1E400,"s":"15.04"}"#)
        .expect("object");
    let text = |name: &str| params.get(name).and_then(ParamValue::text).map(str::to_owned);
    assert_eq!(text("amount").as_deref(), Some("15.040000000000000000000000000001"));
    assert_eq!(text("big").as_deref(), Some("1E400"));
    assert_eq!(text("s").as_deref(), Some("15.04"));
    assert_eq!(params.get("s").and_then(ParamValue::json), Some("\"15.04\""));
}

#[test]
fn null_is_absent_and_the_last_of_a_name_counts() {
    let params = read("Application/JSON; charset=utf-8", r#"{"a":1,"b":null,"c":2,"a":3,"c":null}"#).expect("object");
    let names: Vec<_> = params.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a"]);
    assert_eq!(params.get("a").and_then(ParamValue::text), Some("3"));
    let params = read(FORM, "a=1&b=2&a=3").expect("form");
    assert_eq!(params.get("a").and_then(ParamValue::text), Some("3"));
}

#[test]
fn other_types_stay_raw() {
    let params =
        read("application/json", r#"{"a":true,"b":[1, 2],"c":{"$serde_json::private::Number":"1"}}"#).expect("object");
    for (name, raw) in [("a", "true"), ("b", "[1, 2]"), ("c", r#"{"$serde_json::private::Number":"1"}"#)] {
        let value = params.get(name).expect(name);
        assert_eq!((value.text(), value.json()), (None, Some(raw)));
    }
}

#[test]
fn forms_and_queries() {
    let params = read(FORM, "name=J%C3%B6rg+M&amp=a%26b&empty=&flag&&x=1=2").expect("form");
    let all: Vec<_> = params.iter().map(|(name, value)| (name, value.text().expect("text"))).collect();
    assert_eq!(all, [("name", "Jörg M"), ("amp", "a&b"), ("empty", ""), ("flag", ""), ("x", "1=2")]);
    assert_eq!(Params::from_query("id=185").expect("query").get("id").and_then(ParamValue::text), Some("185"));
}

#[test]
fn json_without_its_content_type() {
    for content_type in ["", FORM, "text/json", "application/vnd.api+json"] {
        let params = read(content_type, " {\"id\":\"7\"}").expect(content_type);
        assert_eq!(params.get("id").and_then(ParamValue::text), Some("7"), "{content_type}");
    }
    for (content_type, body) in
        [("", ""), ("application/json", ""), ("application/json", "\u{feff}"), ("text/plain", " ")]
    {
        assert_eq!(read(content_type, body), Ok(Params::default()), "{content_type}");
    }
}

#[test]
fn compact_json_keeps_tokens() {
    let sent = "{ \"a b\" : [ 1.50 , \"x \\\" y\" ,\n true ] , \"u\" : \"\\u00e9 /\" }";
    assert_eq!(json::compact(sent), r#"{"a b":[1.50,"x \" y",true],"u":"\u00e9 /"}"#);
}

#[tokio::test]
async fn multipart_bodies() {
    let kind = "multipart/form-data; boundary=XX";
    let body = "--XX\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@b.example\r\n\
                --XX\r\nContent-Disposition: form-data; name=\"amount\"; filename=\"x\"\r\n\r\n15.04\r\n--XX--\r\n";
    let params = decode_body(Some(kind), body.as_bytes()).await.expect("multipart");
    assert_eq!(params.get("email").and_then(ParamValue::text), Some("a@b.example"));
    assert_eq!(params.get("amount").and_then(ParamValue::text), Some("15.04"));
    assert_eq!(decode(Some(kind), body.as_bytes()), Err(BodyError::UnsupportedMediaType));

    let cut = &body.as_bytes()[..body.len() - 20];
    assert_eq!(decode_multipart(kind, cut).await, Err(BodyError::MalformedMultipart));
    assert_eq!(decode_multipart("multipart/form-data", b"x").await, Err(BodyError::MalformedMultipart));
    let json = decode_body(Some("application/json"), b"{\"id\":7}").await.expect("json");
    assert_eq!(json.get("id").and_then(ParamValue::text), Some("7"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200), json in any::<bool>()) {
        let _ = decode(Some(if json { "application/json" } else { FORM }), &body);
    }

    #[test]
    fn any_form_value_survives(name in "[a-z]{1,10}", value in "\\PC{0,40}") {
        let body: String = form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
        let params = decode(Some(FORM), body.as_bytes()).expect("form");
        prop_assert_eq!(params.get(&name).and_then(ParamValue::text), Some(value.as_str()));
    }

    #[test]
    fn any_json_string_survives(value in any::<String>()) {
        let body = serde_json::json!({ "x": value }).to_string();
        let params = decode(None, body.as_bytes()).expect("json");
        prop_assert_eq!(params.get("x").and_then(ParamValue::text), Some(value.as_str()));
    }

    #[test]
    fn json_escapes_are_read_as_the_parser_reads_them(inside in r#"([a-zé"\\]|\\["\\/bfnrtu]|\\u[0-9a-fA-F]{4}|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}){0,12}"#) {
        let body = format!("{{\"x\":\"{inside}\"}}");
        let ours = decode(None, body.as_bytes()).map(|params| params.get("x").and_then(ParamValue::text).map(str::to_owned));
        let theirs = serde_json::from_str::<std::collections::BTreeMap<String, String>>(&body);
        match theirs {
            Ok(theirs) => prop_assert_eq!(ours, Ok(theirs.get("x").cloned())),
            Err(_) => prop_assert!(matches!(ours, Err(BodyError::MalformedJson { .. })), "{}", body),
        }
    }
}

#[test]
fn debug_shows_names_without_card_numbers() {
    let params = read("application/json", r#"{"name":"John","4242424242424242":"5555555555554444"}"#).expect("object");
    assert_eq!(format!("{params:?}"), r#"Params { entries: [("name", …), ("************4242", …)] }"#);
}
