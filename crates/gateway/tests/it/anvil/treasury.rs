//! What the treasury pays on a real EVM node: with `kill -9` at each step, without a miner, and called off.

use std::time::Duration;

use domain::ledger::Kind as AccountKind;
use domain::transfer::{Kind, State};
use domain::{TransferId, Units};
use gateway::app::SharedApp;
use gateway::app::acts::Actor;
use gateway::app::transfers::{NewTransfer, Rail, acts, reserve};
use gateway::app::treasury::send::cancel;
use gateway::store::transfers::{self, TransferRow};
use gateway::store::{StoreError, chain_txs, funds, merchants};
use serde_json::{Value, json};

use super::gateway::{DEEPEST, Gateway};
use super::peer::{self, Anvil, USDC, USDT};
use super::until;

const PAYEE: &str = "0x9999999999999999999999999999999999999999";
const UNITS: u128 = 3_000_000;

async fn refund(app: &SharedApp) -> TransferRow {
    refunds(app, "USDT_polygon", &[PAYEE]).await.remove(0)
}

/// Decides several in one transaction of the database.
async fn refunds(app: &SharedApp, asset: &'static str, to: &[&str]) -> Vec<TransferRow> {
    let merchant = app.store.read(|tx| merchants::by_number(tx, 1)).await.map_err(|error: StoreError| error).unwrap();
    let (worker, merchant) = (app.clone(), merchant.unwrap().id);
    let to: Vec<String> = to.iter().map(|to| (*to).to_owned()).collect();
    let rows = app.store.write(move |tx| {
        let mut rows = Vec::new();
        for destination in to {
            let new = NewTransfer {
                merchant: merchant.clone(),
                kind: Kind::CoinRefund,
                subject: "a refund of the test".into(),
                invoice_number: None,
                taken_from: AccountKind::Payable,
                asset: asset.into(),
                units: Units(UNITS),
                rail: Rail::Chain("polygon".into()),
                destination,
                needs_approval: false,
            };
            rows.push(reserve(&worker, tx, new)?);
        }
        Ok::<_, StoreError>(rows)
    });
    rows.await.unwrap()
}

async fn now(app: &SharedApp, row: &TransferRow) -> TransferRow {
    let id: &TransferId = &row.id;
    app.store.read(|tx| transfers::existing(tx, &row.merchant_id, id)).await.unwrap()
}

async fn state(app: &SharedApp, row: &TransferRow) -> State {
    now(app, row).await.state
}

async fn mine_until(anvil: &Anvil, app: &SharedApp, row: &TransferRow, end: State) {
    until("the transfer ends", async || {
        anvil.mine(1).await;
        (state(app, row).await == end).then_some(())
    })
    .await;
}

/// Looks at a transfer that is set aside now, as an operator would have it.
async fn retry(app: &SharedApp, row: &TransferRow) {
    let (worker, id) = (app.clone(), row.id.clone());
    let done = app.store.write(move |tx| acts::retry(&worker, tx, &id, &Actor("cli:test".into()))).await;
    done.unwrap();
}

/// The one transaction that waits for a block: nonce, input, hash.
async fn waiting(anvil: &Anvil) -> Option<(Value, Value, Value)> {
    let pool = anvil.call("txpool_content", json!([])).await;
    let (_, by_nonce) = pool["pending"].as_object()?.iter().next()?;
    let (_, sent) = by_nonce.as_object()?.iter().next()?;
    Some((sent["nonce"].clone(), sent["input"].clone(), sent["hash"].clone()))
}

fn assert_books(gateway: &Gateway) {
    gateway.audit();
    let said = gateway.command(&["audit", "--chain"]);
    assert!(said.contains("the treasury's coins on the chain are those in the books"), "{said}");
}

/// A treasury with coins that the gateway saw come.
async fn set_up(anvil: &Anvil, name: &str) -> Gateway {
    set_up_with(anvil, name, USDT, Gateway::add_treasury).await
}

async fn set_up_as(anvil: &Anvil, name: &str, token: &str) -> Gateway {
    set_up_with(anvil, name, token, Gateway::add_treasury).await
}

async fn set_up_with(anvil: &Anvil, name: &str, token: &str, add: fn(&Gateway) -> String) -> Gateway {
    let mut gateway = Gateway::set_up(anvil, name).await;
    let treasury = add(&gateway);
    gateway.start(None).await;
    // an address to pay to is given out only when the chain is being read: what comes from now on is seen
    gateway.create("15.04", "USDT_polygon").await;
    anvil.transfer(token, &treasury, 500_000_000).await;
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
    let first = until("a transfer waits", async || waiting(&anvil).await).await;
    let second = until("it is replaced", async || waiting(&anvil).await.filter(|now| now.2 != first.2)).await;
    assert_eq!((&second.0, &second.1), (&first.0, &first.1), "the same call under the same nonce");
    let (worker, read) = (app.clone(), row.clone());
    let called = app.store.write(move |tx| cancel(&worker, tx, &read.merchant_id, &read.id, "the test says so")).await;
    assert_eq!(called.unwrap().state, State::Sending, "nothing is proven yet");
    let third = until("it is emptied", async || waiting(&anvil).await.filter(|now| now.1 == "0x")).await;
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
    let gateway = set_up_with(&anvil, "treasury-offline", USDT, Gateway::add_offline_treasury).await;
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

/// It dies between storing a better paid replacement and sending it: one of the two is mined, once.
#[tokio::test(flavor = "multi_thread")]
async fn killed_between_storing_and_sending_a_replacement() {
    let Some(anvil) = peer::start().await else { return };
    let mut gateway = set_up(&anvil, "treasury-replaced").await;
    let app = gateway.parts().await;
    gateway.kill();
    anvil.call("evm_setAutomine", json!([false])).await;
    let row = refund(&app).await;
    gateway.start(Some("after_store_replacement")).await;
    let first = until("a transfer waits", async || waiting(&anvil).await).await;
    gateway.crashed().await;
    let read = now(&app, &row).await;
    let sent = app.store.read(|tx| chain_txs::by_nonce(tx, "polygon", read.sender.as_ref().unwrap(), 0)).await;
    let sent = sent.map_err(|error: StoreError| error).unwrap().unwrap();
    let stored = app.store.read(|tx| chain_txs::bytes(tx, &sent)).await.unwrap();
    assert_eq!((stored.len(), stored[0].hash.as_str()), (2, first.2.as_str().unwrap()), "stored, and not sent");
    gateway.start(None).await;
    until("the replacement is sent", async || waiting(&anvil).await.filter(|now| now.2 != first.2)).await;
    mine_until(&anvil, &app, &row, State::Done).await;
    anvil.mine(DEEPEST).await;
    assert_eq!(anvil.balance(USDT, PAYEE).await, UNITS);
    assert_books(&gateway);
}

/// The token refuses after it had agreed: the transaction fails, finally, twice; then a person has it sent again.
#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_fails_on_the_chain_is_set_aside_and_then_parked() {
    let Some(anvil) = peer::start().await else { return };
    let gateway = set_up(&anvil, "treasury-fails").await;
    let app = gateway.parts().await;
    anvil.call("evm_setAutomine", json!([false])).await;
    let code = anvil.call("eth_getCode", json!([USDT, "latest"])).await;
    let row = refund(&app).await;
    for tried in 1..=2 {
        until("the transfer waits for a block", async || waiting(&anvil).await).await;
        anvil.call("anvil_setCode", json!([USDT, "0x60006000fd"])).await;
        anvil.mine(1).await;
        anvil.call("anvil_setCode", json!([USDT, code])).await;
        mine_until(&anvil, &app, &row, State::Reserved).await;
        let back = now(&app, &row).await;
        assert!(back.note.as_ref().unwrap().contains("failed on the chain"), "{back:?}");
        assert_eq!((back.nonce, back.parked.is_some()), (None, tried == 2), "{back:?}");
        retry(&app, &row).await;
    }
    mine_until(&anvil, &app, &row, State::Done).await;
    assert_eq!((now(&app, &row).await.nonce, anvil.balance(USDT, PAYEE).await), (Some(2), UNITS));
    assert_books(&gateway);
}

/// Somebody else has the key and uses the nonce: what was to go goes anew when that is final; what was called off is over.
#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_a_stranger_used() {
    let Some(anvil) = peer::start().await else { return };
    let gateway = set_up(&anvil, "treasury-stranger").await;
    let app = gateway.parts().await;
    anvil.call("evm_setAutomine", json!([false])).await;
    for is_called_off in [false, true] {
        let row = refund(&app).await;
        until("the transfer waits for a block", async || waiting(&anvil).await).await;
        let nonce = now(&app, &row).await.nonce.unwrap();
        if is_called_off {
            let (worker, read) = (app.clone(), row.clone());
            let called =
                app.store.write(move |tx| cancel(&worker, tx, &read.merchant_id, &read.id, "the test says so"));
            called.await.unwrap();
        }
        anvil.strangers_transaction(nonce).await;
        anvil.mine(1).await;
        if is_called_off {
            mine_until(&anvil, &app, &row, State::Canceled).await;
        } else {
            mine_until(&anvil, &app, &row, State::Reserved).await;
            let back = now(&app, &row).await;
            assert!(back.note.unwrap().contains("that this gateway did not make"));
            retry(&app, &row).await;
            mine_until(&anvil, &app, &row, State::Done).await;
        }
    }
    assert_eq!(anvil.balance(USDT, PAYEE).await, UNITS);
    assert_books(&gateway);
}

/// A payee that the token blocks: before the batch is signed the others go without him; after it is sent all of it fails, and each goes alone.
#[tokio::test(flavor = "multi_thread")]
async fn one_blocked_payee_does_not_hold_up_the_others() {
    let Some(anvil) = peer::start().await else { return };
    anvil.put_token("TestTokenBlocklist", USDC).await;
    let gateway = set_up_as(&anvil, "treasury-blocked", USDC).await;
    let app = gateway.parts().await;
    let wallet = |n: usize| format!("0x{:040x}", 0xaaaa_0000_0000usize + n);
    let wallets: Vec<String> = (0..8).map(wallet).collect();
    let to: Vec<&str> = wallets.iter().map(String::as_str).collect();
    anvil.block(USDC, &wallets[2]).await;
    let rows = refunds(&app, "USDC_polygon", &to).await;
    let mut nonces = std::collections::BTreeSet::new();
    for (nth, row) in rows.iter().enumerate() {
        if nth == 2 {
            let why = until("he is parked", async || now(&app, row).await.parked).await;
            assert!(why.contains("the node finds it impossible"), "{why}");
            assert_eq!(state(&app, row).await, State::Reserved);
        } else {
            mine_until(&anvil, &app, row, State::Done).await;
            nonces.insert(now(&app, row).await.nonce);
        }
    }
    assert!(nonces.len() < 7, "some went together: {nonces:?}");
    // now he is blocked while a batch waits for its block
    anvil.call("evm_setAutomine", json!([false])).await;
    let rows = refunds(&app, "USDC_polygon", &[to[0], to[1], to[3]]).await;
    let batch = until("a batch waits for a block", async || waiting(&anvil).await).await;
    assert_eq!(batch.1.as_str().unwrap().len(), 2 + 2 * (4 + 32 * (3 + 2 + 2 * 3)), "it carries three");
    anvil.block_now(USDC, &wallets[1]).await;
    anvil.mine(1).await;
    for row in &rows {
        mine_until(&anvil, &app, row, State::Reserved).await;
        assert!(now(&app, row).await.alone);
        retry(&app, row).await;
    }
    mine_until(&anvil, &app, &rows[0], State::Done).await;
    mine_until(&anvil, &app, &rows[2], State::Done).await;
    let why = until("he is parked", async || now(&app, &rows[1]).await.parked).await;
    assert!(why.contains("the node finds it impossible"), "{why}");
    for (nth, times) in [(0, 2), (1, 1), (2, 0), (3, 2)] {
        assert_eq!(anvil.balance(USDC, &wallets[nth]).await, times * UNITS, "payee {nth}");
    }
    assert_books(&gateway);
}

/// Coins that came before the gateway was there: declared by their transaction, and no other's.
#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_anybody_looked_is_declared() {
    let Some(anvil) = peer::start().await else { return };
    let mut gateway = Gateway::set_up(&anvil, "treasury-unseen").await;
    gateway.configure("\n[rates.fixed]\nEUR = \"0.92\"\n");
    let treasury = gateway.add_treasury();
    let old = anvil.transfer(USDT, &treasury, 70_000_000).await;
    let funded = anvil.transfer(USDT, &treasury, 20_000_000).await;
    let elsewhere = anvil.transfer(USDT, PAYEE, 1).await;
    let failed = anvil.failed(USDT).await;
    gateway.start(None).await;
    gateway.create("15.04", "USDT_polygon").await;
    let refused = async |hash: &str, why: &str| {
        until(why, async || {
            anvil.mine(1).await;
            let said = gateway.output(&["treasury", "top-up", "--tx", hash]);
            assert!(!said.status.success(), "{hash}: {said:?}");
            String::from_utf8_lossy(&said.stderr).contains(why).then_some(())
        })
        .await;
    };
    let declared = until("it is final and declared", async || {
        anvil.mine(1).await;
        let said = gateway.output(&["treasury", "top-up", "--tx", &old]);
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).into_owned())
    })
    .await;
    assert!(declared.contains("70 USDT_polygon are the operator's capital now"), "{declared}");
    refused(&old, "declared as the operator's already").await;
    refused(&elsewhere, "moved none of its coins").await;
    refused(&failed, "it failed").await;
    refused(&format!("0x{:064x}", 7), "it is in no block").await;
    gateway.audit();
    // a merchant's fund names the other one
    let app = gateway.parts().await;
    let fund = gateway.fund(&funded, "20").await;
    until("the fund is credited", async || {
        anvil.mine(1).await;
        let row = app.store.read(|tx| funds::by_tx(tx, "polygon", &funded)).await;
        let row = row.map_err(|error: StoreError| error).unwrap().unwrap();
        assert_eq!(row.number, fund);
        (row.state == funds::State::Success).then_some(())
    })
    .await;
    refused(&funded, "of a merchant names this transaction").await;
    // what comes now is the watcher's to see, and nobody's to declare before
    let fresh = anvil.transfer(USDT, &treasury, 3_000_000).await;
    until("the watcher has seen it", async || {
        anvil.mine(1).await;
        gateway.output(&["treasury", "top-up", "--tx", &fresh]).status.success().then_some(())
    })
    .await;
    assert_books(&gateway);
}
