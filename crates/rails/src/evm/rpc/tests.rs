use super::fake_node::{FakeNode, Reply, client};
use super::*;
use alloy_primitives::{Address, B256, Bytes, U256};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does not listen: bound once and closed.
fn dead() -> Url {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    Url::parse(&format!("http://127.0.0.1:{port}/dead-key")).unwrap()
}

#[tokio::test]
async fn outcomes_are_told_apart_and_keys_never_shown() {
    for (reply, wanted) in [
        (Reply::Error(-32000, "nonce too low\u{7}"), "eth_chainId at 127.0.0.1: the node says -32000: nonce too low"),
        (Reply::Error(429, "slow down"), "eth_chainId at 127.0.0.1: HTTP status 429"),
        (Reply::Http(502, "<html>".into()), "eth_chainId at 127.0.0.1: HTTP status 502"),
        (Reply::Http(401, "{}".into()), "eth_chainId at 127.0.0.1: HTTP status 401"),
        (Reply::HangUp, "eth_chainId at 127.0.0.1: the connection broke"),
        (Reply::Silence, "eth_chainId at 127.0.0.1: timed out"),
        (Reply::Http(200, "[]".into()), "eth_chainId at 127.0.0.1: unreadable answer: "),
        (Reply::Http(200, "{}".into()), "eth_chainId at 127.0.0.1: unreadable answer: "),
        (
            Reply::Result(json!("0x10000000000000000")),
            "eth_chainId at 127.0.0.1: unreadable answer: the quantity is too large",
        ),
        (Reply::Http(302, "".into()), "eth_chainId at 127.0.0.1: HTTP status 302"),
    ] {
        let mut reply = Some(reply);
        let node = FakeNode::start(move |_, _| reply.take().unwrap_or(Reply::HangUp));
        let error = node.client().chain_id().await.unwrap_err();
        let shown = error.to_string();
        assert!(shown.starts_with(wanted), "{shown}");
        assert!(!format!("{error:?} {:?}", node.client()).contains("-key"), "{error:?}");
        assert_eq!(error.outcome_unknown(), !matches!(error, RpcError::Node { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn the_next_endpoint_is_asked_and_the_failed_one_rests() {
    // its rest is a quarter of a second: a machine that is busy for longer tells nothing
    for _ in 0..20 {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let broken = FakeNode::start(move |_, _| {
            count.fetch_add(1, Ordering::SeqCst);
            Reply::Http(503, String::new())
        });
        let good = FakeNode::start(|_, _| Reply::Result(json!("0x1")));
        let rpc = client(vec![broken.url(), dead(), good.url()]);
        let began = Instant::now();
        for _ in 0..3 {
            assert_eq!(rpc.chain_id().await, Ok(1));
        }
        if began.elapsed() > Duration::from_millis(200) {
            continue;
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1, "asked once, then rested");
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(rpc.chain_id().await, Ok(1));
        assert_eq!(asked.load(Ordering::SeqCst), 2, "asked again after its rest");
        return;
    }
    panic!("three calls never ended within a fifth of a second");
}

#[tokio::test]
async fn says_when_nothing_was_sent() {
    let rpc = client(vec![dead()]);
    let error = rpc.block_number().await.unwrap_err();
    assert!(matches!(error, RpcError::Transport { cause: TransportCause::Connect, .. }), "{error:?}");
    let error = rpc.block_number().await.unwrap_err();
    assert!(matches!(error, RpcError::AllResting { .. }) && !error.outcome_unknown(), "{error:?}");
    assert!(matches!(client(vec![]).chain_id().await, Err(RpcError::AllResting { retry_in: Duration::MAX, .. })));
}

#[tokio::test]
async fn a_nodes_refusal_is_an_answer() {
    let node = FakeNode::start(|_, _| Reply::Error(-32000, "already known"));
    let other = FakeNode::start(|_, _| panic!("must not be asked"));
    let error = client(vec![node.url(), other.url()]).send_raw(&Bytes::from_static(&[2])).await.unwrap_err();
    assert!(matches!(error, RpcError::Node { code: -32000, .. }));
}

#[tokio::test]
async fn too_long_answers_are_not_read_to_the_end() {
    let node = FakeNode::start(|method, _| match method {
        "eth_getCode" => Reply::Http(200, "x".repeat(MAX_ANSWER_BYTES + 1)),
        _ => Reply::Result(json!("0x1")),
    });
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let rpc = RpcClient::new(vec![node.url()], http, Duration::from_secs(30));
    let error = rpc.code(Address::ZERO).await.unwrap_err();
    assert!(matches!(error, RpcError::Transport { cause: TransportCause::TooLong, .. }), "{error:?}");
    assert_eq!(rpc.chain_id().await, Ok(1), "the endpoint does not rest for it");
}

/// Shapes of other chains: a Tron block and receipt, a block without a base fee, an absent one.
#[tokio::test]
async fn reads_other_chains() {
    let hash = B256::repeat_byte(7);
    let tron = json!({
        "baseFeePerGas": "0x0", "difficulty": "0x0", "extraData": "0x", "gasLimit": "0x0", "gasUsed": "0x0",
        "hash": hash, "logsBloom": "0x", "miner": "0x", "mixHash": null, "nonce": "0x0000000000000000",
        "number": "0x3a2c8e1", "parentHash": hash, "receiptsRoot": "0x", "stateRoot": "0x", "size": "0x2f",
        "timestamp": "0x66d0e9b8", "uncles": [],
        "transactions": [{
            "blockHash": hash, "blockNumber": "0x3a2c8e1", "chainId": null, "from": Address::repeat_byte(1),
            "gas": "0x0", "gasPrice": "0x1a4", "hash": hash, "input": "0x", "nonce": "0x0000000000000000", "r": "0x0",
            "to": null, "transactionIndex": "0x0", "type": "0x0", "v": "0x1b", "value": "0xde0b6b3a7640000",
        }],
    });
    let mut old = tron.clone();
    old.as_object_mut().unwrap().remove("baseFeePerGas");
    let (first, second) = (tron, old);
    let node = FakeNode::start(move |method, params| match (method, params[0].as_str()) {
        ("eth_getBlockByNumber", Some("0x1")) => Reply::Result(first.clone()),
        ("eth_getBlockByNumber", Some("finalized")) => Reply::Result(second.clone()),
        ("eth_getTransactionReceipt", Some(_)) => Reply::Result(json!({
            "transactionHash": hash, "blockHash": hash, "blockNumber": "0x1", "root": "0x", "logs": [], "to": null,
        })),
        ("eth_feeHistory", _) => Reply::Result(json!({
            "oldestBlock": "0x1", "baseFeePerGas": ["0x1", "0x2", "0x3"], "gasUsedRatio": [0.5, 1e-9],
            "reward": [["0x5"], ["0x0"]],
        })),
        ("eth_getBalance", _) => Reply::Result(json!(format!("0x{}", "f".repeat(64)))),
        _ => Reply::Result(Value::Null),
    });
    let rpc = node.client();
    let block = rpc.block_by_number(1).await.unwrap().unwrap();
    assert_eq!(
        (block.header.number, block.header.time_s, block.header.base_fee_per_gas),
        (0x3a2c8e1, 0x66d0e9b8, Some(0))
    );
    assert_eq!((block.transactions[0].to, block.transactions[0].value), (None, U256::from(10u64.pow(18))));
    assert_eq!(rpc.block_by_tag("finalized").await.unwrap().unwrap().base_fee_per_gas, None);
    assert_eq!(rpc.block_by_number(2).await, Ok(None));
    let receipt = rpc.receipt(hash).await.unwrap().unwrap();
    assert!(!receipt.succeeded(), "no status is no success");
    assert_eq!(rpc.fee_history(2, 50).await, Ok(FeeHistory { next_base_fee: 3, tips: vec![5, 0] }));
    assert_eq!(rpc.balance(Address::ZERO).await, Ok(U256::MAX));
}

/// What is sent.
#[tokio::test]
async fn asks_for_logs() {
    let (asked, wanted) = (Arc::new(std::sync::Mutex::new(Vec::new())), B256::repeat_byte(1));
    let seen = asked.clone();
    let node = FakeNode::start(move |_, params| {
        seen.lock().unwrap().push(params[0].clone());
        Reply::Result(json!([]))
    });
    let rpc = node.client();
    rpc.logs(1, 16, &[Address::ZERO], &[vec![wanted], vec![], vec![wanted]]).await.unwrap();
    rpc.logs_of_block(wanted, &[], &[vec![wanted]]).await.unwrap();
    assert_eq!(
        *asked.lock().unwrap(),
        [
            json!({ "fromBlock": "0x1", "toBlock": "0x10", "address": [Address::ZERO], "topics": [[wanted], null, [wanted]] }),
            json!({ "blockHash": wanted, "topics": [[wanted]] }),
        ]
    );
}
