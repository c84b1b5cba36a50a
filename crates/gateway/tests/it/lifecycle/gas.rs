//! The gas key has nothing left: customers are credited, merchants wait, and nothing is lost.

use gateway::random::Random;
use rails::evm::fees::Fees;
use rails::evm::sign::{GasKey, TxRequest};
use serde_json::json;

use super::{CREATED, OPENED, PAID, RECEIVED, assert_paid_out, assert_told};
use crate::harness::{Chain, Pay, Sandbox, units, wait_until};

const FEE_PER_GAS: u128 = 2_000_000_000;
const TRANSFER_GAS: u64 = 21_000;

/// Sends all an account has to another.
async fn move_all(sandbox: &Sandbox, from: &GasKey, to: &GasKey) {
    let chain = Chain::of(sandbox);
    let address = from.address().to_string();
    let nonce = chain.call("eth_getTransactionCount", json!([address, "latest"])).await;
    let request = TxRequest {
        chain_id: 31_337,
        nonce: u64::from_str_radix(nonce.as_str().unwrap().trim_start_matches("0x"), 16).unwrap(),
        to: to.address(),
        value: chain.balance("POL", &address).await - FEE_PER_GAS * u128::from(TRANSFER_GAS),
        gas_limit: TRANSFER_GAS,
        fees: Fees::Legacy { gas_price: FEE_PER_GAS },
        input: Vec::new().into(),
    };
    let raw = format!("0x{}", hex::encode(&from.sign(&request).unwrap().raw));
    chain.call("eth_sendRawTransaction", json!([raw])).await;
    sandbox.client.mine(1).await;
    assert_eq!(chain.balance("POL", &address).await, 0);
}

#[tokio::test]
async fn merchants_are_paid_once_there_is_gas_again() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let gas_key = hex::encode(Random::seeded(1).for_purpose("sandbox gas key").token_bytes::<32>());
    let gas_key = GasKey::from_hex(&gas_key).unwrap();
    let purse = GasKey::from_hex(&"7".repeat(64)).unwrap();
    move_all(&sandbox, &gas_key, &purse).await;

    let (id, _) = client.sell("10", "USDT_polygon").await;
    client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(id, RECEIVED).await;
    client.mine(20).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    let waiting = client.history("status=WAITING").await;
    assert_eq!((&waiting["total"], &waiting["list"][0]["status"]), (&json!("1"), &json!("WAITING SETTLEMENT")));
    for other in ["PAID", "UNPAID", "EXPIRED"] {
        assert_eq!(client.history(&format!("status={other}")).await["total"], "0", "{other}");
    }
    let infos = client.infos(id).await;
    assert_eq!((&infos["status"], &infos["totalCurrency"]), (&json!(RECEIVED), &json!("USDT")));
    sandbox.audit();

    move_all(&sandbox, &purse, &gas_key).await;
    let paid = || async {
        client.mine(1).await;
        client.status(id).await
    };
    wait_until("the flush goes through", paid, |status| status == PAID).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    assert_paid_out(&sandbox, "USDT", units("9.9", 6), units("0.1", 6)).await;
    sandbox.audit();
}
