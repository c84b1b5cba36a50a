//! Answers that say nothing, or half of something: never more than *unknown* comes of them, and never a panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use rails::provider::{Connector, HttpResponse, list};
use serde_json::{Value, json};

use crate::fixture::{self, Fixture};
use crate::play;

fn outcome(connector: &Connector, fixture: &Fixture, status: u16, body: &[u8]) -> String {
    let shown = play::play(connector, fixture, &HttpResponse { status, body: body.to_vec() }).unwrap();
    shown["outcome"].as_str().unwrap().to_owned()
}

/// Every exchange, read once.
static PLAYED: LazyLock<Vec<(&'static Connector, Fixture)>> = LazyLock::new(|| {
    let each = list::ALL.iter().flat_map(|connector| fixture::all(connector).into_iter().map(|it| (*connector, it)));
    each.filter(|(_, it)| it.flow != "webhook").collect()
});

#[test]
fn an_answer_that_says_nothing_leaves_it_unknown() {
    let html: &[u8] = b"<html><body><h1>502 Bad Gateway</h1></body></html>";
    let answers: &[(u16, &[u8])] = &[
        (200, b""),
        (200, b"{}"),
        (200, b"null"),
        (200, b"[{}]"),
        (200, html),
        (201, b""),
        (202, b"{}"),
        (204, b""),
        (301, html),
        (408, b""),
        (408, b"{}"),
        (409, b"{}"),
        (425, b""),
        (500, b""),
        (500, b"{}"),
        (502, html),
        (503, b""),
        (504, html),
        (400, html),
        (404, html),
        (404, b""),
        (422, b""),
    ];
    for (connector, fixture) in PLAYED.iter() {
        let expected = if fixture.flow == "login" { "refused" } else { "unknown" };
        for (status, body) in answers {
            let got = outcome(connector, fixture, *status, body);
            let body = String::from_utf8_lossy(body);
            assert_eq!(got, expected, "{}/{}: {status} {body}", connector.name, fixture.name);
        }
    }
}

#[test]
fn a_good_answer_that_broke_off_leaves_it_unknown() {
    for (connector, fixture) in PLAYED.iter() {
        let good = fixture.response();
        let expected = if fixture.flow == "login" { "refused" } else { "unknown" };
        // all ends of a short one, three hundred of a long one
        let step = good.body.len() / 300 + 1;
        for end in (1..good.body.len()).step_by(step).filter(|_| good.status < 300) {
            let got = outcome(connector, fixture, good.status, &good.body[..end]);
            assert_eq!(got, expected, "{}/{}: {end} bytes of {}", connector.name, fixture.name, good.body.len());
        }
    }
}

/// What a good answer said, under a status that says it failed, is no proof of anything.
#[test]
fn a_server_error_with_a_good_body_leaves_it_unknown() {
    for (connector, fixture) in PLAYED.iter() {
        let expected = if fixture.flow == "login" { "refused" } else { "unknown" };
        for status in [500, 502, 503] {
            let got = outcome(connector, fixture, status, &fixture.response().body);
            assert_eq!(got, expected, "{}/{}: {status}", connector.name, fixture.name);
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "-?[0-9]{1,40}(\\.[0-9]{0,30})?(e-?[0-9]{1,3})?"
            .prop_map(|text| serde_json::from_str(&text).unwrap_or(json!(text))),
        ".{0,20}".prop_map(Value::from),
        "(chg|pay|pi|order|qr|hpp)_[a-z]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,10}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// Puts `new` in the place of the `at`th value of a tree, or takes that value out.
fn mutate(value: &mut Value, at: &mut usize, new: &Option<Value>) -> bool {
    let places: Vec<&mut Value> = match value {
        Value::Array(items) => {
            if *at < items.len() && new.is_none() {
                items.remove(*at);
                return true;
            }
            items.iter_mut().collect()
        }
        Value::Object(map) => {
            if let (Some(name), None) = (map.keys().nth(*at).cloned(), new) {
                map.remove(&name);
                return true;
            }
            map.values_mut().collect()
        }
        _ => return false,
    };
    for place in places {
        if *at == 0 {
            if let Some(new) = new {
                *place = new.clone();
            }
            return true;
        }
        *at -= 1;
        if mutate(place, at, new) {
            return true;
        }
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn no_answer_makes_a_connector_panic(
        body in any_json(),
        status in prop_oneof![Just(200u16), Just(400), Just(402), Just(404), 0u16..1000],
        changes in prop::collection::vec((0usize..60, prop::option::of(any_json())), 1..4),
    ) {
        for (connector, fixture) in PLAYED.iter() {
            outcome(connector, fixture, status, body.to_string().as_bytes());
            let good = fixture.response();
            let Ok(mut changed) = serde_json::from_slice::<Value>(&good.body) else { continue };
            for (at, new) in &changes {
                mutate(&mut changed, &mut at.clone(), new);
            }
            for status in [good.status, status] {
                outcome(connector, fixture, status, changed.to_string().as_bytes());
            }
        }
    }

    #[test]
    fn no_bytes_make_a_connector_panic(body in prop::collection::vec(any::<u8>(), 0..200), status in 0u16..1000) {
        for (connector, fixture) in PLAYED.iter() {
            outcome(connector, fixture, status, &body);
        }
    }
}
