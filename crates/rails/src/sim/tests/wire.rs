//! JSON-RPC itself: envelopes, batches, exact codes, strict parameters, reverts.

use alloy_primitives::{Address, hex};
use serde_json::{Value, json};

use super::*;

fn raw(chain: &mut SimChain, body: &str) -> Value {
    serde_json::from_slice(&chain.handle(body.as_bytes())).unwrap()
}

#[test]
fn envelopes_get_the_codes_of_the_standard() {
    let mut chain = chain();
    let cases = [
        ("{", -32_700, Value::Null),
        ("[]", -32_600, Value::Null),
        ("7", -32_600, Value::Null),
        (r#"{"jsonrpc":"2.0","id":[1],"method":"eth_chainId"}"#, -32_600, Value::Null),
        (r#"{"jsonrpc":"2.0","id":3}"#, -32_600, json!(3)),
        (r#"{"id":"x","method":"eth_chainId"}"#, -32_600, json!("x")),
        (r#"{"jsonrpc":"2.0","id":4,"method":"eth_sign","params":[]}"#, -32_601, json!(4)),
        (r#"{"jsonrpc":"2.0","id":5,"method":"eth_getBalance","params":[]}"#, -32_602, json!(5)),
        (r#"{"jsonrpc":"2.0","id":5,"method":"eth_getBalance","params":{"a":1}}"#, -32_602, json!(5)),
        (r#"{"jsonrpc":"2.0","id":5,"method":"eth_chainId","params":[1]}"#, -32_602, json!(5)),
    ];
    for (body, code, id) in cases {
        let answer = raw(&mut chain, body);
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{body}");
        assert_eq!(answer["jsonrpc"], "2.0");
    }
}

#[test]
fn a_batch_is_answered_in_order_without_its_notifications() {
    let mut chain = chain();
    let call = |id: Value, method: &str| json!({"jsonrpc": "2.0", "id": id, "method": method});
    let note = json!({"jsonrpc": "2.0", "method": "eth_chainId"});
    let body =
        json!([call(json!(1), "eth_chainId"), note, 5, call(json!("b"), "nothing"), call(json!(null), "net_version")]);
    let answers = raw(&mut chain, &body.to_string());
    let seen: Vec<_> =
        answers.as_array().unwrap().iter().map(|a| (a["id"].clone(), a["error"]["code"].clone())).collect();
    assert_eq!(
        seen,
        [
            (json!(1), json!(null)),
            (json!(null), json!(-32_600)),
            (json!("b"), json!(-32_601)),
            (json!(null), json!(null))
        ]
    );
    assert_eq!(chain.handle(note.to_string().as_bytes()), b"");
    assert_eq!(chain.handle(json!([note]).to_string().as_bytes()), b"");
}

#[test]
fn a_chain_that_is_down_answers_nothing_else() {
    let mut chain = chain();
    chain.set_down(true);
    assert_eq!(refusal(&mut chain, "eth_chainId", json!([])), (-32_000, "chain is down".to_owned()));
    chain.mine(1, GENESIS_S + 1);
    chain.set_down(false);
    assert_eq!(ask(&mut chain, "eth_blockNumber", json!([])), "0x1");
}

#[test]
fn tags_name_blocks() {
    let mut chain = chain();
    chain.mine(100, GENESIS_S + 100);
    for (tag, wanted) in [
        ("latest", "0x64"),
        ("pending", "0x64"),
        ("safe", "0x44"),
        ("finalized", "0x24"),
        ("earliest", "0x0"),
        ("0x7", "0x7"),
    ] {
        assert_eq!(ask(&mut chain, "eth_getBlockByNumber", json!([tag, false]))["number"], wanted);
    }
    assert_eq!(ask(&mut chain, "eth_getBlockByNumber", json!(["0x65", false])), Value::Null);
    for bad in ["0x07", "7", "newest", "0x", "0xfffffffffffffffff"] {
        assert_eq!(refusal(&mut chain, "eth_getBlockByNumber", json!([bad, false])).0, -32_602, "{bad}");
    }
    let by_hash = json!({"blockHash": chain.head_hash()});
    assert_eq!(ask(&mut chain, "eth_getBalance", json!([Address::ZERO, by_hash])), "0x0");
    let future = refusal(&mut chain, "eth_getBalance", json!([Address::ZERO, "0x65"]));
    assert_eq!(future, (-32_000, "header not found".to_owned()));
}

#[test]
fn reverts_carry_code_3_and_the_data() {
    let mut chain = chain();
    let usdc = chain.token_address("USDC").unwrap();
    // transfer(0x…01, 1) from somebody who has nothing: a custom error with three words.
    let data = format!("0xa9059cbb{:064x}{:064x}", 1, 1);
    for method in ["eth_call", "eth_estimateGas"] {
        let answer = answer(&mut chain, method, &json!([{"from": Address::repeat_byte(9), "to": usdc, "input": data}]));
        assert_eq!((&answer["error"]["code"], &answer["error"]["message"]), (&json!(3), &json!("execution reverted")));
        assert!(answer["error"]["data"].as_str().unwrap().starts_with("0xe450d38c"), "ERC20InsufficientBalance");
    }
    // The other token checks by arithmetic: Panic(0x11).
    let usdt = chain.token_address("USDT").unwrap();
    let call = json!([{"from": Address::repeat_byte(9), "to": usdt, "input": data}, "latest"]);
    let message = refusal(&mut chain, "eth_call", call);
    assert_eq!((message.0, message.1.starts_with("execution reverted: ")), (3, true), "{message:?}");
    // Init code that reverts with Error("no").
    let error = hex::encode(alloy_sol_types::SolError::abi_encode(&alloy_sol_types::Revert::from("no")));
    let code = format!("0x6064600c60003960646000fd{error}");
    assert_eq!(refusal(&mut chain, "eth_call", json!([{"data": code}])), (3, "execution reverted: no".to_owned()));
    let invalid = refusal(&mut chain, "eth_call", json!([{"data": "0xfe"}]));
    assert_eq!(invalid, (-32_000, "invalid opcode: INVALID".to_owned()));
}

#[test]
fn estimates_are_bounded_by_gas_and_money() {
    let mut chain = chain();
    let (rich, to) = (chain.payer_address(), Address::repeat_byte(3));
    assert_eq!(number(&ask(&mut chain, "eth_estimateGas", json!([{"from": rich, "to": to, "value": "0x1"}]))), 21_000);
    let priced = json!([{"from": rich, "to": to, "maxFeePerGas": "0x77359400", "maxPriorityFeePerGas": "0x1"}]);
    assert_eq!(number(&ask(&mut chain, "eth_estimateGas", priced)), 21_000);
    let poor = json!([{"from": to, "to": rich, "gasPrice": "0x77359400"}]);
    assert_eq!(
        refusal(&mut chain, "eth_estimateGas", poor),
        (-32_000, "gas required exceeds allowance (0)".to_owned())
    );
    // A loop for ever: JUMPDEST PUSH1 0 JUMP.
    let endless = json!([{"data": "0x5b600056"}]);
    let message = refusal(&mut chain, "eth_estimateGas", endless).1;
    assert_eq!(message, "gas required exceeds allowance (16777216)");
    let value = json!([{"from": to, "to": rich, "value": "0x1"}]);
    assert!(refusal(&mut chain, "eth_call", value).1.starts_with("insufficient funds for gas * price + value"));
}

#[test]
fn every_method_is_served() {
    let mut chain = chain();
    let hash = chain.head_hash();
    let somebody = Address::repeat_byte(1);
    let raw = {
        let mut other = super::chain();
        other.pay_native(somebody, 1).unwrap();
        match other.take_journal().pop() {
            Some(crate::sim::SimCommand::Submit { raw }) => raw,
            other => panic!("{other:?}"),
        }
    };
    for (method, params) in [
        ("eth_chainId", json!([])),
        ("net_version", json!([])),
        ("web3_clientVersion", json!([])),
        ("eth_syncing", json!([])),
        ("eth_blockNumber", json!([])),
        ("eth_gasPrice", json!([])),
        ("eth_maxPriorityFeePerGas", json!([])),
        ("eth_feeHistory", json!(["0x1", "latest", []])),
        ("eth_getBlockByNumber", json!(["latest", true])),
        ("eth_getBlockByHash", json!([hash, true])),
        ("eth_getLogs", json!([{}])),
        ("eth_getTransactionByHash", json!([hash])),
        ("eth_getTransactionReceipt", json!([hash])),
        ("eth_getTransactionCount", json!([somebody, "pending"])),
        ("eth_getBalance", json!([somebody, "latest"])),
        ("eth_getCode", json!([somebody, "latest"])),
        ("eth_call", json!([{"to": somebody}, "latest"])),
        ("eth_estimateGas", json!([{"to": somebody}])),
        ("eth_sendRawTransaction", json!([raw])),
    ] {
        ask(&mut chain, method, params);
    }
}
