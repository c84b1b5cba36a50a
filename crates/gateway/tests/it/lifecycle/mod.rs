//! Invoices from creation to the merchant's wallet: what the payer does, what the merchant is told, what the chain and the
//! books say in the end.

mod crashes;
mod gas;
mod outcomes;
mod page;
mod parts;
mod reorganisations;

use crate::harness::{Chain, Sandbox, assert_signed, wait_until};

const CREATED: &str = "invoice:created";
const OPENED: &str = "invoice:opened";
const RECEIVED: &str = "invoice:awaiting_approval";
const PAID: &str = "invoice:paid";
const FAILED: &str = "invoice:failed";
const EXPIRED: &str = "invoice:expired";

/// The invoice's whole story is told, in this order, each once, and every callback is signed.
async fn assert_told(sandbox: &Sandbox, id: i64, story: &[&str]) {
    let callbacks = sandbox.client.callbacks_of(id, story.len()).await;
    let secret = sandbox.webhook_secret();
    let mut told = Vec::new();
    for callback in &callbacks {
        let body = callback["raw_body"].as_str().unwrap();
        assert_eq!(callback["verified"], true, "{callback}");
        let header = |name: &str| callback["headers"][name].as_str().unwrap_or_else(|| panic!("no {name}: {callback}"));
        assert_signed(&sandbox.client.key, &secret, body, header);
        assert_eq!(header("content-type"), "application/json");
        told.push(crate::harness::json(body)["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(told, story);
    let events = sandbox.database().events(id).await;
    let statuses: Vec<&str> = events.iter().map(|event| event.status.as_str()).collect();
    assert_eq!(statuses, story, "nothing is still to be told");
    let mut ids: Vec<&str> = callbacks.iter().map(|one| one["headers"]["webhook-id"].as_str().unwrap()).collect();
    assert_eq!(ids, events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>());
    ids.dedup();
    assert_eq!(ids.len(), story.len());
}

/// The wallets of merchant and operator get exactly this, and nothing more after it.
async fn assert_paid_out(sandbox: &Sandbox, symbol: &str, merchant: u128, operator: u128) {
    let chain = Chain::of(sandbox);
    let look = || chain.paid_out(symbol);
    wait_until("the wallets are paid", look, |paid| *paid == (merchant, operator)).await;
    sandbox.client.mine(5).await;
    assert_eq!(chain.paid_out(symbol).await, (merchant, operator));
}
