//! Pay-outs by the contract: funds that come, payments that go.

mod crashes;
mod funds;
mod payments;
mod refusals;
mod rules;

use domain::payment::{Finality, OnChain};
use domain::{Time, Units};
use gateway::store::treasury_moves::{self, Direction, MoveRow};
use serde_json::{Value, json};

use crate::harness::*;

pub const ADD: &str = "/api/payout/funds/add";
pub const SEND: &str = "/api/payout/payment/send";

/// A transaction hash, told apart by `n`.
pub fn hash(n: u64) -> String {
    format!("0x{n:064x}")
}

pub fn fund(amount: &str, n: u64) -> Value {
    json!({ "amount": amount, "blockchain": "polygon", "crypto": "USDC", "tx_hash": hash(n) })
}

pub fn payment(amount: &str, card: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR", "firstname": "john", "lastname": "smith", "card_number": card,
        "expiry": "04/2025" })
}

/// What the watcher of the treasury's wallet writes when coins came: `units` of USDC in the transaction `n`, as its log `log`.
pub async fn came(sandbox: &Sandbox, n: u64, log: u64, asset: &str, units: u128, finality: Finality) {
    let moved = MoveRow {
        on_chain: OnChain {
            chain: "polygon".into(),
            tx_hash: hash(n),
            log_index: log,
            // the watcher makes final what is deep enough
            block_number: if finality == Finality::Final { 1 } else { 300 },
            block_hash: hash(1_000_000),
            block_time: Time(0),
        },
        wallet: sandbox.fee_wallet(),
        direction: Direction::In,
        counterparty: sandbox.wallet(),
        asset: asset.into(),
        units: Units(units),
        finality: Finality::Seen,
        round: 0,
        transfer: None,
        claimed_by: None,
        fund_number: None,
        internal: false,
        seen_at: Time(0),
    };
    let store = sandbox.database().store;
    store
        .write(move |tx| treasury_moves::insert(tx, &moved))
        .await
        .map_err(|error: gateway::store::StoreError| error)
        .unwrap();
    if finality == Finality::Final {
        let look = || async {
            sandbox.client.mine(5).await;
            store.read(|tx| treasury_moves::of_tx(tx, "polygon", &hash(n))).await.unwrap()
        };
        wait_until("the coins are final", look, |rows| rows.iter().all(|row| row.finality == Finality::Final)).await;
    }
}

/// A fund of so many whole USDC that is credited: 0.92 EUR each.
pub async fn credited(sandbox: &Sandbox, usdc: u128, n: u64) -> i64 {
    came(sandbox, n, 0, "USDC_polygon", usdc * 1_000_000, Finality::Final).await;
    let id = sandbox.client.post_json(ADD, &fund(&usdc.to_string(), n)).await.ok()["fund_id"].as_i64().unwrap();
    becomes(&sandbox.client, "funds", id, "fund:success").await;
    id
}

pub async fn detail(client: &Client, what: &str, id: i64) -> Value {
    client.get(&format!("/api/payout/{what}/get-detail?id={id}")).await.ok()["data"].clone()
}

pub async fn becomes(client: &Client, what: &str, id: i64, status: &str) -> Value {
    let waited_for = format!("{what} {id} is {status}");
    wait_until(&waited_for, || detail(client, what, id), |data| data["status"] == status).await
}

/// The callbacks about something, oldest first: each with right signatures, told in order.
pub async fn told(sandbox: &Sandbox, prefix: &str, id: i64, story: &[&str]) -> Vec<Value> {
    let look = || async {
        let all = sandbox.client.callbacks().await;
        let about = |callback: &Value| {
            let body = crate::harness::json(callback["raw_body"].as_str().unwrap());
            body["id"] == id && body["status"].as_str().unwrap().starts_with(prefix)
        };
        all.into_iter().filter(about).collect::<Vec<_>>()
    };
    let callbacks = wait_until("the callbacks come", look, |seen| seen.len() >= story.len()).await;
    let secret = sandbox.webhook_secret();
    let mut bodies = Vec::new();
    for callback in &callbacks {
        let body = callback["raw_body"].as_str().unwrap();
        let header = |name: &str| callback["headers"][name].as_str().unwrap();
        assert_signed(&sandbox.client.key, &secret, body, header);
        bodies.push(crate::harness::json(body));
    }
    let mut told: Vec<&str> = bodies.iter().map(|body| body["status"].as_str().unwrap()).collect();
    told.dedup();
    assert_eq!(told, story);
    bodies
}
