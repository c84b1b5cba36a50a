//! What the answers look like: the keys that go-ethereum prints, and nothing that clients would stumble over.

use alloy_primitives::{Address, B256};
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::*;

const BLOCK: &str = "baseFeePerGas blobGasUsed difficulty excessBlobGas extraData gasLimit gasUsed hash logsBloom miner \
    mixHash nonce number parentBeaconBlockRoot parentHash receiptsRoot requestsHash sha3Uncles size stateRoot timestamp \
    transactions transactionsRoot uncles withdrawals withdrawalsRoot";
const TX: &str = "accessList blockHash blockNumber chainId from gas gasPrice hash input maxFeePerGas maxPriorityFeePerGas \
    nonce r s to transactionIndex type v value yParity";
const RECEIPT: &str = "blockHash blockNumber contractAddress cumulativeGasUsed effectiveGasPrice from gasUsed logs \
    logsBloom status to transactionHash transactionIndex type";
const LOG: &str = "address blockHash blockNumber blockTimestamp data logIndex removed topics transactionHash \
    transactionIndex";

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn assert_keys(value: &Value, wanted: &str) {
    assert_eq!(keys(value), wanted.split_whitespace().collect());
}

#[test]
fn answers_have_the_standard_keys() {
    let mut chain = chain();
    let hash = chain.pay_token("USDC", Address::repeat_byte(4), 5).unwrap();
    chain.mine(1, GENESIS_S + 1);
    let block = ask(&mut chain, "eth_getBlockByNumber", json!(["latest", true]));
    assert_keys(&block, BLOCK);
    assert_keys(&block["transactions"][0], TX);
    assert_eq!(ask(&mut chain, "eth_getTransactionByHash", json!([hash])), block["transactions"][0]);
    let receipt = ask(&mut chain, "eth_getTransactionReceipt", json!([hash]));
    assert_keys(&receipt, RECEIPT);
    assert_keys(&receipt["logs"][0], LOG);
    let bloom = receipt["logsBloom"].as_str().unwrap();
    assert_eq!((bloom.len(), block["logsBloom"].as_str()), (514, Some(bloom)));
    assert!(number(&block["size"]) > 600);
}

#[test]
fn the_hash_is_the_hash_of_the_header_that_is_shown() {
    let mut chain = chain();
    chain.pay_native(Address::repeat_byte(4), 5).unwrap();
    chain.mine(2, GENESIS_S + 2);
    chain.reorg(1, true, GENESIS_S + 4).unwrap();
    for number in 0..=3u64 {
        let shown = ask(&mut chain, "eth_getBlockByNumber", json!([format!("{number:#x}"), false]));
        let bytes = |key: &str| serde_json::from_value::<Bytes>(shown[key].clone()).unwrap();
        let word = |key: &str| B256::from_slice(&bytes(key));
        let quantity = |key: &str| u64::try_from(super::number(&shown[key])).unwrap();
        let header = alloy_consensus::Header {
            parent_hash: word("parentHash"),
            ommers_hash: word("sha3Uncles"),
            beneficiary: Address::from_slice(&bytes("miner")),
            state_root: word("stateRoot"),
            transactions_root: word("transactionsRoot"),
            receipts_root: word("receiptsRoot"),
            logs_bloom: alloy_primitives::Bloom::from_slice(&bytes("logsBloom")),
            difficulty: U256::from(quantity("difficulty")),
            number: quantity("number"),
            gas_limit: quantity("gasLimit"),
            gas_used: quantity("gasUsed"),
            timestamp: quantity("timestamp"),
            extra_data: bytes("extraData"),
            mix_hash: word("mixHash"),
            nonce: alloy_primitives::B64::from_slice(&bytes("nonce")),
            base_fee_per_gas: Some(quantity("baseFeePerGas")),
            withdrawals_root: Some(word("withdrawalsRoot")),
            blob_gas_used: Some(quantity("blobGasUsed")),
            excess_blob_gas: Some(quantity("excessBlobGas")),
            parent_beacon_block_root: Some(word("parentBeaconBlockRoot")),
            requests_hash: Some(word("requestsHash")),
            ..alloy_consensus::Header::default()
        };
        assert_eq!(json!(header.hash_slow()), shown["hash"], "block {number}");
    }
}

#[test]
fn fees_and_constants() {
    let mut chain = chain();
    for amount in 1..=3 {
        chain.pay_native(Address::repeat_byte(4), amount).unwrap();
    }
    chain.mine(2, GENESIS_S + 2);
    let history = ask(&mut chain, "eth_feeHistory", json!(["0x2", "0x1", [0, 50.5, 100]]));
    assert_eq!(
        history,
        json!({
            "oldestBlock": "0x0",
            "baseFeePerGas": ["0x3b9aca00", "0x3b9aca00", "0x3b9aca00"],
            "gasUsedRatio": [0, serde_json::from_str::<Value>("0.0021").unwrap()],
            "baseFeePerBlobGas": ["0x1", "0x1", "0x1"],
            "blobGasUsedRatio": [0, 0],
            "reward": [["0x0", "0x0", "0x0"], ["0x3b9aca00", "0x3b9aca00", "0x3b9aca00"]],
        })
    );
    assert_eq!(refusal(&mut chain, "eth_feeHistory", json!([1, "latest", [50, 20]])).1, "invalid reward percentile");
    for (method, wanted) in [
        ("eth_chainId", json!("0x7a69")),
        ("net_version", json!("31337")),
        ("eth_syncing", json!(false)),
        ("eth_gasPrice", json!("0x77359400")),
        ("eth_maxPriorityFeePerGas", json!("0x3b9aca00")),
        ("web3_clientVersion", json!("Lockgate-sandbox/v0.1.0")),
    ] {
        assert_eq!(ask(&mut chain, method, json!([])), wanted);
    }
}
