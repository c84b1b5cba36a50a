//! The real contracts on the simulated chain: proxy, factory, forwarders, tokens.

use alloy_primitives::{Address, B256, Bytes, TxKind, address, hex, keccak256};
use alloy_sol_types::{SolCall, sol};
use serde_json::{Value, json};

use super::*;
use crate::sim::{DEPLOYMENT_PROXY, SimPayment};

const FACTORY: &str = include_str!("../../../../../contracts/artifacts/ForwarderFactory.json");
const MERCHANT: Address = address!("00000000000000000000000000000000000a11ce");
const FEES: Address = address!("0000000000000000000000000000000000000fee");

sol! {
    struct Flush {
        bytes32 salt;
        address merchant;
        address feeWallet;
        uint16 feeBps;
        address[] tokens;
    }
    function flush(Flush[] flushes);
    function addressOf(bytes32 salt, address merchant, address feeWallet, uint16 feeBps) returns (address);
}

/// Deploys the factory through the proxy, as it is done on live chains.
fn deploy(chain: &mut SimChain, gas: &PrivateKeySigner) -> Address {
    let artifact: Value = serde_json::from_str(FACTORY).unwrap();
    let code = hex::decode(artifact["bytecode"].as_str().unwrap()).unwrap();
    let expected = DEPLOYMENT_PROXY.create2(B256::ZERO, keccak256(&code));
    let data = [B256::ZERO.as_slice(), &code].concat();
    let call = json!({"from": gas.address(), "to": DEPLOYMENT_PROXY, "input": hex::encode_prefixed(&data)});
    let gas_limit = u64::try_from(number(&ask(chain, "eth_estimateGas", json!([call])))).unwrap();
    let mut starved = call.clone();
    starved["gas"] = json!(format!("{:#x}", gas_limit - 1));
    refusal(chain, "eth_call", json!([starved]));
    let hash = send(chain, gas, TxEip1559 { gas_limit, ..tx(0, TxKind::Call(DEPLOYMENT_PROXY), data) });
    chain.mine(1, GENESIS_S + 20);
    let receipt = ask(chain, "eth_getTransactionReceipt", json!([hash]));
    assert_eq!(receipt["status"], "0x1");
    assert!(u128::from(gas_limit) >= number(&receipt["gasUsed"]));
    assert_ne!(ask(chain, "eth_getCode", json!([expected, "latest"])), "0x");
    assert_eq!(ask(chain, "eth_getCode", json!([expected, "0x1"])), "0x", "it was not there before");
    expected
}

fn forwarder(chain: &mut SimChain, factory: Address, salt: B256) -> Address {
    let call = addressOfCall { salt, merchant: MERCHANT, feeWallet: FEES, feeBps: 100 }.abi_encode();
    let word = ask(chain, "eth_call", json!([{"to": factory, "data": hex::encode_prefixed(call)}, "latest"]));
    addressOfCall::abi_decode_returns(&hex::decode(word.as_str().unwrap()).unwrap()).unwrap()
}

#[test]
fn the_proxy_is_the_well_known_one() {
    let mut chain = chain();
    // What `eth_getCode` of anvil 1.7.1 answers.
    let code = "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";
    assert_eq!(ask(&mut chain, "eth_getCode", json!([DEPLOYMENT_PROXY, "latest"])), code);
}

#[test]
fn a_deposit_is_flushed_to_merchant_and_fee_wallet() {
    let (mut chain, gas) = funded("gas key");
    let factory = deploy(&mut chain, &gas);
    let salt = keccak256("attempt");
    let deposit = forwarder(&mut chain, factory, salt);

    chain.pay_token("USDT", deposit, 12_345_678).unwrap();
    chain.pay_token("USDC", deposit, 2_000_001).unwrap();
    chain.pay_token("WRONG", deposit, 5).unwrap();
    chain.pay_native(deposit, ETHER).unwrap();
    chain.mine(1, GENESIS_S + 30);
    assert_eq!(token_balance(&mut chain, "USDT", deposit), 12_345_678);

    let tokens: Vec<Address> = ["USDT", "USDC", "WRONG"].map(|symbol| chain.token_address(symbol).unwrap()).into();
    let tokens = [tokens, vec![Address::ZERO]].concat();
    let item = Flush { salt, merchant: MERCHANT, feeWallet: FEES, feeBps: 100, tokens };
    let data: Bytes = flushCall { flushes: vec![item] }.abi_encode().into();
    let call = json!({"from": gas.address(), "to": factory, "input": data});
    let gas_limit = u64::try_from(number(&ask(&mut chain, "eth_estimateGas", json!([call])))).unwrap();
    let hash = send(&mut chain, &gas, TxEip1559 { gas_limit, ..tx(1, TxKind::Call(factory), data) });
    chain.mine(1, GENESIS_S + 40);
    let receipt = ask(&mut chain, "eth_getTransactionReceipt", json!([hash]));
    assert_eq!(receipt["status"], "0x1");

    // 1 % in base units, rounded down, is the fee.
    for (symbol, merchant, fee) in [("USDT", 12_222_222, 123_456), ("USDC", 1_980_001, 20_000), ("WRONG", 5, 0)] {
        assert_eq!(token_balance(&mut chain, symbol, MERCHANT), merchant, "{symbol}");
        assert_eq!(token_balance(&mut chain, symbol, FEES), fee, "{symbol}");
        assert_eq!(token_balance(&mut chain, symbol, deposit), 0, "{symbol}");
    }
    assert_eq!(chain.balance(MERCHANT), U256::from(ETHER / 100 * 99));
    assert_eq!(chain.balance(FEES), U256::from(ETHER / 100));
    assert_eq!(chain.balance(deposit), U256::ZERO);

    // Late money comes out of the clone that is there now.
    chain.pay_native(deposit, 10_000).unwrap();
    chain.mine(1, GENESIS_S + 50);
    assert_eq!(chain.balance(deposit), U256::from(10_000));
}

#[test]
fn a_batch_pays_many_in_one_transaction_or_nobody() {
    let mut chain = chain();
    let payment = |token: Option<&str>, to, amount| SimPayment { token: token.map(str::to_owned), to, amount };
    let batch = [
        payment(Some("USDT"), MERCHANT, 1),
        payment(Some("USDC"), FEES, 2),
        payment(None, MERCHANT, 3),
        payment(Some("USDT"), MERCHANT, 4),
    ];
    let hash = chain.pay_batch(&batch).unwrap();
    chain.mine(1, GENESIS_S + 1);
    let receipt = ask(&mut chain, "eth_getTransactionReceipt", json!([hash]));
    assert_eq!((&receipt["status"], receipt["logs"].as_array().unwrap().len()), (&json!("0x1"), 3));
    assert_eq!(token_balance(&mut chain, "USDT", MERCHANT), 5);
    assert_eq!(token_balance(&mut chain, "USDC", FEES), 2);
    assert_eq!(chain.balance(MERCHANT), U256::from(3));

    // The token contract takes no coins, so the second payment fails and the first is undone.
    let usdt = chain.token_address("USDT").unwrap();
    let hash = chain.pay_batch(&[payment(Some("USDT"), MERCHANT, 1), payment(None, usdt, 1)]).unwrap();
    chain.mine(1, GENESIS_S + 2);
    let receipt = ask(&mut chain, "eth_getTransactionReceipt", json!([hash]));
    assert_eq!((&receipt["status"], &receipt["logs"]), (&json!("0x0"), &json!([])));
    assert_eq!(token_balance(&mut chain, "USDT", MERCHANT), 5);
}

#[test]
fn token_addresses_do_not_depend_on_the_seed_and_keys_do() {
    let (one, other) = (chain(), SimChain::new(SimConfig { seed: 8, ..config() }).unwrap());
    for symbol in ["USDT", "USDC", "WRONG"] {
        assert_eq!(one.token_address(symbol).unwrap(), other.token_address(symbol).unwrap());
    }
    assert_eq!(one.token_address("DOGE"), None);
    assert_ne!(one.faucet_address(), other.faucet_address());
    assert_ne!(one.payer_address(), one.faucet_address());
    assert_ne!(one.head_hash(), other.head_hash());
}
