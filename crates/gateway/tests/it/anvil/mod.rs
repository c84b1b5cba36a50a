//! The gateway on a real EVM node: real contracts, real transfers, reorganisations, and `kill -9` at each step of money.

mod gateway;
mod payouts;
mod peer;
mod treasury;

use std::time::Duration;

use gateway::{DEEPEST, FEE_WALLET, Gateway, MERCHANT_WALLET};
use peer::{Anvil, USDC, USDT};
use serde_json::json;

/// Looks again and again, for at most a minute and a half.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..900 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("waited in vain: {what}");
}

const ALL: [&str; 4] = ["invoice:created", "invoice:opened", "invoice:awaiting_approval", "invoice:paid"];

/// 250 basis points of 15.04 USDT, in base units: the fee is rounded down, here without a rest.
const PAID: u128 = 15_040_000;
const FEE: u128 = 376_000;

async fn balances(anvil: &Anvil, token: &str) -> (u128, u128) {
    (anvil.balance(token, MERCHANT_WALLET).await, anvil.balance(token, FEE_WALLET).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_from_post_to_settled() {
    let Some(anvil) = peer::start().await else { return };
    let mut gateway = Gateway::set_up(&anvil, "settled").await;
    gateway.start(None).await;
    let (id, page) = gateway.create("15.04", "USDT_polygon").await;
    let address = gateway.address(&page).await;
    anvil.transfer(USDT, &address, PAID).await;
    assert_eq!(gateway.status(id).await, "invoice:opened", "one block is not final");
    gateway.mine_until(&anvil, id, "invoice:awaiting_approval").await;
    gateway.mine_until(&anvil, id, "invoice:paid").await;
    until("every callback", async || (gateway.told(id) == ALL).then_some(())).await;
    assert_eq!(balances(&anvil, USDT).await, (PAID - FEE, FEE));
    let row = &gateway.history().await[0];
    let receipt = anvil.call("eth_getTransactionReceipt", json!([row["tx_hash"]])).await;
    assert_eq!(receipt["status"], "0x1", "{row}");
    assert_eq!(
        (row["paid_amount"].as_str(), row["merchant_amount"].as_str(), row["fee_amount"].as_str()),
        (Some("15.04"), Some("14.664"), Some("0.376"))
    );
    gateway.audit();
    let again = gateway.command(&["chain", "deploy", "polygon", "--yes"]);
    assert!(again.contains("is there") && !again.contains("sending"), "{again}");
    let doctor = String::from_utf8(gateway.output(&["doctor"]).stdout).unwrap();
    assert!(doctor.contains("the forwarder factory is there"), "{doctor}");
}

#[tokio::test(flavor = "multi_thread")]
async fn split_payments_of_two_transfers_and_a_second_flush_round_nothing_away() {
    let Some(anvil) = peer::start().await else { return };
    let mut gateway = Gateway::set_up(&anvil, "split").await;
    gateway.start(None).await;
    let (id, page) = gateway.create("10", "USDC_polygon").await;
    let address = gateway.address(&page).await;
    for units in [3_333_333, 3_333_333, 3_333_334] {
        anvil.transfer(USDC, &address, units).await;
    }
    gateway.mine_until(&anvil, id, "invoice:paid").await;
    // late: the invoice is settled; the money is the merchant's all the same, and is shown as parked
    anvil.transfer(USDC, &address, 41).await;
    let emptied = async || {
        anvil.mine(1).await;
        (anvil.balance(USDC, &address).await == 0).then_some(())
    };
    until("the late payment is flushed", emptied).await;
    let (merchant, fee) = balances(&anvil, USDC).await;
    assert_eq!((merchant + fee, fee), (10_000_041, 250_001), "floor(250000) and floor(1.025)");
    for _ in 0..2 * DEEPEST {
        anvil.mine(1).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let parked = gateway.command(&["payments", "parked"]);
    assert!(parked.contains("extra USDC_polygon 41 base units"), "{parked}");
    gateway.audit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorganisation_before_finality_takes_the_payment_back() {
    let Some(anvil) = peer::start().await else { return };
    let mut gateway = Gateway::set_up(&anvil, "reorg").await;
    gateway.start(None).await;
    let (id, page) = gateway.create("15.04", "USDT_polygon").await;
    let address = gateway.address(&page).await;
    anvil.transfer(USDT, &address, PAID).await;
    let page_says = async |wanted: &str| {
        let html = gateway.page(&page).await;
        html.contains(&format!("data-state=\"{wanted}\"")).then_some(())
    };
    until("the page confirms", async || page_says("confirming").await).await;
    anvil.call("anvil_reorg", json!([1, []])).await;
    anvil.mine(1).await;
    until("the page asks for the payment again", async || page_says("pay").await).await;
    anvil.mine(DEEPEST).await;
    assert_eq!(gateway.status(id).await, "invoice:opened");
    // paid again, and reorganised again with the money: the same transfer comes back in another block
    anvil.transfer(USDT, &address, PAID).await;
    gateway.mine_until(&anvil, id, "invoice:paid").await;
    until("every callback", async || (gateway.told(id) == ALL).then_some(())).await;
    assert_eq!(balances(&anvil, USDT).await, (PAID - FEE, FEE));
    gateway.audit();
}

/// The process ends at every step of money in turn; the next one goes on from what was stored.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_step_of_money() {
    let Some(anvil) = peer::start().await else { return };
    let mut gateway = Gateway::set_up(&anvil, "killed").await;
    let points = [
        "before_record_blocks",
        "after_record_blocks",
        "before_store_flush",
        "after_store_flush",
        "after_send_flush",
        "before_callback",
        "after_callback",
    ];
    let mut settled = 0;
    for point in points {
        gateway.start(None).await;
        let (id, page) = gateway.create("15.04", "USDT_polygon").await;
        let address = gateway.address(&page).await;
        until("the first callbacks", async || (gateway.told(id) == ALL[..2]).then_some(())).await;
        gateway.kill();
        gateway.start(Some(point)).await;
        anvil.transfer(USDT, &address, PAID).await;
        let crashing = async {
            loop {
                anvil.mine(1).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::select! {
            () = gateway.crashed() => {}
            () = crashing => {}
        }
        gateway.start(None).await;
        gateway.mine_until(&anvil, id, "invoice:paid").await;
        until("every callback", async || (gateway.told(id) == ALL).then_some(())).await;
        settled += 1;
        let expected = ((PAID - FEE) * settled, FEE * settled);
        assert_eq!(balances(&anvil, USDT).await, expected, "after a crash at {point}");
        gateway.kill();
        gateway.audit();
    }
}

/// The node does not mine: the same nonce is offered again, better paid, and settles once.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_flush_is_replaced_under_its_nonce() {
    let Some(anvil) = peer::start().await else { return };
    let mut gateway = Gateway::set_up(&anvil, "slow").await;
    gateway.start(None).await;
    let (id, page) = gateway.create("15.04", "USDT_polygon").await;
    let address = gateway.address(&page).await;
    anvil.transfer(USDT, &address, PAID).await;
    anvil.call("evm_setAutomine", json!([false])).await;
    gateway.mine_until(&anvil, id, "invoice:awaiting_approval").await;
    let pending = async || {
        let pool = anvil.call("txpool_content", json!([])).await;
        let (_, by_nonce) = pool["pending"].as_object()?.iter().next()?;
        let (_, flush) = by_nonce.as_object()?.iter().next()?;
        Some((flush["nonce"].clone(), flush["maxFeePerGas"].as_str()?.to_owned(), flush["hash"].clone()))
    };
    let first = until("a flush waits", pending).await;
    let replaced = async || pending().await.filter(|now| now.2 != first.2);
    let second = until("it is replaced", replaced).await;
    assert_eq!(second.0, first.0, "the same nonce");
    let fee = |text: &str| u128::from_str_radix(text.trim_start_matches("0x"), 16).unwrap();
    assert!(fee(&second.1) > fee(&first.1) * 1125 / 1000);
    gateway.mine_until(&anvil, id, "invoice:paid").await;
    assert_eq!(balances(&anvil, USDT).await, (PAID - FEE, FEE));
    gateway.audit();
}

/// Coins that came without a transfer anybody can see are found by a claim, and recorded from the flush that moves them.
#[tokio::test(flavor = "multi_thread")]
async fn unseen_money_is_claimed() {
    let Some(anvil) = peer::start().await else { return };
    let mut gateway = Gateway::set_up(&anvil, "claim").await;
    gateway.start(None).await;
    let (id, page) = gateway.create("15.04", "USDT_polygon").await;
    let address = gateway.address(&page).await;
    let number = id.to_string();
    let claim = ["payments", "claim", "--merchant", "1", "--invoice", &number];
    let nothing = gateway.command(&claim);
    assert!(nothing.contains("nothing here that is not recorded"), "{nothing}");
    anvil.call("anvil_setBalance", json!([address, format!("{:#x}", 1_000_001)])).await;
    let found = gateway.output(&claim);
    assert_eq!(found.status.code(), Some(1));
    let found = String::from_utf8(found.stdout).unwrap();
    assert!(found.contains("POL_polygon: holds 0.000000000001000001, recorded 0"), "{found}");
    gateway.command(&[&claim[..], &["--flush"]].concat());
    let parked = async || {
        anvil.mine(1).await;
        let said = gateway.command(&["payments", "parked"]);
        said.contains("wrong_token POL_polygon 1000001 base units").then_some(())
    };
    until("the flush is recorded", parked).await;
    assert_eq!(anvil.native_balance(FEE_WALLET).await, 25_000);
    assert_eq!(anvil.native_balance(MERCHANT_WALLET).await, 975_001);
    assert_eq!(gateway.status(id).await, "invoice:opened");
    gateway.audit();
}
