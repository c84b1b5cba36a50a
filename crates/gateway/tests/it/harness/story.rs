//! What the merchant is told of an invoice, from its creation to its end.

use serde_json::Value;

use super::{Sandbox, assert_signed, json, wait_until};

pub const CREATED: &str = "invoice:created";
pub const OPENED: &str = "invoice:opened";
pub const RECEIVED: &str = "invoice:awaiting_approval";
pub const PAID: &str = "invoice:paid";
pub const FAILED: &str = "invoice:failed";
pub const EXPIRED: &str = "invoice:expired";
pub const CHARGEBACK: &str = "invoice:chargeback";
pub const WITHHELD: &str = "invoice:withheld";

/// The invoice's whole story is told, in this order, each once, and every callback is signed. Answers the callbacks' bodies.
pub async fn assert_told(sandbox: &Sandbox, id: i64, story: &[&str]) -> Vec<Value> {
    let callbacks = sandbox.client.callbacks_of(id, story.len()).await;
    let secret = sandbox.webhook_secret();
    let mut bodies = Vec::new();
    for callback in &callbacks {
        let body = callback["raw_body"].as_str().unwrap();
        assert_eq!(callback["verified"], true, "{callback}");
        let header = |name: &str| callback["headers"][name].as_str().unwrap_or_else(|| panic!("no {name}: {callback}"));
        assert_signed(&sandbox.client.key, &secret, body, header);
        assert_eq!(header("content-type"), "application/json");
        bodies.push(json(body));
    }
    let told: Vec<&str> = bodies.iter().map(|body| body["status"].as_str().unwrap()).collect();
    assert_eq!(told, story);
    let events = sandbox.database().events(id).await;
    let statuses: Vec<&str> = events.iter().map(|event| event.status.as_str()).collect();
    assert_eq!(statuses, story, "nothing is still to be told");
    let mut ids: Vec<&str> = callbacks.iter().map(|one| one["headers"]["webhook-id"].as_str().unwrap()).collect();
    assert_eq!(ids, events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>());
    ids.dedup();
    assert_eq!(ids.len(), story.len());
    bodies
}

/// The story as far as it is told, in order; after a crash the last callback may have come again.
pub async fn assert_told_at_least_once(sandbox: &Sandbox, id: i64, story: &[&str]) {
    let look = || async {
        let mut told = sandbox.client.told(id, 1).await;
        told.dedup();
        told
    };
    wait_until("the whole story is told", look, |told| *told == story).await;
    let events = sandbox.database().events(id).await;
    assert_eq!(events.iter().map(|event| event.status.as_str()).collect::<Vec<_>>(), story);
}
