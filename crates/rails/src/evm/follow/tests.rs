use super::*;
use crate::evm::abi::Erc20::Transfer;
use crate::evm::rpc::fake_node::{FakeNode, Reply};
use alloy_primitives::{U256, keccak256};
use alloy_sol_types::SolEvent;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const US: Address = Address::repeat_byte(0xaa);
const TOKEN: Address = Address::repeat_byte(0xcc);
const PACE: Pace = Pace { max_blocks: 5, range_distance: 4 };

fn watched(address: &Address) -> bool {
    *address == US
}

const WATCH: Watch<'static> = Watch { tokens: &[TOKEN], native: true, wallets: &[], is_watched: &watched };

/// Every block pays us its height in tokens; every third pays us coin, every second one of those fails.
#[derive(Clone, Default)]
struct Chain {
    /// The blocks' hashes, from genesis on.
    hashes: Vec<B256>,
    made: u64,
    /// Longest range of logs answered.
    max_range: u64,
    /// Replaces the chain when this method is asked for, at this height for blocks.
    moves_to: Option<(&'static str, u64, Box<Chain>)>,
    /// Has no logs.
    quiet: bool,
    /// Logs are answered by a node that knows only so many blocks.
    logs_lag: u64,
    /// Receipts are of another block.
    receipts_elsewhere: bool,
}

impl Chain {
    fn of(blocks: u64) -> Self {
        let mut chain = Self { max_range: 3, ..Self::default() };
        chain.mine(blocks);
        chain
    }

    fn mine(&mut self, blocks: u64) {
        for _ in 0..blocks {
            self.made += 1;
            let parent = self.hashes.last().copied().unwrap_or_default();
            self.hashes.push(keccak256([parent.as_slice(), &self.made.to_be_bytes()].concat()));
        }
    }

    fn reorg(&mut self, depth: u64, blocks: u64) {
        self.hashes.truncate(self.hashes.len() - depth as usize);
        self.mine(blocks);
    }

    fn head(&self) -> u64 {
        self.hashes.len() as u64 - 1
    }

    fn facts(&self, from: u64) -> Vec<ChainFact> {
        (from..=self.head()).flat_map(|number| self.facts_of(number)).collect()
    }

    fn facts_of(&self, number: u64) -> Vec<ChainFact> {
        let block = BlockRef { number, hash: self.hashes[number as usize], time_s: number * 12 };
        let deposit = |tx_hash, log_index, token, amount| ChainFact::Deposit {
            block,
            tx_hash,
            log_index,
            token,
            from: TOKEN,
            to: US,
            amount,
        };
        let mut facts = vec![deposit(keccak256(block.hash), 0, Some(TOKEN), u128::from(number))];
        facts.retain(|_| number > 0);
        if number.is_multiple_of(6) {
            facts.push(deposit(!block.hash, 1_000_000_000, None, 5));
        }
        facts
    }

    fn block(&self, number: u64) -> Value {
        let Some(hash) = self.hashes.get(number as usize) else { return Value::Null };
        let parent = if number == 0 { B256::ZERO } else { self.hashes[number as usize - 1] };
        let pays = json!([{ "hash": !*hash, "transactionIndex": "0x0", "from": TOKEN, "to": US, "value": "0x5" }]);
        json!({
            "number": format!("0x{number:x}"), "hash": hash, "parentHash": parent,
            "timestamp": format!("0x{:x}", number * 12), "transactions": if number.is_multiple_of(3) { pays } else { json!([]) },
        })
    }

    fn log(&self, number: u64) -> Value {
        let hash = self.hashes[number as usize];
        json!({
            "address": TOKEN, "topics": [Transfer::SIGNATURE_HASH, TOKEN.into_word(), US.into_word()],
            "data": B256::from(U256::from(number)), "blockNumber": format!("0x{number:x}"), "blockHash": hash,
            "transactionHash": keccak256(hash), "logIndex": "0x0",
        })
    }

    fn answer(&mut self, method: &str, params: &Value) -> Reply {
        let number = |value: &Value| u64::from_str_radix(&value.as_str().unwrap()[2..], 16).unwrap();
        let height = |hash: B256| self.hashes.iter().position(|known| *known == hash);
        let hash = |value: &Value| value.as_str().unwrap().parse::<B256>().unwrap();
        if let Some((moves_at, at_height, _)) = self.moves_to
            && method == moves_at
            && (method != "eth_getBlockByNumber" || number(&params[0]) == at_height)
            && let Some((_, _, chain)) = self.moves_to.take()
        {
            *self = *chain;
            return self.answer(method, params);
        }
        match method {
            "eth_blockNumber" => Reply::Result(json!(format!("0x{:x}", self.head()))),
            "eth_getBlockByNumber" => Reply::Result(self.block(number(&params[0]))),
            "eth_getLogs" => {
                let filter = &params[0];
                let known = self.head() - self.logs_lag;
                let (from, to) = match filter.get("blockHash") {
                    Some(block) => match height(hash(block)) {
                        Some(height) if height as u64 <= known => (height as u64, height as u64),
                        _ => return Reply::Error(-32000, "unknown block"),
                    },
                    None => (number(&filter["fromBlock"]), number(&filter["toBlock"]).min(known)),
                };
                if to.saturating_sub(from) >= self.max_range {
                    return Reply::Error(-32005, "range too wide");
                }
                let transfers = filter["topics"] == json!([[Transfer::SIGNATURE_HASH]]);
                assert_eq!(transfers, filter.get("address").is_some());
                Reply::Result((from..=to).filter(|_| transfers && !self.quiet).map(|number| self.log(number)).collect())
            }
            "eth_getTransactionReceipt" => match height(!hash(&params[0])) {
                Some(height) => Reply::Result(json!({
                    "transactionHash": params[0],
                    "blockHash": if self.receipts_elsewhere { B256::ZERO } else { self.hashes[height] }, "blockNumber": format!("0x{height:x}"),
                    "status": if height.is_multiple_of(2) { "0x1" } else { "0x0" },
                })),
                None => Reply::Result(Value::Null),
            },
            other => panic!("{other}"),
        }
    }
}

/// A node with a chain that the test can change.
struct Net {
    chain: Arc<Mutex<Chain>>,
    rpc: RpcClient,
    _node: FakeNode,
}

impl Net {
    fn of(blocks: u64) -> Self {
        let chain = Arc::new(Mutex::new(Chain::of(blocks)));
        let answering = chain.clone();
        let node = FakeNode::start(move |method, params| answering.lock().unwrap().answer(method, params));
        Self { chain, rpc: node.client(), _node: node }
    }

    fn chain(&self) -> std::sync::MutexGuard<'_, Chain> {
        self.chain.lock().unwrap()
    }
}

/// Does what a worker does with steps.
struct Follower {
    cursor: Vec<(u64, B256)>,
    facts: Vec<ChainFact>,
    window: usize,
}

impl Follower {
    fn at_genesis(net: &Net, window: usize) -> Self {
        Self { cursor: vec![(0, net.chain().hashes[0])], facts: vec![], window }
    }

    async fn step(&mut self, net: &Net, pace: Pace) -> Result<Step, FollowError> {
        let head = net.rpc.block_number().await?;
        let step = next_step(&net.rpc, head, &self.cursor, &WATCH, pace).await?;
        match &step {
            Step::Blocks { blocks, facts, rejected } => {
                assert!(!blocks.is_empty() && rejected.is_empty());
                self.facts.extend(facts.iter().cloned());
                self.cursor.extend(blocks.iter().map(|block| (block.number, block.hash)));
                self.cursor.drain(..self.cursor.len().saturating_sub(self.window));
            }
            Step::Reorg { back_to } => {
                self.facts.retain(|fact| fact.block().number <= *back_to);
                self.cursor.retain(|(number, _)| number <= back_to);
            }
            Step::Idle { .. } => {}
        }
        Ok(step)
    }

    async fn rest(&mut self, net: &Net, pace: Pace) {
        for _ in 0..200 {
            if matches!(self.step(net, pace).await.unwrap(), Step::Idle { .. }) {
                return;
            }
        }
        panic!("does not come to rest");
    }
}

#[tokio::test]
async fn catches_up_by_ranges_then_block_by_block() {
    let net = Net::of(20);
    let mut follower = Follower::at_genesis(&net, 64);
    // Heights 1 to 5 are asked for at once, refused as too wide, and halved: 1 and 2.
    let Step::Blocks { blocks, .. } = follower.step(&net, PACE).await.unwrap() else { panic!() };
    assert_eq!(blocks.iter().map(|block| block.number).collect::<Vec<_>>(), [1, 2]);
    follower.rest(&net, PACE).await;
    assert_eq!(follower.facts, net.chain().facts(1));
    assert_eq!(follower.step(&net, PACE).await, Ok(Step::Idle { head: 19 }));
}

#[tokio::test]
async fn finds_where_the_chain_parted() {
    let net = Net::of(10);
    let mut follower = Follower::at_genesis(&net, 64);
    follower.rest(&net, PACE).await;
    // (depth, new blocks): shorter, as long, longer
    for (depth, blocks) in [(3, 2), (2, 2), (4, 9)] {
        let back_to = net.chain().head() - depth;
        net.chain().reorg(depth, blocks);
        assert_eq!(follower.step(&net, PACE).await, Ok(Step::Reorg { back_to }));
        follower.rest(&net, PACE).await;
        assert_eq!(follower.facts, net.chain().facts(1));
    }
}

#[tokio::test]
async fn a_node_that_lags_is_no_reorganisation() {
    let net = Net::of(10);
    let mut follower = Follower::at_genesis(&net, 4);
    follower.rest(&net, PACE).await;
    for (lag, head) in [(2, 7), (6, 1)] {
        net.chain().hashes.truncate(head as usize + 1);
        assert_eq!(follower.step(&net, PACE).await, Ok(Step::Idle { head }), "{lag} below");
    }
}

#[tokio::test]
async fn a_reorganisation_deeper_than_memory_is_for_a_person() {
    let net = Net::of(10);
    let mut follower = Follower::at_genesis(&net, 3);
    follower.rest(&net, PACE).await;
    net.chain().reorg(5, 6);
    let error = follower.step(&net, PACE).await.unwrap_err();
    assert_eq!(error, FollowError::ReorgTooDeep { oldest: 7 });
    assert!(!error.is_transient());
    assert_eq!(next_step(&net.rpc, 0, &[], &WATCH, PACE).await, Err(FollowError::EmptyCursor));
}

/// While blocks, logs or receipts are read, the chain moves, to one with other logs or none: a step gives all facts of
/// its blocks, or nothing.
#[tokio::test]
async fn a_chain_that_moves_while_it_is_read_is_read_again() {
    let methods = [("eth_getBlockByNumber", 3), ("eth_getLogs", 0), ("eth_getTransactionReceipt", 0)];
    for pace in [PACE, Pace { max_blocks: 3, range_distance: 4 }, Pace { max_blocks: 5, range_distance: 100 }] {
        for (quiet, (method, height)) in
            [false, true].into_iter().flat_map(|quiet| methods.map(|method| (quiet, method)))
        {
            let net = Net::of(20);
            let mut follower = Follower::at_genesis(&net, 64);
            let before = net.chain().clone();
            let mut after = before.clone();
            after.reorg(19, 20);
            net.chain().moves_to = Some((method, height, Box::new(Chain { quiet, ..after.clone() })));
            while net.chain().moves_to.is_some() {
                match follower.step(&net, pace).await {
                    Err(error) => assert!(error.is_transient(), "{error}"),
                    Ok(Step::Blocks { blocks, facts, .. }) => {
                        let is_in = |chain: &Chain| blocks.iter().all(|b| chain.hashes[b.number as usize] == b.hash);
                        let chain = if is_in(&before) { &before } else { &after };
                        assert!(is_in(chain), "blocks of two chains: {method} {pace:?}");
                        let wanted: Vec<_> = blocks.iter().flat_map(|block| chain.facts_of(block.number)).collect();
                        assert_eq!(facts, wanted, "{method} {pace:?}");
                    }
                    Ok(other) => panic!("{other:?}"),
                }
            }
            net.chain().quiet = false;
            follower.rest(&net, pace).await;
            assert_eq!(follower.facts, net.chain().facts(1), "{method} {pace:?}");
        }
    }
}

/// Near the head, the node that answers for logs may not have the block yet: that is not "no logs".
#[tokio::test]
async fn logs_of_a_block_the_node_does_not_have_are_not_none() {
    let net = Net::of(4);
    net.chain().logs_lag = 2;
    let mut follower = Follower::at_genesis(&net, 64);
    assert!(follower.step(&net, PACE).await.unwrap_err().is_transient());
    net.chain().logs_lag = 0;
    follower.rest(&net, PACE).await;
    assert_eq!(follower.facts, net.chain().facts(1));
}

#[tokio::test]
async fn a_receipt_of_another_block_proves_nothing() {
    let net = Net::of(8);
    net.chain().receipts_elsewhere = true;
    let mut follower = Follower::at_genesis(&net, 64);
    let error = follower.step(&net, Pace { max_blocks: 7, range_distance: 100 }).await.unwrap_err();
    assert_eq!(error, FollowError::ChainMoved { number: 3 });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever the chain does, once at rest we know exactly the facts of the chain that is.
    #[test]
    fn facts_are_those_of_the_chain(
        moves in prop::collection::vec((0u64..8, 0u64..12, 0usize..4), 1..12), max_blocks in 1u64..9, range_distance in 0u64..9,
    ) {
        let pace = Pace { max_blocks, range_distance };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let net = Net::of(3);
            let mut follower = Follower::at_genesis(&net, 1_000);
            for (depth, blocks, steps) in moves {
                let depth = depth.min(net.chain().head());
                net.chain().reorg(depth, blocks);
                for _ in 0..steps {
                    follower.step(&net, pace).await.unwrap();
                }
            }
            // A chain that only became shorter cannot be told from a node that lags: one block more decides.
            net.chain().mine(20);
            follower.rest(&net, pace).await;
            assert_eq!(follower.facts, net.chain().facts(1));
        });
    }
}
