//! Each exchange by itself: the request to the byte, and what is read from the answer.

use rails::provider::list;
use serde_json::json;

use crate::{fixture, play, show};

#[test]
fn requests_and_outcomes_are_those_of_the_fixtures() {
    let mut wrong = Vec::new();
    for connector in list::ALL {
        for fixture in fixture::all(connector).iter().filter(|fixture| fixture.flow != "webhook") {
            let place = format!("{}/{}", connector.name, fixture.name);
            let Some(request) = play::request(connector, fixture) else {
                wrong.push(format!("{place}: the connector lacks the flow {}", fixture.flow));
                continue;
            };
            let written = fixture::written(&request);
            if fixture.request.as_ref() != Some(&written) {
                wrong.push(format!("{place}: the request is\n{written:#}"));
            }
            let shown = play::play(connector, fixture, &fixture.response()).unwrap_or(json!(null));
            if !show::is_as_expected(&shown, &fixture.expect) {
                wrong.push(format!("{place}: the outcome is\n{shown:#}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn fixtures_say_where_they_come_from() {
    for connector in list::ALL {
        for fixture in fixture::all(connector) {
            let place = format!("{}/{}", connector.name, fixture.name);
            assert!(fixture.source.starts_with("https://"), "{place}: source is no address");
            let honest =
                ["Documented shape, not recorded live", "Recorded"].iter().any(|word| fixture.about.starts_with(word));
            assert!(honest, "{place}: about does not say whether it was recorded");
            assert!(play::FLOWS.contains(&fixture.flow.as_str()), "{place}: no flow is named {}", fixture.flow);
        }
    }
}

#[test]
fn names_are_unique_and_collect_is_off() {
    for (at, connector) in list::ALL.iter().enumerate() {
        assert!(list::ALL[at + 1..].iter().all(|other| other.name != connector.name), "{}", connector.name);
        assert!(connector.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", connector.name);
        assert!(!connector.base_url.ends_with('/'), "{}", connector.name);
        assert!(connector.collect.is_none(), "{} asks payers by their VPA", connector.name);
    }
}
