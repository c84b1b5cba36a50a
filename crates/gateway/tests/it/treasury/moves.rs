//! What comes to the treasury, and what the chain takes back.

use domain::ledger::{Kind, house};
use domain::payment::Finality;
use domain::transfer::State;
use gateway::store::{ledger, treasury_moves};
use serde_json::json;

use super::{Beside, PAYER, assert_received, beside};
use crate::harness::{Chain, Sandbox, wait_until};

/// Credit less debit on an account of the house, in base units of USDC.
async fn holds(beside: &Beside, kind: Kind) -> i128 {
    let rows = beside.app.store.read(|tx| ledger::accounts(tx, &house())).await.unwrap();
    let row = rows.into_iter().find(|row| row.account.kind == kind && row.account.asset == "USDC_polygon");
    row.map_or(0, |row| i128::try_from(row.credit.0).unwrap() - i128::try_from(row.debit.0).unwrap())
}

const FILLED: i128 = 100_000_000_000;

#[tokio::test]
async fn a_deposit_is_nobodys_until_it_is_declared() {
    let sandbox = Sandbox::start().await;
    let beside = beside(&sandbox).await;
    wait_until("the first coins are declared", || holds(&beside, Kind::Capital), |sum| *sum == FILLED).await;
    let order = json!({ "asset": "USDC_polygon", "amount": "12.5" });
    let made = sandbox.client.post_json("/sandbox/treasury/deposits", &order).await.ok();
    assert_eq!(made["to"], sandbox.file["treasury"]);
    let hash = made["tx_hash"].as_str().unwrap();
    let moves = || async { beside.app.store.read(|tx| treasury_moves::of_tx(tx, "polygon", hash)).await.unwrap() };
    let rows = wait_until("it is final", moves, |rows| rows.iter().any(|row| row.finality == Finality::Final)).await;
    assert_eq!((rows.len(), rows[0].units.0, rows[0].claimed_by.clone()), (1, 12_500_000, None));
    assert_eq!(holds(&beside, Kind::Unclaimed).await, 12_500_000);
    sandbox.audit();
    let said = sandbox.said(&["treasury", "top-up", "--tx", hash]);
    assert!(said.contains("12.5 USDC_polygon are the operator's capital now"), "{said}");
    assert_eq!((holds(&beside, Kind::Unclaimed).await, holds(&beside, Kind::Capital).await), (0, FILLED + 12_500_000));
    let again = sandbox.run(&["treasury", "top-up", "--tx", hash]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("declared"), "{again:?}");
    let unknown = sandbox.run(&["treasury", "top-up", "--tx", &format!("0x{:064x}", 7)]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no coins came"), "{unknown:?}");
    // deeper than anything is final: the deposit never happened
    let depth = Chain::of(&sandbox).head().await - rows[0].on_chain.block_number + 3;
    sandbox.client.post_json("/sandbox/chain/reorg", &json!({ "depth": depth })).await.ok();
    wait_until("it is taken back", || holds(&beside, Kind::Capital), |sum| *sum == FILLED).await;
    assert_eq!(holds(&beside, Kind::Unclaimed).await, 0);
    sandbox.audit();
}

/// A transfer that had arrived leaves the chain: the same bytes go again, and it arrives a second time.
#[tokio::test]
async fn a_transfer_that_left_the_chain_goes_again() {
    let sandbox = Sandbox::start().await;
    let beside = beside(&sandbox).await;
    wait_until("the treasury is filled", || holds(&beside, Kind::Capital), |sum| *sum == FILLED).await;
    sandbox.client.mine(20).await;
    let id = beside.refund(3_000_000, PAYER).await;
    let first = beside.becomes(&id, State::Done).await;
    let order = json!({ "depth": 12, "keep_transactions": false });
    sandbox.client.post_json("/sandbox/chain/reorg", &order).await.ok();
    let arrived = wait_until("it arrives again", || beside.transfer(&id), |row| row.round == 2).await;
    assert_eq!((arrived.state, arrived.nonce, arrived.tx_hash), (State::Done, first.nonce, first.tx_hash));
    assert_received(&sandbox, 3_000_000).await;
}
