//! The chain, driven as its clients drive it: JSON in, JSON out.

mod forwarder;
mod logs;
mod pool;
mod production_code;
mod reorganisation;
mod replay;
mod shape;
mod wire;

use alloy_consensus::{SignableTransaction, Signed, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Bytes, Signature, TxKind, U256, hex, keccak256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use serde_json::{Value, json};

use super::{SimChain, SimConfig};

const GENESIS_S: u64 = 1_700_000_000;
const GWEI: u128 = 1_000_000_000;
const ETHER: u128 = 1_000_000_000 * GWEI;

fn config() -> SimConfig {
    SimConfig { chain_id: 31_337, seed: 7, genesis_time_s: GENESIS_S }
}

fn chain() -> SimChain {
    SimChain::new(config()).unwrap()
}

/// The whole answer to one call.
fn answer(chain: &mut SimChain, method: &str, params: &Value) -> Value {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    serde_json::from_slice(&chain.handle(body.to_string().as_bytes())).unwrap()
}

fn ask(chain: &mut SimChain, method: &str, params: Value) -> Value {
    let answer = answer(chain, method, &params);
    assert!(answer.get("error").is_none(), "{method}: {answer}");
    answer["result"].clone()
}

/// Code and message of the error that a call must give.
fn refusal(chain: &mut SimChain, method: &str, params: Value) -> (i64, String) {
    let answer = answer(chain, method, &params);
    let error = answer.get("error").unwrap_or_else(|| panic!("{method} should fail: {answer}"));
    (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
}

fn number(value: &Value) -> u128 {
    u128::from_str_radix(value.as_str().unwrap().strip_prefix("0x").unwrap(), 16).unwrap()
}

fn key(name: &str) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&keccak256(name)).unwrap()
}

fn address(name: &str) -> Address {
    key(name).address()
}

/// A transaction with plenty of gas and a tip of one gwei.
fn tx(nonce: u64, to: TxKind, data: impl Into<Bytes>) -> TxEip1559 {
    TxEip1559 {
        chain_id: 31_337,
        nonce,
        gas_limit: 1_000_000,
        max_fee_per_gas: 3 * GWEI,
        max_priority_fee_per_gas: GWEI,
        to,
        value: U256::ZERO,
        access_list: alloy_eips::eip2930::AccessList::default(),
        input: data.into(),
    }
}

fn signed<T: SignableTransaction<Signature>>(key: &PrivateKeySigner, tx: T) -> String
where
    TxEnvelope: From<Signed<T>>,
{
    let signature = key.sign_hash_sync(&tx.signature_hash()).unwrap();
    hex::encode_prefixed(TxEnvelope::from(tx.into_signed(signature)).encoded_2718())
}

/// Sends a transaction and returns its hash.
fn send(chain: &mut SimChain, key: &PrivateKeySigner, tx: TxEip1559) -> Value {
    ask(chain, "eth_sendRawTransaction", json!([signed(key, tx)]))
}

/// An account with ten ether, in a chain one block long.
fn funded(name: &str) -> (SimChain, PrivateKeySigner) {
    let mut chain = chain();
    chain.fund_native(address(name), 10 * ETHER).unwrap();
    chain.mine(1, GENESIS_S + 1);
    (chain, key(name))
}

/// The word that `balanceOf` answers.
fn token_word(chain: &mut SimChain, symbol: &str, owner: Address) -> Value {
    let data = format!("0x70a08231{}", hex::encode(owner.into_word()));
    ask(chain, "eth_call", json!([{"to": chain.token_address(symbol), "input": data}, "latest"]))
}

fn token_balance(chain: &mut SimChain, symbol: &str, owner: Address) -> u128 {
    amount(&token_word(chain, symbol, owner))
}

/// An ABI word as an amount.
fn amount(word: &Value) -> u128 {
    U256::from_str_radix(word.as_str().unwrap().strip_prefix("0x").unwrap(), 16).unwrap().to()
}
