//! The process dies at each step of a transfer, and is started again.

use domain::transfer::State;

use super::{PAYER, assert_received, beside};
use crate::harness::Sandbox;

async fn dying_at(point: &str) {
    let mut sandbox = Sandbox::start_with(&[("LOCKGATE_CRASH_AT", point)]).await;
    let id = {
        let beside = beside(&sandbox).await;
        beside.refund(7_000_000, PAYER).await
    };
    let status = sandbox.ended().await;
    assert!(!status.success(), "{point}: {status}");
    sandbox.start_again().await;
    let beside = beside(&sandbox).await;
    let row = beside.becomes(&id, State::Done).await;
    assert_eq!((row.nonce, row.round), (Some(0), 1), "{point}");
    assert_received(&sandbox, 7_000_000).await;
}

#[tokio::test]
async fn before_it_is_stored() {
    dying_at("transfer.before_store").await;
}

#[tokio::test]
async fn after_it_is_stored() {
    dying_at("transfer.after_store").await;
}

#[tokio::test]
async fn after_it_is_sent() {
    dying_at("transfer.after_send").await;
}
