//! What must not be seen, and what must be sent.

use rails::provider::{Connector, list};

use crate::fixture::{self, CHARGE, CODE, Fixture, PAN, REFUND};
use crate::play;

fn secrets(connector: &Connector) -> Vec<String> {
    let account = fixture::account(connector);
    let fields = connector.fields.iter().filter(|field| field.secret).map(|field| account.get(field.name).to_owned());
    fields.chain(account.token.iter().map(|token| token.text.to_string())).collect()
}

fn requests() -> Vec<(&'static Connector, Fixture, rails::provider::HttpRequest)> {
    let each = list::ALL.iter().flat_map(|connector| fixture::all(connector).into_iter().map(|it| (*connector, it)));
    each.filter_map(|(connector, it)| play::request(connector, &it).map(|request| (connector, it, request))).collect()
}

#[test]
fn no_secret_and_no_card_stands_in_an_address_or_in_debug() {
    for (connector, fixture, request) in requests() {
        let place = format!("{}/{}", connector.name, fixture.name);
        let account = fixture.account(connector);
        let seen = format!("{} {request:?} {account:?} {:?} {:?}", request.url, account.token, fixture::card());
        for secret in secrets(connector) {
            assert!(!seen.contains(&secret), "{place} shows {secret}");
        }
        assert!(!seen.contains(PAN), "{place} shows the card");
        assert!(!seen.contains(CODE), "{place} shows the security code");
    }
}

#[test]
fn what_begins_something_carries_our_id() {
    for (connector, fixture, request) in requests() {
        let id = match fixture.flow.as_str() {
            "create" | "create_with_card" => CHARGE,
            "refund" => REFUND,
            _ => continue,
        };
        let headers = request.headers.iter().map(|(_, value)| value.as_str());
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let sent = headers.chain([request.url.as_str(), &body]).any(|part| part.contains(id));
        assert!(sent, "{}/{} has no {id}", connector.name, fixture.name);
    }
}

/// A body that grew while it was written would have left a copy of the card in memory that is not wiped.
#[test]
fn card_data_is_in_the_body_alone() {
    for (connector, fixture, request) in requests() {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let with_card = fixture.flow == "create_with_card";
        assert_eq!(body.contains(PAN), with_card, "{}/{}", connector.name, fixture.name);
        assert!(request.headers.iter().all(|(_, value)| !value.contains(PAN)), "{}", connector.name);
    }
}

#[test]
fn secrets_are_told_apart_from_what_may_be_shown() {
    for connector in list::ALL {
        for field in connector.fields {
            let named = ["secret", "password", "token", "salt"].iter().any(|word| field.name.contains(word));
            assert!(field.secret || !named, "{}: {} should be a secret", connector.name, field.name);
            assert!(!field.help.is_empty(), "{}: {} has no help", connector.name, field.name);
        }
        assert!(connector.webhook.is_none() || connector.fields.iter().any(|field| field.secret), "{}", connector.name);
    }
}
