//! Callbacks: a good one is read, the same one twice has one event id, and any that was changed is refused.

use std::collections::BTreeMap;

use domain::Time;
use domain::time::SECOND;
use rails::provider::{Account, Connector, Forged, Received, Webhook, list};
use serde_json::Value;

use crate::fixture::{self, Fixture, NOW};
use crate::show;

/// Every callback fixture of every connector that has a webhook.
fn each(test: impl Fn(&str, &Connector, &Webhook, &Fixture)) {
    for connector in list::ALL {
        let Some(webhook) = &connector.webhook else { continue };
        for fixture in fixture::all(connector).iter().filter(|fixture| fixture.flow == "webhook") {
            test(&format!("{}/{}", connector.name, fixture.name), connector, webhook, fixture);
        }
    }
}

#[test]
fn good_ones_are_read_and_a_duplicate_has_the_same_event_id() {
    each(|place, connector, webhook, fixture| {
        let account = fixture.account(connector);
        let first = (webhook.read)(&account, &fixture.received(), NOW);
        let hint = first.unwrap_or_else(|forged| panic!("{place}: {forged}"));
        assert_eq!(show::hint(&hint), fixture.expect, "{place}");
        assert!(!hint.about.is_empty(), "{place}: about nothing");
        let again = (webhook.read)(&account, &fixture.received(), NOW.plus(60 * SECOND));
        assert_eq!(again.map(|hint| hint.event_id), Ok(hint.event_id), "{place}");
    });
}

/// A body that was not signed so is refused. Where nothing signs the body, what is believed has another name at least: else a
/// written one could stand in the place of the true one, which would then be taken for its duplicate.
fn is_not_taken_for_it(place: &str, connector: &Connector, webhook: &Webhook, fixture: &Fixture, body: Vec<u8>) {
    let (account, good) = (fixture.account(connector), fixture.received());
    let changed = (webhook.read)(&account, &Received { body, ..good.clone() }, NOW);
    if !fixture::lacks(connector).contains_key("changed_callback") {
        assert_eq!(changed, Err(Forged::Signature), "{place}");
        return;
    }
    match changed {
        Ok(hint) => {
            let name = (webhook.read)(&account, &good, NOW).map(|hint| hint.event_id);
            assert_ne!(Ok(hint.event_id), name, "{place}: two bodies of one name");
        }
        Err(forged) => assert_eq!(forged, Forged::Malformed, "{place}"),
    }
}

#[test]
fn a_changed_byte_is_found_wherever_it_is() {
    each(|place, connector, webhook, fixture| {
        let good = fixture.received();
        for at in 0..good.body.len() {
            let mut body = good.body.clone();
            body[at] ^= 1;
            is_not_taken_for_it(&format!("{place}: byte {at}"), connector, webhook, fixture, body);
        }
        for body in [Vec::new(), [good.body.as_slice(), b" "].concat(), good.body[..good.body.len() - 1].to_vec()] {
            is_not_taken_for_it(place, connector, webhook, fixture, body);
        }
    });
}

/// What a gateway would sign that reads a body and writes it anew: decimals lose their zeros, names their order, blanks are gone.
#[test]
fn a_body_that_was_written_anew_is_refused() {
    each(|place, connector, webhook, fixture| {
        let good = fixture.received();
        let value: Value = serde_json::from_slice(&good.body).unwrap();
        let text = String::from_utf8(good.body.clone()).unwrap();
        for body in
            [serde_json::to_string_pretty(&value).unwrap(), text.replace(".00", ""), text.replace(".71", ".710")]
        {
            if body == text {
                continue;
            }
            is_not_taken_for_it(place, connector, webhook, fixture, body.into_bytes());
        }
    });
}

#[test]
fn without_its_signature_or_our_secret_none_is_believed() {
    each(|place, connector, webhook, fixture| {
        let (account, good) = (fixture.account(connector), fixture.received());
        let bare = Received { headers: Vec::new(), ..good.clone() };
        assert_eq!((webhook.read)(&account, &bare, NOW), Err(Forged::Signature), "{place}");
        for (name, _) in &good.headers {
            let headers = good.headers.iter().map(|(other, value)| match other == name {
                true => (other.clone(), "0".repeat(64)),
                false => (other.clone(), value.clone()),
            });
            let changed = (webhook.read)(&account, &Received { headers: headers.collect(), ..good.clone() }, NOW);
            let is_id = changed.as_ref().is_ok_and(|hint| hint.event_id == "0".repeat(64));
            assert!(changed.is_err() || is_id, "{place}: {name} may be anything");
        }
        let nothing = Account { fields: BTreeMap::new(), ..account };
        assert_eq!((webhook.read)(&nothing, &good, NOW), Err(Forged::NoSecret), "{place}");
    });
}

/// Callbacks of a connector as they come; of a simulated one, which has no fixtures, one without a signature.
fn received_by(connector: &Connector) -> Vec<Received> {
    if list::SIMULATED.iter().any(|simulated| simulated.name == connector.name) {
        return vec![Received { headers: Vec::new(), body: b"{}".to_vec() }];
    }
    fixture::all(connector).iter().filter(|it| it.flow == "webhook").map(Fixture::received).collect()
}

/// Not set, or set to nothing: then the answer is that there is no secret, and not what an empty key would have made of the signature.
#[test]
fn an_unset_secret_verifies_nothing() {
    for connector in list::ALL.iter().chain(list::SIMULATED) {
        let Some(webhook) = &connector.webhook else { continue };
        let full = fixture::account(connector);
        for received in received_by(connector) {
            let read = |fields: BTreeMap<_, _>| {
                (webhook.read)(&Account { fields, ..full.clone() }, &received, NOW).map(|hint| hint.event_id)
            };
            let with_all = read(full.fields.clone());
            assert!(!matches!(with_all, Err(Forged::NoSecret)), "{}", connector.name);
            let empty = full.fields.keys().map(|name| (name.clone(), String::new().into()));
            assert_eq!(read(empty.collect()), Err(Forged::NoSecret), "{}: all is empty", connector.name);
            // one alone is missed, or is no part of what is checked
            let mut missed = 0;
            for field in connector.fields {
                let (mut absent, mut empty) = (full.fields.clone(), full.fields.clone());
                absent.remove(field.name);
                empty.insert(field.name.to_owned(), String::new().into());
                let (absent, empty) = (read(absent), read(empty));
                let place = format!("{} without {}", connector.name, field.name);
                assert_eq!(absent, empty, "{place}");
                assert!(absent == Err(Forged::NoSecret) || absent == with_all, "{place}: {absent:?}");
                missed += usize::from(absent == Err(Forged::NoSecret));
            }
            assert!(missed > 0, "{}: no field is missed", connector.name);
        }
    }
}

#[test]
fn old_ones_are_refused_where_the_time_is_signed() {
    each(|place, connector, webhook, fixture| {
        let account = fixture.account(connector);
        let read = |now: Time| (webhook.read)(&account, &fixture.received(), now).map(|_| ());
        let expected = match fixture::lacks(connector).contains_key("old_callback") {
            true => Ok(()),
            false => Err(Forged::Old),
        };
        for hours in [-1, 1, 24 * 365] {
            assert_eq!(read(NOW.plus(hours * domain::time::HOUR)), expected, "{place}: {hours} hours");
        }
    });
}
