//! What the treasury pays on a real EVM node: with `kill -9` at each step, without a miner, and called off.

use std::time::Duration;

use domain::ledger::Kind as AccountKind;
use domain::transfer::{Kind, State};
use domain::{TransferId, Units};
use gateway::app::SharedApp;
use gateway::app::transfers::{NewTransfer, Rail, reserve};
use gateway::app::treasury::send::cancel;
use gateway::store::transfers::{self, TransferRow};
use gateway::store::{StoreError, merchants};
use serde_json::json;

use super::gateway::Gateway;
use super::peer::{self, Anvil, USDT};
use super::until;

const PAYEE: &str = "0x9999999999999999999999999999999999999999";
const UNITS: u128 = 3_000_000;

async fn refund(app: &SharedApp) -> TransferRow {
    let merchant = app.store.read(|tx| merchants::by_number(tx, 1)).await.map_err(|error: StoreError| error).unwrap();
    let (worker, merchant) = (app.clone(), merchant.unwrap().id);
    let row = app.store.write(move |tx| {
        let new = NewTransfer {
            merchant,
            kind: Kind::CoinRefund,
            subject: "a refund of the test".into(),
            invoice_number: None,
            taken_from: AccountKind::Payable,
            asset: "USDT_polygon".into(),
            units: Units(UNITS),
            rail: Rail::Chain("polygon".into()),
            destination: PAYEE.into(),
            needs_approval: false,
        };
        reserve(&worker, tx, new)
    });
    row.await.unwrap()
}

async fn state(app: &SharedApp, row: &TransferRow) -> State {
    let id: &TransferId = &row.id;
    app.store.read(|tx| transfers::existing(tx, &row.merchant_id, id)).await.unwrap().state
}

async fn mine_until(anvil: &Anvil, app: &SharedApp, row: &TransferRow, end: State) {
    until("the transfer ends", async || {
        anvil.mine(1).await;
        (state(app, row).await == end).then_some(())
    })
    .await;
}

/// A treasury with coins that the gateway saw come.
async fn set_up(anvil: &Anvil, name: &str) -> Gateway {
    set_up_with(anvil, name, Gateway::add_treasury).await
}

async fn set_up_with(anvil: &Anvil, name: &str, add: fn(&Gateway) -> String) -> Gateway {
    let mut gateway = Gateway::set_up(anvil, name).await;
    let treasury = add(&gateway);
    gateway.start(None).await;
    // an address to pay to is given out only when the chain is being read: what comes from now on is seen
    gateway.create("15.04", "USDT_polygon").await;
    anvil.transfer(USDT, &treasury, 500_000_000).await;
    until("the treasury's coins are final", async || {
        anvil.mine(1).await;
        gateway.output(&["treasury", "show"]).stdout.windows(12).any(|words| words == b"500 in the b").then_some(())
    })
    .await;
    gateway
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_step_of_a_transfer() {
    let Some(anvil) = peer::start().await else { return };
    let mut gateway = set_up(&anvil, "treasury-killed").await;
    let mut paid = 0;
    for point in ["transfer.before_store", "transfer.after_store", "transfer.after_send"] {
        gateway.kill();
        gateway.start(Some(point)).await;
        let app = gateway.parts().await;
        let row = refund(&app).await;
        let mining = async {
            loop {
                anvil.mine(1).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::select! {
            () = gateway.crashed() => {}
            () = mining => {}
        }
        gateway.start(None).await;
        mine_until(&anvil, &app, &row, State::Done).await;
        paid += UNITS;
        assert_eq!(anvil.balance(USDT, PAYEE).await, paid, "after a crash at {point}");
        gateway.audit();
        let said = gateway.command(&["audit", "--chain"]);
        assert!(said.contains("the treasury's coins on the chain are those in the books"), "{said}");
    }
}

/// Nobody mines: the same nonce is offered better paid, then called off, and the empty transaction is what the chain takes.
#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_transfer_is_called_off_with_proof() {
    let Some(anvil) = peer::start().await else { return };
    let gateway = set_up(&anvil, "treasury-stuck").await;
    let app = gateway.parts().await;
    anvil.call("evm_setAutomine", json!([false])).await;
    let row = refund(&app).await;
    let waiting = async || {
        let pool = anvil.call("txpool_content", json!([])).await;
        let (_, by_nonce) = pool["pending"].as_object()?.iter().next()?;
        let (_, sent) = by_nonce.as_object()?.iter().next()?;
        Some((sent["nonce"].clone(), sent["input"].clone(), sent["hash"].clone()))
    };
    let first = until("a transfer waits", waiting).await;
    let second = until("it is replaced", async || waiting().await.filter(|now| now.2 != first.2)).await;
    assert_eq!((&second.0, &second.1), (&first.0, &first.1), "the same call under the same nonce");
    let (worker, read) = (app.clone(), row.clone());
    let called = app.store.write(move |tx| cancel(&worker, tx, &read.merchant_id, &read.id, "the test says so")).await;
    assert_eq!(called.unwrap().state, State::Sending, "nothing is proven yet");
    let third = until("it is emptied", async || waiting().await.filter(|now| now.1 == "0x")).await;
    assert_eq!(third.0, first.0);
    mine_until(&anvil, &app, &row, State::Canceled).await;
    assert_eq!(anvil.balance(USDT, PAYEE).await, 0);
    gateway.audit();
    let said = gateway.command(&["audit", "--chain"]);
    assert!(said.contains("the treasury's coins on the chain are those in the books"), "{said}");
}

/// Out, signed where there is no configuration, and back; then one that nobody mines: better paid, and called off, by files.
#[tokio::test(flavor = "multi_thread")]
async fn signed_on_another_machine() {
    let Some(anvil) = peer::start().await else { return };
    let gateway = set_up_with(&anvil, "treasury-offline", Gateway::add_offline_treasury).await;
    let app = gateway.parts().await;
    let export = |name: &str, more: &[&str]| {
        let file = gateway.path(name);
        gateway.command(&[&["treasury", "export", "--out", &file], more].concat())
    };
    let import = |name: &str| gateway.command(&["treasury", "import", "--bundle", &gateway.path(name)]);
    let row = refund(&app).await;
    let said = export("out.json", &[]);
    assert!(said.contains("Sum: 3 USDT_polygon in 1 transfers"), "{said}");
    gateway.sign("out.json", "signed.json");
    assert_eq!(state(&app, &row).await, State::Signing);
    assert!(import("signed.json").contains("1 signed transactions are stored"));
    mine_until(&anvil, &app, &row, State::Done).await;
    assert_eq!(anvil.balance(USDT, PAYEE).await, UNITS);

    anvil.call("evm_setAutomine", json!([false])).await;
    let stuck = refund(&app).await;
    let id = stuck.id.as_str();
    export("second.json", &[]);
    gateway.sign("second.json", "second-signed.json");
    import("second-signed.json");
    let waiting = async || {
        let pool = anvil.call("txpool_content", json!([])).await;
        let (_, by_nonce) = pool["pending"].as_object()?.iter().next()?;
        let (_, sent) = by_nonce.as_object()?.iter().next()?;
        Some((sent["nonce"].clone(), sent["input"].clone(), sent["hash"].clone()))
    };
    let first = until("a transfer waits", waiting).await;
    export("bump.json", &["--bump", id]);
    gateway.sign("bump.json", "bump-signed.json");
    import("bump-signed.json");
    let second = until("it is replaced", async || waiting().await.filter(|now| now.2 != first.2)).await;
    assert_eq!((&second.0, &second.1), (&first.0, &first.1), "the same call under the same nonce");
    export("off.json", &["--call-off", id]);
    gateway.sign("off.json", "off-signed.json");
    import("off-signed.json");
    let third = until("it is emptied", async || waiting().await.filter(|now| now.1 == "0x")).await;
    assert_eq!(third.0, first.0);
    mine_until(&anvil, &app, &stuck, State::Canceled).await;
    assert_eq!(anvil.balance(USDT, PAYEE).await, UNITS);
    gateway.audit();
    let said = gateway.command(&["audit", "--chain"]);
    assert!(said.contains("the treasury's coins on the chain are those in the books"), "{said}");
}
