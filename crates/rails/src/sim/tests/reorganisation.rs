//! Forks: what is undone, what comes back, what is refused.

use alloy_primitives::Address;
use serde_json::{Value, json};

use super::*;
use crate::sim::ReorgRefused;

const SHOP: Address = Address::repeat_byte(0x5a);

/// A chain whose block 3 of 5 has a payment; with the payment's hash.
fn paid() -> (SimChain, Value) {
    let mut chain = chain();
    chain.mine(2, GENESIS_S + 2);
    let hash = json!(chain.pay_token("USDT", SHOP, 77).unwrap());
    chain.mine(3, GENESIS_S + 5);
    (chain, hash)
}

fn hash_of(chain: &mut SimChain, number: u64) -> Value {
    ask(chain, "eth_getBlockByNumber", json!([format!("{number:#x}"), false]))["hash"].clone()
}

#[test]
fn a_lost_transaction_is_gone_and_its_state_with_it() {
    let (mut chain, hash) = paid();
    let (payer_before, head_before) = (chain.balance(chain.payer_address()), chain.head_number());
    let old: Vec<Value> = (0..=5).map(|number| hash_of(&mut chain, number)).collect();
    chain.reorg(3, false, GENESIS_S + 9).unwrap();

    assert_eq!(chain.head_number(), head_before + 1);
    assert_eq!(chain.head_time_s(), GENESIS_S + 9);
    for number in 0..=2u64 {
        assert_eq!(hash_of(&mut chain, number), old[usize::try_from(number).unwrap()]);
    }
    for number in 3..=5u64 {
        let orphan = old[usize::try_from(number).unwrap()].clone();
        assert_ne!(hash_of(&mut chain, number), orphan);
        assert_eq!(ask(&mut chain, "eth_getBlockByHash", json!([orphan.clone(), false])), Value::Null);
        let unknown = refusal(&mut chain, "eth_getLogs", json!([{"blockHash": orphan}]));
        assert_eq!(unknown, (-32_000, "unknown block".to_owned()));
    }
    assert_eq!(ask(&mut chain, "eth_getTransactionReceipt", json!([hash.clone()])), Value::Null);
    assert_eq!(ask(&mut chain, "eth_getTransactionByHash", json!([hash])), Value::Null);
    assert_eq!(token_balance(&mut chain, "USDT", SHOP), 0);
    assert!(chain.balance(chain.payer_address()) > payer_before, "the gas was given back");
    assert!(chain.waiting().is_empty());
}

#[test]
fn a_kept_transaction_waits_and_is_mined_again_elsewhere() {
    let (mut chain, hash) = paid();
    let first = ask(&mut chain, "eth_getTransactionReceipt", json!([hash.clone()]));
    chain.reorg(3, true, GENESIS_S + 9).unwrap();
    assert_eq!(ask(&mut chain, "eth_getTransactionReceipt", json!([hash.clone()])), Value::Null);
    let waiting = ask(&mut chain, "eth_getTransactionByHash", json!([hash.clone()]));
    assert_eq!((&waiting["hash"], &waiting["blockHash"]), (&hash, &Value::Null));

    chain.mine(1, GENESIS_S + 10);
    let second = ask(&mut chain, "eth_getTransactionReceipt", json!([hash]));
    assert_eq!(second["blockNumber"], "0x7");
    assert_ne!(first["blockHash"], second["blockHash"]);
    assert_eq!(token_balance(&mut chain, "USDT", SHOP), 77);
}

#[test]
fn parents_link_and_times_rise_through_everything() {
    let (mut chain, _) = paid();
    chain.reorg(4, true, GENESIS_S).unwrap();
    chain.mine(4, GENESIS_S + 3);
    chain.mine(2, GENESIS_S + 500);
    let blocks: Vec<Value> = (0..=chain.head_number())
        .map(|number| ask(&mut chain, "eth_getBlockByNumber", json!([format!("{number:#x}"), false])))
        .collect();
    for pair in blocks.windows(2) {
        assert_eq!(pair[1]["parentHash"], pair[0]["hash"]);
        assert!(number(&pair[1]["timestamp"]) > number(&pair[0]["timestamp"]));
    }
    assert_eq!(chain.head_time_s(), GENESIS_S + 500);
}

#[test]
fn genesis_is_never_dropped() {
    let (mut chain, _) = paid();
    let (head, commands) = (chain.head_hash(), chain.take_journal().len());
    assert_eq!(chain.reorg(6, true, 0), Err(ReorgRefused::TooDeep { depth: 6, height: 5 }));
    assert_eq!(chain.reorg(0, true, 0), Err(ReorgRefused::NoDepth));
    assert_eq!((chain.head_hash(), chain.take_journal().len(), commands), (head, 0, 3));
    chain.reorg(5, false, GENESIS_S + 9).unwrap();
    assert_eq!(chain.head_number(), 6);
}

#[test]
fn a_very_deep_reorganisation_restores_the_state_exactly() {
    let mut chain = chain();
    let mut balances = vec![];
    for round in 0..150u64 {
        balances.push((
            token_balance(&mut chain, "USDC", SHOP),
            chain.balance(SHOP),
            chain.balance(chain.payer_address()),
        ));
        chain.pay_token("USDC", SHOP, u128::from(round) + 1).unwrap();
        chain.pay_native(SHOP, 3).unwrap();
        chain.mine(1, GENESIS_S + round + 1);
    }
    // What was, seen through history, and what is after dropping it, are the same.
    for (height, wanted) in balances.iter().enumerate().step_by(29) {
        let at = format!("{height:#x}");
        assert_eq!(U256::from(number(&ask(&mut chain, "eth_getBalance", json!([SHOP, at])))), wanted.1);
        let mut forked = chain.clone();
        forked.reorg(150 - u64::try_from(height).unwrap(), false, GENESIS_S + 1_000).unwrap();
        let now =
            (token_balance(&mut forked, "USDC", SHOP), forked.balance(SHOP), forked.balance(forked.payer_address()));
        assert_eq!(&now, wanted, "{height}");
    }
}
