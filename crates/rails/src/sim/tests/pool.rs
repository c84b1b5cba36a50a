//! The mempool: order, gaps, replacement, and the words of each refusal.

use alloy_consensus::TxLegacy;
use alloy_primitives::{Address, TxKind, U256};
use serde_json::{Value, json};

use super::*;

const TO: TxKind = TxKind::Call(Address::repeat_byte(2));

fn counts(chain: &mut SimChain, key: &PrivateKeySigner) -> (u128, u128) {
    let mut count = |tag: &str| number(&ask(chain, "eth_getTransactionCount", json!([key.address(), tag])));
    (count("latest"), count("pending"))
}

fn refused(chain: &mut SimChain, key: &PrivateKeySigner, tx: TxEip1559) -> String {
    let (code, message) = refusal(chain, "eth_sendRawTransaction", json!([signed(key, tx)]));
    assert_eq!(code, -32_000);
    message
}

#[test]
fn a_transaction_behind_a_gap_waits_until_it_is_filled() {
    let (mut chain, alice) = funded("alice");
    let (second, third) = (send(&mut chain, &alice, tx(1, TO, vec![])), send(&mut chain, &alice, tx(2, TO, vec![])));
    chain.mine(2, GENESIS_S + 3);
    assert_eq!(counts(&mut chain, &alice), (0, 0));
    assert_eq!(ask(&mut chain, "eth_getTransactionReceipt", json!([second.clone()])), Value::Null);
    send(&mut chain, &alice, tx(0, TO, vec![]));
    assert_eq!(counts(&mut chain, &alice), (0, 3));
    chain.mine(1, GENESIS_S + 4);
    assert_eq!(counts(&mut chain, &alice), (3, 3));
    let [second, third] = [second, third].map(|hash| ask(&mut chain, "eth_getTransactionReceipt", json!([hash])));
    assert_eq!((&second["transactionIndex"], &third["transactionIndex"]), (&json!("0x1"), &json!("0x2")));
    assert_eq!(number(&third["cumulativeGasUsed"]), 3 * 21_000);
}

#[test]
fn a_replacement_pays_ten_percent_more_on_both_fees() {
    let (mut chain, alice) = funded("alice");
    let first = tx(0, TO, vec![]);
    let old = send(&mut chain, &alice, first.clone());
    let bid = |cap, tip| TxEip1559 { max_fee_per_gas: cap, max_priority_fee_per_gas: tip, ..first.clone() };
    for (cap, tip) in [(GWEI * 33 / 10 - 1, GWEI * 2), (GWEI * 33 / 10, GWEI * 11 / 10 - 1), (GWEI * 3, GWEI * 2)] {
        assert_eq!(refused(&mut chain, &alice, bid(cap, tip)), "replacement transaction underpriced");
    }
    let new = send(&mut chain, &alice, bid(GWEI * 33 / 10, GWEI * 11 / 10));
    assert_eq!(chain.waiting().len(), 1);
    chain.mine(1, GENESIS_S + 2);
    assert_eq!(ask(&mut chain, "eth_getTransactionByHash", json!([old])), Value::Null);
    assert_eq!(ask(&mut chain, "eth_getTransactionReceipt", json!([new]))["effectiveGasPrice"], "0x7d2b7500");
}

#[test]
fn every_refusal_is_worded_as_nodes_word_it() {
    let (mut chain, alice) = funded("alice");
    send(&mut chain, &alice, tx(0, TO, vec![]));
    assert_eq!(refused(&mut chain, &alice, tx(0, TO, vec![])), "already known");
    chain.mine(1, GENESIS_S + 2);
    let cases = [
        (tx(0, TO, vec![]), "nonce too low: next nonce 1, tx nonce 0"),
        (
            TxEip1559 { gas_limit: 20_999, ..tx(1, TO, vec![]) },
            "intrinsic gas too low: gas 20999, minimum needed 21000",
        ),
        (
            TxEip1559 { gas_limit: 30_000, ..tx(1, TO, vec![1; 300]) },
            "insufficient gas for floor data gas cost: gas 30000, minimum needed 33000",
        ),
        (
            TxEip1559 { value: U256::from(11 * ETHER), ..tx(1, TO, vec![]) },
            "insufficient funds for gas * price + value: balance 9999958000000000000, tx cost 11003000000000000000, overshot 1003042000000000000",
        ),
        (
            TxEip1559 { max_priority_fee_per_gas: 4 * GWEI, ..tx(1, TO, vec![]) },
            "max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: 4000000000, maxFeePerGas: 3000000000",
        ),
        (
            TxEip1559 { chain_id: 1, ..tx(1, TO, vec![]) },
            "invalid sender: invalid chain id for signer: have 1 want 31337",
        ),
        (
            TxEip1559 { gas_limit: 16_777_217, ..tx(1, TO, vec![]) },
            "transaction gas limit too high (cap: 16777216, tx: 16777217)",
        ),
    ];
    for (tx, message) in cases {
        assert_eq!(refused(&mut chain, &alice, tx), message);
    }
    let legacy =
        TxLegacy { chain_id: None, nonce: 1, gas_price: 3 * GWEI, gas_limit: 21_000, to: TO, ..TxLegacy::default() };
    let message = refusal(&mut chain, "eth_sendRawTransaction", json!([signed(&alice, legacy.clone())])).1;
    assert_eq!(message, "only replay-protected (EIP-155) transactions allowed over RPC");
    let hash = ask(
        &mut chain,
        "eth_sendRawTransaction",
        json!([signed(&alice, TxLegacy { chain_id: Some(31_337), ..legacy })]),
    );
    chain.mine(1, GENESIS_S + 3);
    assert_eq!(ask(&mut chain, "eth_getTransactionReceipt", json!([hash]))["type"], "0x0");
    let garbage = refusal(&mut chain, "eth_sendRawTransaction", json!(["0x02c0"]));
    assert!(garbage.0 == -32_000 && garbage.1.starts_with("rlp: "), "{garbage:?}");
}

#[test]
fn what_waits_counts_against_the_balance() {
    let (mut chain, alice) = funded("alice");
    let six = |nonce| TxEip1559 { value: U256::from(6 * ETHER), ..tx(nonce, TO, vec![]) };
    send(&mut chain, &alice, six(0));
    let message = refused(&mut chain, &alice, six(1));
    assert!(
        message.starts_with("insufficient funds for gas * price + value: balance 10000000000000000000, queued cost ")
    );
}

#[test]
fn higher_tips_go_first_and_a_fee_below_the_base_fee_waits() {
    let mut chain = chain();
    for name in ["alice", "bob", "carol"] {
        chain.fund_native(address(name), ETHER).unwrap();
    }
    chain.mine(1, GENESIS_S + 1);
    let bid = |cap, tip| TxEip1559 { max_fee_per_gas: cap, max_priority_fee_per_gas: tip, ..tx(0, TO, vec![]) };
    let poor = send(&mut chain, &key("carol"), bid(GWEI - 1, 0));
    let low = send(&mut chain, &key("alice"), bid(3 * GWEI, GWEI));
    let high = send(&mut chain, &key("bob"), bid(3 * GWEI, GWEI + 1));
    chain.mine(3, GENESIS_S + 4);
    let block = ask(&mut chain, "eth_getBlockByNumber", json!(["0x2", false]));
    assert_eq!(block["transactions"], json!([high, low]));
    assert_eq!(json!(chain.waiting()), json!([poor]));
}

#[test]
fn a_full_block_leaves_the_rest_to_the_next() {
    let (mut chain, alice) = funded("alice");
    // A loop for ever (JUMPDEST PUSH1 0 JUMP) uses all of its gas: two fill a block.
    for nonce in 0..4 {
        send(&mut chain, &alice, TxEip1559 { gas_limit: 15_000_000, ..tx(nonce, TxKind::Create, hex!("5b600056")) });
    }
    let hash = send(&mut chain, &alice, tx(4, TO, vec![]));
    chain.mine(1, GENESIS_S + 2);
    assert_eq!(counts(&mut chain, &alice), (2, 5));
    assert_eq!(ask(&mut chain, "eth_getBlockByNumber", json!(["latest", false]))["gasUsed"], "0x1c9c380");
    chain.mine(2, GENESIS_S + 4);
    assert_eq!(counts(&mut chain, &alice), (5, 5));
    assert_eq!(ask(&mut chain, "eth_getTransactionReceipt", json!([hash]))["blockNumber"], "0x4");
}
