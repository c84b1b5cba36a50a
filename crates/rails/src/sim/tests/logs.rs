//! `eth_getLogs` and its filters.

use alloy_primitives::{Address, keccak256};
use serde_json::{Value, json};

use super::*;

fn word(address: Address) -> Value {
    json!(address.into_word())
}

/// Block 1: USDT to A and USDC to B. Block 3: USDT to B.
fn busy() -> (SimChain, Address, Address) {
    let (a, b) = (Address::repeat_byte(0xa), Address::repeat_byte(0xb));
    let mut chain = chain();
    chain.pay_token("USDT", a, 1).unwrap();
    chain.pay_token("USDC", b, 2).unwrap();
    chain.mine(2, GENESIS_S + 2);
    chain.pay_token("USDT", b, 3).unwrap();
    chain.mine(1, GENESIS_S + 3);
    (chain, a, b)
}

/// The amounts of the transfers found, which tell them apart.
fn amounts(chain: &mut SimChain, filter: Value) -> Vec<u128> {
    let logs = ask(chain, "eth_getLogs", json!([filter]));
    logs.as_array().unwrap().iter().map(|log| amount(&log["data"])).collect()
}

#[test]
fn filters_select_by_range_address_and_topic() {
    let (mut chain, a, b) = busy();
    let (usdt, usdc) = (chain.token_address("USDT").unwrap(), chain.token_address("USDC").unwrap());
    let transfer = json!(keccak256("Transfer(address,address,uint256)"));
    let payer = word(chain.payer_address());
    let all = |filter: Value| {
        let mut filter = filter;
        filter["fromBlock"] = json!("earliest");
        filter
    };
    let cases = [
        (json!({}), vec![3]),
        (json!({"fromBlock": "0x0"}), vec![1, 2, 3]),
        (json!({"fromBlock": "0x1", "toBlock": "0x2"}), vec![1, 2]),
        (json!({"fromBlock": "0x2", "toBlock": "0x2"}), vec![]),
        (json!({"fromBlock": "0x2", "toBlock": "0x99"}), vec![3]),
        (json!({"fromBlock": "0x4", "toBlock": "0x99"}), vec![]),
        (all(json!({"address": usdt})), vec![1, 3]),
        (all(json!({"address": [usdc]})), vec![2]),
        (all(json!({"address": [usdc, usdt]})), vec![1, 2, 3]),
        (all(json!({"address": []})), vec![1, 2, 3]),
        (all(json!({"address": a})), vec![]),
        (all(json!({"topics": []})), vec![1, 2, 3]),
        (all(json!({"topics": [transfer]})), vec![1, 2, 3]),
        (all(json!({"topics": [null, null, word(b)]})), vec![2, 3]),
        (all(json!({"topics": [transfer, null, [word(a), word(b)]], "address": usdt})), vec![1, 3]),
        (all(json!({"topics": [[transfer, word(a)], payer, [word(a)]]})), vec![1]),
        (all(json!({"topics": [word(a)]})), vec![]),
        (all(json!({"topics": [null, null, null, null]})), vec![]),
    ];
    for (filter, wanted) in cases {
        assert_eq!(amounts(&mut chain, filter.clone()), wanted, "{filter}");
    }
}

#[test]
fn a_block_hash_pins_the_answer() {
    let (mut chain, ..) = busy();
    let block = ask(&mut chain, "eth_getBlockByNumber", json!(["0x1", false]));
    assert_eq!(amounts(&mut chain, json!({"blockHash": block["hash"]})), [1, 2]);
    let logs = ask(&mut chain, "eth_getLogs", json!([{"blockHash": block["hash"]}]));
    let places: Vec<_> =
        logs.as_array().unwrap().iter().map(|log| (&log["logIndex"], &log["transactionIndex"])).collect();
    assert_eq!(places, [(&json!("0x0"), &json!("0x0")), (&json!("0x1"), &json!("0x1"))]);
    assert_eq!(logs[1]["blockTimestamp"], block["timestamp"]);

    let both = refusal(&mut chain, "eth_getLogs", json!([{"blockHash": block["hash"], "fromBlock": "0x1"}]));
    assert_eq!(both.0, -32_602);
    assert_eq!(refusal(&mut chain, "eth_getLogs", json!([{"fromBlock": "0x2", "toBlock": "0x1"}])).0, -32_602);
    assert_eq!(refusal(&mut chain, "eth_getLogs", json!([{"topics": [null, null, null, null, null]}])).0, -32_602);
    assert_eq!(refusal(&mut chain, "eth_getLogs", json!([{"address": "0x12"}])).0, -32_602);
}

#[test]
fn a_log_says_the_same_in_the_receipt() {
    let (mut chain, ..) = busy();
    let logs = ask(&mut chain, "eth_getLogs", json!([{"fromBlock": "0x1", "toBlock": "0x1"}]));
    for log in logs.as_array().unwrap() {
        let receipt = ask(&mut chain, "eth_getTransactionReceipt", json!([log["transactionHash"]]));
        assert_eq!(receipt["logs"], json!([log]));
    }
}
