//! Plays a fixture: the request that the connector makes, and what it reads from the answer.

use rails::provider::{Connector, HttpRequest, HttpResponse};
use serde_json::Value;

use crate::fixture::{self, Fixture, NOW};
use crate::show;

pub const FLOWS: &[&str] = &[
    "login",
    "create",
    "create_with_card",
    "sync",
    "sync_more",
    "cancel",
    "refund",
    "refund_sync",
    "disputes",
    "webhook",
];

/// The request that a fixture is about; none for a callback.
pub fn request(connector: &Connector, fixture: &Fixture) -> Option<HttpRequest> {
    let (account, charge) = (fixture.account(connector), fixture.charge(connector));
    Some(match fixture.flow.as_str() {
        "login" => (connector.login.as_ref()?.request)(&account),
        "create" => (connector.create.get(fixture.step)?.request)(&account, &charge),
        "create_with_card" => (connector.create_with_card.as_ref()?.request)(&account, &charge, &fixture::card()),
        "sync" => (connector.sync.request)(&account, &charge),
        "sync_more" => (connector.sync_more.as_ref()?.request)(&account, &charge),
        "cancel" => (connector.cancel.as_ref()?.request)(&account, &charge),
        "refund" => (connector.refund.as_ref()?.create.request)(&account, &fixture.refund(connector)),
        "refund_sync" => (connector.refund.as_ref()?.sync.request)(&account, &fixture.refund(connector)),
        "disputes" => (connector.disputes.as_ref()?.request)(&account, &charge),
        _ => return None,
    })
}

/// What the connector makes of an answer to that request; none where it lacks the flow.
pub fn play(connector: &Connector, fixture: &Fixture, response: &HttpResponse) -> Option<Value> {
    let (account, charge) = (fixture.account(connector), fixture.charge(connector));
    Some(match fixture.flow.as_str() {
        "login" => show::token((connector.login.as_ref()?.response)(response, NOW)),
        "create" => show::answer(&(connector.create.get(fixture.step)?.response)(&account, &charge, response)),
        "create_with_card" => {
            show::answer(&(connector.create_with_card.as_ref()?.response)(&account, &charge, response))
        }
        "sync" => show::answer(&(connector.sync.response)(&account, &charge, response)),
        "sync_more" => show::answer(&(connector.sync_more.as_ref()?.response)(&account, &charge, response)),
        "cancel" => show::answer(&(connector.cancel.as_ref()?.response)(&account, &charge, response)),
        "refund" => {
            show::refund(&(connector.refund.as_ref()?.create.response)(&account, &fixture.refund(connector), response))
        }
        "refund_sync" => {
            show::refund(&(connector.refund.as_ref()?.sync.response)(&account, &fixture.refund(connector), response))
        }
        "disputes" => show::disputes(&(connector.disputes.as_ref()?.response)(&account, &charge, response)),
        _ => return None,
    })
}
