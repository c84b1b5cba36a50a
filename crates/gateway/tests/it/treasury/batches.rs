//! Several transfers in one transaction: cheaper, and still each exactly once.

use std::collections::BTreeSet;

use domain::TransferId;
use domain::transfer::State;

use super::{Beside, PAYER, assert_received, beside};
use crate::harness::{Chain, Sandbox};

const OTHER: &str = "0x8888888888888888888888888888888888888888";
const UNITS: u128 = 2_000_000;
/// Enough that the approval pays.
const MANY: usize = 8;

/// Decides on several at once, all alike: whoever looks, sees them together.
async fn decide(beside: &Beside) -> Vec<TransferId> {
    beside.refunds(&[(UNITS, PAYER); MANY]).await
}

async fn transactions(beside: &Beside, ids: &[TransferId]) -> BTreeSet<u64> {
    let mut nonces = BTreeSet::new();
    for id in ids {
        let row = beside.becomes(id, State::Done).await;
        assert_eq!(row.round, 1, "{row:?}");
        nonces.insert(row.nonce.unwrap());
    }
    nonces
}

#[tokio::test]
async fn many_arrive_in_one_transaction() {
    let sandbox = Sandbox::start().await;
    let beside = beside(&sandbox).await;
    let ids = decide(&beside).await;
    assert_eq!(transactions(&beside, &ids).await, BTreeSet::from([1]), "the approval, and the batch");
    // the next ones find the approval there
    let more = beside.refunds(&[(UNITS, OTHER), (UNITS, PAYER), (UNITS, OTHER)]).await;
    assert_eq!(transactions(&beside, &more).await, BTreeSet::from([2]));
    // a batch of one is never made
    let one = beside.refund(UNITS, PAYER).await;
    assert_eq!(transactions(&beside, &[one]).await, BTreeSet::from([3]));
    assert_eq!(Chain::of(&sandbox).balance("USDC", OTHER).await, 2 * UNITS);
    assert_received(&sandbox, (MANY as u128 + 2) * UNITS).await;
}

/// Too few for an approval to pay.
#[tokio::test]
async fn two_go_alone() {
    let sandbox = Sandbox::start().await;
    let beside = beside(&sandbox).await;
    let ids = beside.refunds(&[(UNITS, PAYER), (UNITS, OTHER)]).await;
    assert_eq!(transactions(&beside, &ids).await, BTreeSet::from([0, 1]));
    assert_received(&sandbox, UNITS).await;
}

/// What may not go does not hold up the others, and the caps are counted over all that goes together.
#[tokio::test]
async fn what_cannot_go_with_them_stays() {
    let sandbox = Sandbox::start().await;
    let beside = beside(&sandbox).await;
    let nowhere = "0x0000000000000000000000000000000000000000";
    let mut wanted = vec![(UNITS, PAYER); MANY];
    wanted.insert(3, (UNITS, nowhere));
    wanted.insert(5, (100_000_000_001, PAYER));
    let mut ids = beside.refunds(&wanted).await;
    assert!(beside.parked(&ids[5]).await.contains("cap of 100000 a transfer"));
    assert!(beside.parked(&ids[3]).await.contains("is no wallet"));
    ids.remove(5);
    ids.remove(3);
    assert_eq!(transactions(&beside, &ids).await.len(), 1);
    assert_received(&sandbox, MANY as u128 * UNITS).await;
}

async fn dying_at(point: &str) {
    let mut sandbox = Sandbox::start_with(&[("LOCKGATE_CRASH_AT", point)]).await;
    let ids = decide(&beside(&sandbox).await).await;
    let status = sandbox.ended().await;
    assert!(!status.success(), "{point}: {status}");
    sandbox.start_again().await;
    let beside = beside(&sandbox).await;
    let nonces = transactions(&beside, &ids).await;
    assert_eq!(nonces, BTreeSet::from([1]), "{point}: one approval, one batch");
    assert_received(&sandbox, MANY as u128 * UNITS).await;
}

#[tokio::test]
async fn killed_before_the_batch_is_stored() {
    dying_at("transfer.before_store").await;
}

#[tokio::test]
async fn killed_after_the_batch_is_stored() {
    dying_at("transfer.after_store").await;
}

#[tokio::test]
async fn killed_after_the_batch_is_sent() {
    dying_at("transfer.after_send").await;
}

#[tokio::test]
async fn killed_before_the_approval_is_stored() {
    dying_at("approval.before_store").await;
}

#[tokio::test]
async fn killed_after_the_approval_is_stored() {
    dying_at("approval.after_store").await;
}

#[tokio::test]
async fn killed_after_the_approval_is_sent() {
    dying_at("approval.after_send").await;
}
