//! Bodies that cannot be read, or are too much: refused below the application, in JSON all the same.

use super::{refused, simplest};
use crate::harness::Sandbox;

const PATH: &str = "/api/btn-create-invoice/get/";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const WRONG_TYPE: &str = r#"{"error":"unsupported content type: send application/json, application/x-www-form-urlencoded or multipart/form-data"}"#;

#[tokio::test]
async fn unreadable_bodies() {
    let shared = Sandbox::shared().await;
    let simplest = simplest().to_string();
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let very_deep = format!(r#"{{"a":{}"#, "[".repeat(60_000));
    let many = format!("{{{}}}", (0..101).map(|n| format!("\"p{n}\":1")).collect::<Vec<_>>().join(","));
    let email_required = refused(50002, "email required");
    let not_json = |at: &str| format!(r#"{{"error":"the body is not valid JSON ({at})"}}"#);
    let too_deep = r#"{"error":"the JSON body is nested deeper than 128 levels"}"#;
    let not_utf8 = r#"{"error":"the body is not valid UTF-8"}"#;
    let no_object = r#"{"error":"the JSON body must be an object"}"#;
    let bad_multipart = r#"{"error":"the multipart body is malformed"}"#;
    let cases: &[(&str, &[u8], u16, &str)] = &[
        (JSON, b"", 200, &email_required),
        (JSON, b"{}", 200, &email_required),
        (JSON, b"{", 400, &not_json("line 1, column 1")),
        (JSON, b"{\"email\":", 400, &not_json("line 1, column 9")),
        (JSON, b"{\"email\":\"a@b.example\",}", 400, &not_json("line 1, column 24")),
        (JSON, b"{\"amount\":NaN}", 400, &not_json("line 1, column 11")),
        (JSON, b"{'email':1}", 400, &not_json("line 1, column 2")),
        (JSON, b"{}{}", 400, &not_json("line 1, column 3")),
        (JSON, b"[]", 400, no_object),
        (JSON, b"null", 400, no_object),
        (JSON, b"\"text\"", 400, no_object),
        (JSON, b"{\"email\":\"\xff\"}", 400, not_utf8),
        (JSON, deep.as_bytes(), 400, too_deep),
        (JSON, very_deep.as_bytes(), 400, too_deep),
        (JSON, many.as_bytes(), 400, r#"{"error":"more than 100 parameters"}"#),
        (FORM, b"email=%ff", 400, not_utf8),
        (FORM, b"&&&", 200, &email_required),
        ("multipart/form-data; boundary=x", b"no parts", 400, bad_multipart),
        ("multipart/form-data", simplest.as_bytes(), 400, bad_multipart),
        ("text/plain", simplest.as_bytes(), 415, WRONG_TYPE),
        ("application/xml", b"<email/>", 415, WRONG_TYPE),
        ("application/octet-stream", simplest.as_bytes(), 415, WRONG_TYPE),
        ("nonsense", simplest.as_bytes(), 415, WRONG_TYPE),
    ];
    for (content_type, body, status, answer) in cases {
        let got = shared.client.post(PATH, content_type, body.to_vec()).await;
        let start = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(got.both(), (*status, *answer), "{content_type} {start}");
        assert_eq!(got.headers["content-type"], "application/json", "{content_type} {start}");
    }
}

/// The answer arrives although most of the body was never read.
#[tokio::test]
async fn giant_bodies() {
    let shared = Sandbox::shared().await;
    let too_large = r#"{"error":"the body is larger than 65536 bytes"}"#;
    for size in [65_537, 1 << 20, 32 << 20] {
        let mut body = simplest().to_string().into_bytes();
        body.resize(size, b' ');
        let got = shared.client.post(PATH, JSON, body).await;
        assert_eq!(got.both(), (413, too_large), "{size}");
    }
    let mut largest = simplest().to_string().into_bytes();
    largest.resize(65_536, b' ');
    assert_eq!(shared.client.post(PATH, JSON, largest).await.ok()["errorCode"], 0);
}

/// Strangers learn nothing from the size or form of what they send.
#[tokio::test]
async fn access_comes_before_the_body() {
    let shared = Sandbox::shared().await;
    let nobody = shared.client.with_key("nobody");
    for (content_type, body) in [(JSON, "{"), ("text/plain", "x")] {
        let got = nobody.post(PATH, content_type, body).await;
        assert_eq!(got.both(), (200, refused(50007, "invalid API-KEY").as_str()));
    }
}
