//! A refund that the merchant's own wallet pays: he signs what we print, and the chain proves it.

use alloy_primitives::{Address, Bytes};
use domain::coin_refund::State;
use rails::evm::fees::Fees;
use rails::evm::sign::{GasKey, TxRequest};
use serde_json::{Value, json};

use super::{Desk, OTHER};
use crate::harness::*;
use crate::treasury::PAYER;

/// Signs what was printed, as the merchant's wallet does, and sends it; the hash.
pub async fn pay(chain: &Chain<'_>, key: &GasKey, nonce: u64, asked: &Value) -> String {
    let text = |name: &str| asked[name].as_str().unwrap();
    let number = |name| u128::from_str_radix(text(name).trim_start_matches("0x"), 16).unwrap();
    let request = TxRequest {
        chain_id: u64::try_from(number("chainId")).unwrap(),
        nonce,
        to: text("to").parse::<Address>().unwrap(),
        value: number("value"),
        gas_limit: 120_000,
        fees: Fees::Legacy { gas_price: 200_000_000_000 },
        input: text("data").parse::<Bytes>().unwrap(),
    };
    let signed = key.sign(&request).unwrap();
    chain.call("eth_sendRawTransaction", json!([signed.raw])).await.as_str().unwrap().to_owned()
}

fn printed(said: &str) -> Value {
    json(said.lines().find_map(|line| line.strip_prefix("eth_sendTransaction: ")).unwrap_or_else(|| panic!("{said}")))
}

#[tokio::test]
async fn signed_by_the_merchant_and_proven_by_the_chain() {
    let sandbox = Sandbox::start().await;
    let (key, chain) = (GasKey::from_hex(&"51".repeat(32)).unwrap(), Chain::of(&sandbox));
    let wallet = key.address().to_string();
    let merchant = sandbox.new_merchant(&sandbox.client, &["--s2s", "--wallet", &wallet]);
    sandbox.allow(&merchant, "127.0.0.1");
    // coins for gas, and twice the coins that are to be given back
    let mut sold = Vec::new();
    for coin in ["POL_polygon", "USDC_polygon", "USDC_polygon"] {
        let (id, _) = merchant.client.sell("10", coin).await;
        merchant.client.pay(id, Pay { outcome: "over", ..Pay::default() }).await;
        merchant.client.status_becomes(id, PAID).await;
        sold.push(id);
    }
    let (desk, number) = (Desk::of(&sandbox), merchant.number.clone());
    let refund = |id: i64, more: &[&str]| sandbox.run(&[&["refund", &number, &id.to_string()], more].concat());
    let ask = |id: i64, amount: &str| {
        assert!(refund(id, &["--from", "merchant-wallet", "--amount", amount]).status.success());
    };
    ask(sold[1], "1");
    let (link, first) = desk.link().await;
    let early = refund(sold[1], &["--unsigned", first.as_str()]);
    assert!(!early.status.success(), "the payer has not said where to");
    assert_eq!(desk.post(&link, "confirm", PAYER).await.status, 303);
    ask(sold[2], "1");
    let (link, second) = desk.link().await;
    assert_eq!(desk.post(&link, "confirm", PAYER).await.status, 303);

    let unsigned = |invoice: i64, id: &str| {
        let output = refund(invoice, &["--unsigned", id]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = unsigned(sold[1], first.as_str());
    assert!(said.contains("ethereum:0x") && said.contains("@31337/transfer?address=0x9999"), "{said}");
    let asked = printed(&said);
    assert!(asked["from"].as_str().unwrap().eq_ignore_ascii_case(&wallet));
    let report = |invoice: i64, id: &str, hash: &str| refund(invoice, &["--paid", id, "--tx", hash]);
    assert!(!report(sold[1], first.as_str(), "0x12").status.success());

    // a transaction that pays somebody else, and one that pays too little
    let call = |to: &str, units: u128| {
        let mut other = asked.clone();
        let input = rails::evm::token::transfer_call(to.parse().unwrap(), units);
        other["data"] = input.to_string().into();
        other
    };
    let wrong = [call(OTHER, 1_000_000), call(PAYER, 999_999)];
    for (nonce, wrong) in (0..).zip(&wrong) {
        let hash = pay(&chain, &key, nonce, wrong).await;
        assert!(report(sold[1], first.as_str(), &hash).status.success());
        sandbox.client.mine(20).await;
        let refused = |row: &gateway::store::coin_refunds::CoinRefundRow| {
            row.state == State::Confirmed && row.note.as_ref().is_some_and(|note| note.contains(&hash))
        };
        let row = wait_until("it is no proof", || desk.row(&first), refused).await;
        assert!(row.note.unwrap().contains("does not move exactly this amount"));
    }
    let hash = pay(&chain, &key, 2, &asked).await;
    assert!(report(sold[1], first.as_str(), &hash).status.success());
    sandbox.client.mine(20).await;
    let row = desk.becomes(&first, State::Done).await;
    assert_eq!((row.tx_hash.as_deref(), row.transfer_id), (Some(hash.as_str()), None));
    // the same transaction proves no second refund, although it would fit
    assert!(report(sold[2], second.as_str(), &hash).status.success());
    let other = |row: &gateway::store::coin_refunds::CoinRefundRow| row.note.is_some();
    let row = wait_until("it is another's proof", || desk.row(&second), other).await;
    assert!(row.state == State::Confirmed && row.note.unwrap().contains("proof of another refund"));
    assert!(report(sold[1], first.as_str(), &hash).status.success(), "the same again is no news");
    assert!(!report(sold[1], first.as_str(), &format!("0x{}", "ab".repeat(32))).status.success(), "it is over");
    sandbox.audit();

    // the chain's own coin, too
    ask(sold[0], "2");
    let (link, third) = desk.link().await;
    assert_eq!(desk.post(&link, "confirm", PAYER).await.status, 303);
    let asked = printed(&unsigned(sold[0], third.as_str()));
    assert_eq!(asked["data"], "0x");
    let hash = pay(&chain, &key, 3, &asked).await;
    assert!(report(sold[0], third.as_str(), &hash).status.success());
    sandbox.client.mine(20).await;
    assert_eq!(desk.becomes(&third, State::Done).await.log_index, Some(-1));
    assert_eq!(chain.balance("POL", PAYER).await, units("2", 18));
    sandbox.audit();
}
