//! The chain takes blocks back.

use domain::payment::Finality;
use serde_json::json;

use super::{CREATED, OPENED, PAID, RECEIVED, assert_paid_out, assert_told};
use crate::harness::{Chain, Database, Pay, Sandbox, units, wait_until};

/// Enough dollars that a payment waits for three confirmations: time to take its block back.
const LARGE: &str = "2000";

/// Pays, and answers the blocks from the payment's to the head, once the gateway has seen it.
async fn paid_and_seen(sandbox: &Sandbox, database: &Database, id: i64) -> u64 {
    let known = database.payments(id).await.len();
    sandbox.client.mine(5).await;
    let paid = sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    wait_until("the payment is seen", || database.payments(id), |seen| seen.len() > known).await;
    depth(sandbox, paid["tx_hash"].as_str().unwrap()).await
}

async fn depth(sandbox: &Sandbox, tx_hash: &str) -> u64 {
    let chain = Chain::of(sandbox);
    let receipt = chain.call("eth_getTransactionReceipt", json!([tx_hash])).await;
    let block = u64::from_str_radix(receipt["blockNumber"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    chain.head().await - block + 1
}

async fn finality(database: &Database, id: i64) -> Vec<(Finality, u32)> {
    database.payments(id).await.iter().map(|row| (row.payment.finality, row.payment.round)).collect()
}

#[tokio::test]
async fn a_payment_that_is_gone_was_none() {
    let sandbox = Sandbox::start().await;
    let database = sandbox.database();
    let (id, token) = sandbox.client.sell(LARGE, "USDT_polygon").await;
    let blocks = paid_and_seen(&sandbox, &database, id).await;
    assert!(!sandbox.client.page(&token).await.body.contains("Send exactly"), "the page has seen it");
    sandbox.client.reorg(blocks, false).await;
    let gone = |seen: &Vec<(Finality, u32)>| *seen == [(Finality::Reversed, 0)];
    wait_until("the payment is taken back before it was final", || finality(&database, id), gone).await;
    sandbox.client.mine(8).await;
    assert_told(&sandbox, id, &[CREATED, OPENED]).await;
    assert!(sandbox.client.page(&token).await.body.contains("Send exactly"), "all is to be paid again");
    assert_paid_out(&sandbox, "USDT", 0, 0).await;
    sandbox.audit();

    // a unit more: the very same transaction again would be the old payment come back
    sandbox.client.pay(id, Pay { outcome: "paid", amount: Some("2000.000001"), ..Pay::default() }).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    assert_paid_out(&sandbox, "USDT", units("1980.000001", 6), units("20", 6)).await;
    assert_eq!(finality(&database, id).await, [(Finality::Reversed, 0), (Finality::Final, 1)]);
    sandbox.audit();
}

#[tokio::test]
async fn a_payment_that_comes_back_is_the_same() {
    let sandbox = Sandbox::start().await;
    let database = sandbox.database();
    let (id, _) = sandbox.client.sell(LARGE, "USDC_polygon").await;
    let blocks = paid_and_seen(&sandbox, &database, id).await;
    sandbox.client.reorg(blocks + 3, true).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    assert_paid_out(&sandbox, "USDC", units("1980", 6), units("20", 6)).await;
    let live = finality(&database, id).await.into_iter().filter(|(finality, _)| *finality != Finality::Reversed);
    assert_eq!(live.count(), 1, "one payment");
    sandbox.audit();
}

/// Deeper than anybody waits: payment and flush leave the chain after they were final, and come back.
#[tokio::test]
async fn settled_and_settled_again() {
    let sandbox = Sandbox::start().await;
    let database = sandbox.database();
    let (id, _) = sandbox.client.sell("10", "USDT_polygon").await;
    let paid = sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    sandbox.audit();
    let blocks = depth(&sandbox, paid["tx_hash"].as_str().unwrap()).await;
    sandbox.client.reorg(blocks, true).await;
    let again =
        |seen: &Vec<(Finality, u32)>| seen.contains(&(Finality::Reversed, 1)) && seen.contains(&(Finality::Final, 1));
    wait_until("the payment is final again, in another block", || finality(&database, id), again).await;
    let flushed = |rows: &Vec<gateway::store::payments::PaymentRow>| {
        rows.iter().any(|row| row.payment.finality == Finality::Final && row.payment.flushed_by.is_some())
    };
    wait_until("the flush is final again", || database.payments(id), flushed).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    assert_paid_out(&sandbox, "USDT", units("9.9", 6), units("0.1", 6)).await;
    sandbox.audit();
}

/// A payment that was final and never comes back: the merchant is told, if he has not been paid.
#[tokio::test]
async fn received_and_lost() {
    let sandbox = Sandbox::start().await;
    let database = sandbox.database();
    let (id, token) = sandbox.client.sell("10", "USDT_polygon").await;
    let paid = sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    sandbox.client.status_becomes(id, RECEIVED).await;
    let blocks = depth(&sandbox, paid["tx_hash"].as_str().unwrap()).await;
    sandbox.client.reorg(blocks, false).await;
    let gone = |seen: &Vec<(Finality, u32)>| *seen == [(Finality::Reversed, 1)];
    wait_until("the payment is taken back", || finality(&database, id), gone).await;
    sandbox.audit();
    sandbox.client.mine(8).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, super::FAILED]).await;
    assert_eq!(sandbox.client.infos(id).await["description"], "The payment was reversed by the blockchain");
    assert_eq!(sandbox.client.page(&token).await.status, 200);
    assert_paid_out(&sandbox, "USDT", 0, 0).await;
    sandbox.audit();
}

/// The merchant has been told that he was paid, and then he was not. The contract has no word for that; the audit does.
#[tokio::test]
async fn settled_and_lost() {
    let sandbox = Sandbox::start().await;
    let database = sandbox.database();
    let (id, _) = sandbox.client.sell("10", "USDT_polygon").await;
    let paid = sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    let blocks = depth(&sandbox, paid["tx_hash"].as_str().unwrap()).await;
    sandbox.client.reorg(blocks, false).await;
    let gone = |seen: &Vec<(Finality, u32)>| *seen == [(Finality::Reversed, 1)];
    wait_until("the payment is taken back", || finality(&database, id), gone).await;
    sandbox.client.mine(8).await;
    assert_paid_out(&sandbox, "USDT", 0, 0).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    let audit = sandbox.run(&["audit"]);
    let said = String::from_utf8(audit.stdout).unwrap();
    assert!(!audit.status.success(), "{said}");
    assert!(
        said.contains(" 1: is settled, but not every payment has reached the merchant: what settled it left the chain"),
        "{said}"
    );
    assert!(said.contains(" 1 findings"), "{said}");
}
