//! What may not go, or cannot, waits with its reason and holds up nobody.

use domain::transfer::State;

use super::{PAYER, assert_received, beside};
use crate::harness::Sandbox;

#[tokio::test]
async fn what_cannot_go_is_parked_and_the_next_one_goes() {
    let sandbox = Sandbox::start().await;
    let beside = beside(&sandbox).await;
    let nowhere = beside.refund(1, "0x0000000000000000000000000000000000000000").await;
    let too_much = beside.refund(100_000_000_001, PAYER).await;
    let first = beside.refund(90_000_000_000, PAYER).await;
    beside.becomes(&first, State::Done).await;
    // what is left is less than this, and within the caps
    let poor = beside.refund(90_000_000_000, PAYER).await;
    let small = beside.refund(1_000_000, PAYER).await;
    beside.becomes(&small, State::Done).await;
    assert!(beside.parked(&nowhere).await.contains("is no wallet to send USDC to"));
    let why = beside.parked(&too_much).await;
    assert_eq!(why, "100000.000001 USDC are more than the treasury's cap of 100000 a transfer");
    let why = beside.parked(&poor).await;
    assert!(why.contains("the node finds it impossible") && why.contains("holds 10000000000 smallest"), "{why}");
    for id in [&nowhere, &too_much, &poor] {
        assert_eq!(beside.transfer(id).await.state, State::Reserved);
    }
    assert_received(&sandbox, 90_001_000_000).await;
}
