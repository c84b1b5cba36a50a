//! The production EVM code against the sandbox's chain, over HTTP on loopback: deploy, deposit, follow, flush, fork.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::evm::fees::{self, GasMarket};
use crate::evm::follow::{Pace, Step, Watch, next_step};
use crate::evm::forwarder::{FlushItem, ForwarderTerms, deposit_address, flush_call};
use crate::evm::rpc::{CallRequest, RpcClient, RpcError};
use crate::evm::scan::ChainFact;
use crate::evm::sign::{GasKey, TxRequest};
use crate::evm::{artifact, rpc::Receipt};
use crate::sim::{SimChain, SimConfig};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

const START_S: u64 = 1_700_000_000;
const ETHER: u128 = 1_000_000_000_000_000_000;

type Shared = Arc<Mutex<SimChain>>;

/// Serves a chain; the thread ends with the test process.
fn serve(chain: &Shared) -> RpcClient {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = url::Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let chain = chain.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &chain);
        }
    });
    let _ = rustls::crypto::ring::default_provider().install_default();
    RpcClient::new(vec![url], reqwest::Client::new(), Duration::from_secs(10))
}

fn answer(mut stream: TcpStream, chain: &Shared) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = chain.lock().unwrap().handle(&body);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
}

/// What the gateway remembers of the chain, and the deposits and payouts it has seen.
struct Follower {
    rpc: RpcClient,
    cursor: Vec<(u64, B256)>,
    facts: Vec<ChainFact>,
    tokens: Vec<Address>,
    watched: HashSet<Address>,
}

impl Follower {
    /// Follows until there is nothing new; returns how many reorganisations it met.
    async fn catch_up(&mut self) -> usize {
        let is_watched = |address: &Address| self.watched.contains(address);
        let watch = Watch { tokens: &self.tokens, native: true, wallets: &[], is_watched: &is_watched };
        let mut reorganisations = 0;
        loop {
            let head = self.rpc.block_number().await.unwrap();
            match next_step(&self.rpc, head, &self.cursor, &watch, Pace { max_blocks: 5, range_distance: 8 })
                .await
                .unwrap()
            {
                Step::Idle { .. } => return reorganisations,
                Step::Reorg { back_to } => {
                    reorganisations += 1;
                    self.cursor.retain(|(number, _)| *number <= back_to);
                    self.facts.retain(|fact| fact.block().number <= back_to);
                }
                Step::Blocks { blocks, facts, rejected } => {
                    assert_eq!(rejected, []);
                    self.cursor.extend(blocks.iter().map(|block| (block.number, block.hash)));
                    self.facts.extend(facts);
                }
            }
        }
    }

    /// Token (`None` is the native coin) and amount of each deposit seen.
    fn deposits(&self) -> Vec<(Option<Address>, u128)> {
        let deposit = |fact: &ChainFact| match fact {
            ChainFact::Deposit { token, amount, .. } => Some((*token, *amount)),
            ChainFact::Moved { .. } | ChainFact::Flushed { .. } => None,
        };
        self.facts.iter().filter_map(deposit).collect()
    }
}

/// Estimates, prices, signs, sends, mines, and asks what became of it.
async fn transact(chain: &Shared, rpc: &RpcClient, key: &GasKey, to: Address, input: Bytes) -> Receipt {
    let call = CallRequest { from: Some(key.address()), to, value: 0, input: input.clone() };
    let history = rpc.fee_history(5, 50).await.unwrap();
    let market = GasMarket::Dynamic { base_fee: history.next_base_fee, tip: 1_000_000_000 };
    let request = TxRequest {
        chain_id: rpc.chain_id().await.unwrap(),
        nonce: rpc.transaction_count(key.address(), "pending").await.unwrap(),
        to,
        value: 0,
        gas_limit: rpc.estimate_gas(&call).await.unwrap(),
        fees: fees::suggest(market, 100_000_000_000).unwrap(),
        input,
    };
    let signed = key.sign(&request).unwrap();
    assert_eq!(rpc.send_raw(&signed.raw).await.unwrap(), signed.hash);
    let again = rpc.send_raw(&signed.raw).await.unwrap_err();
    assert!(matches!(&again, RpcError::Node { .. }) && again.to_string().contains("already known"), "{again}");
    assert_eq!(rpc.receipt(signed.hash).await.unwrap(), None);
    mine(chain, 1);
    let receipt = rpc.receipt(signed.hash).await.unwrap().unwrap();
    assert!(receipt.succeeded());
    receipt
}

fn mine(chain: &Shared, blocks: u64) {
    let mut chain = chain.lock().unwrap();
    let now_s = chain.head_time_s() + blocks;
    chain.mine(blocks, now_s);
}

#[tokio::test]
async fn a_deposit_is_seen_reversed_seen_again_and_flushed() {
    let config = SimConfig { chain_id: 31_337, seed: 3, genesis_time_s: START_S };
    let chain: Shared = Arc::new(Mutex::new(SimChain::new(config).unwrap()));
    let rpc = serve(&chain);
    let key = GasKey::from_hex(&"11".repeat(32)).unwrap();
    let terms =
        ForwarderTerms { merchant: Address::repeat_byte(0xa1), fee_wallet: Address::repeat_byte(0xfe), fee_bps: 150 };
    let salt = keccak256("attempt");
    let deposit = deposit_address(&terms, salt);
    let [usdt, usdc] = ["USDT", "USDC"].map(|symbol| chain.lock().unwrap().token_address(symbol).unwrap());
    let genesis = rpc.header_by_number(0).await.unwrap().unwrap();
    let mut follower = Follower {
        rpc: rpc.clone(),
        cursor: vec![(0, genesis.hash)],
        facts: Vec::new(),
        tokens: vec![usdt, usdc],
        watched: HashSet::from([deposit]),
    };

    chain.lock().unwrap().fund_native(key.address(), ETHER).unwrap();
    mine(&chain, 1);
    assert_eq!(rpc.code(artifact::factory_address()).await.unwrap(), Bytes::new());
    transact(&chain, &rpc, &key, artifact::PROXY, artifact::deployment_call()).await;
    assert_ne!(rpc.code(artifact::factory_address()).await.unwrap(), Bytes::new());
    assert_ne!(rpc.code(artifact::implementation_address()).await.unwrap(), Bytes::new());

    chain.lock().unwrap().pay_token("USDT", deposit, 1_000_001).unwrap();
    chain.lock().unwrap().pay_token("USDC", deposit, 2_000_000).unwrap();
    chain.lock().unwrap().pay_native(deposit, ETHER).unwrap();
    mine(&chain, 30);
    let paid = vec![(Some(usdt), 1_000_001), (Some(usdc), 2_000_000), (None, ETHER)];
    assert_eq!(follower.catch_up().await, 0);
    assert_eq!(follower.deposits(), paid);

    // All 30 blocks are replaced; the payments wait, and come again later.
    chain.lock().unwrap().reorg(30, true, START_S + 500).unwrap();
    assert_eq!(follower.catch_up().await, 1);
    assert_eq!(follower.deposits(), []);
    mine(&chain, 3);
    assert_eq!(follower.catch_up().await, 0);
    assert_eq!(follower.deposits(), paid);

    let tokens = vec![usdt, usdc, Address::ZERO];
    let input = flush_call(&[FlushItem { salt, terms, tokens }]);
    transact(&chain, &rpc, &key, artifact::factory_address(), input).await;
    follower.catch_up().await;
    let flushed: Vec<_> = follower.facts.iter().filter(|fact| matches!(fact, ChainFact::Flushed { .. })).collect();
    assert_eq!(flushed.len(), 3);
    assert_eq!(rpc.balance(terms.merchant).await.unwrap(), U256::from(ETHER / 1_000 * 985));
    assert_eq!(rpc.balance(terms.fee_wallet).await.unwrap(), U256::from(ETHER / 1_000 * 15));

    chain.lock().unwrap().set_down(true);
    let down = rpc.block_number().await.unwrap_err();
    assert!(down.to_string().contains("chain is down"), "{down}");
}
