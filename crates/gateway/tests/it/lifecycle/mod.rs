//! Invoices from creation to the merchant's wallet: what the payer does, what the merchant is told, what the chain and the
//! books say in the end.

mod crashes;
mod gas;
mod outcomes;
mod page;
mod parts;
mod reorganisations;

use crate::harness::{CREATED, Chain, EXPIRED, FAILED, OPENED, PAID, RECEIVED, Sandbox, assert_told, wait_until};

/// The wallets of merchant and operator get exactly this, and nothing more after it.
async fn assert_paid_out(sandbox: &Sandbox, symbol: &str, merchant: u128, operator: u128) {
    let chain = Chain::of(sandbox);
    let look = || chain.paid_out(symbol);
    wait_until("the wallets are paid", look, |paid| *paid == (merchant, operator)).await;
    sandbox.client.mine(5).await;
    assert_eq!(chain.paid_out(symbol).await, (merchant, operator));
}
