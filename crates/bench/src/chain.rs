//! A chain's node that serves a hundred prepared blocks, each with a thousand transactions and a thousand token transfers.

use std::collections::HashMap;
use std::sync::Arc;

use alloy_primitives::{Address, B256, keccak256};
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Fail;

pub const BLOCKS: u64 = 100;
pub const TRANSFERS: u64 = 1_000;
/// Transfers of a block that pay one of our addresses; as many transactions do, in the chain's own coin.
pub const HITS: u64 = 10;
pub const TOKENS: [Address; 2] = [Address::repeat_byte(0xa1), Address::repeat_byte(0xa2)];

/// Our address of that number.
pub fn watched(number: u64) -> Address {
    Address::from_slice(&hash("watched", number).as_slice()[..20])
}

pub fn block_hash(number: u64) -> B256 {
    hash("block", number)
}

fn hash(kind: &str, number: u64) -> B256 {
    keccak256(format!("{kind} {number}"))
}

#[derive(Debug, Default)]
struct Node {
    headers: Vec<String>,
    full: Vec<String>,
    /// Without the brackets: ranges are put together from these.
    transfers: Vec<String>,
    receipts: HashMap<String, String>,
    /// By hash.
    heights: HashMap<String, usize>,
}

/// Serves in this process until it ends; the URL.
pub async fn open(addresses: u64) -> Result<String, Fail> {
    let mut node = Node::default();
    (0..=BLOCKS).for_each(|number| node.add(number, addresses));
    let node = Arc::new(node);
    let answer = move |request: Bytes| {
        let node = node.clone();
        async move { node.answer(&request).unwrap_or_else(|| r#"{"error":{"code":-32601,"message":"unknown"}}"#.into()) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let router = Router::new().route("/", post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

impl Node {
    fn add(&mut self, number: u64, addresses: u64) {
        let (block, parent) = (block_hash(number), block_hash(number.wrapping_sub(1)));
        let head = format!(
            r#""number":"{number:#x}","hash":"{block:#x}","parentHash":"{parent:#x}","timestamp":"{:#x}","baseFeePerGas":"0x3b9aca00","gasLimit":"0x1c9c380","gasUsed":"0x1c9c380","miner":"{:#x}","stateRoot":"{parent:#x}","logsBloom":"0x{:0512x}""#,
            1_700_000_000 + number,
            TOKENS[0],
            0
        );
        let (mut transactions, mut transfers) = (Vec::new(), Vec::new());
        for index in 0..TRANSFERS {
            let serial = number * TRANSFERS + index;
            let (tx, from) = (hash("tx", serial), Address::from_word(hash("payer", serial)));
            let ours = index % (TRANSFERS / HITS) == 7;
            let to =
                if ours { watched(serial * 7_919 % addresses) } else { Address::from_word(hash("stranger", serial)) };
            if ours {
                let receipt = format!(
                    r#"{{"transactionHash":"{tx:#x}","blockHash":"{block:#x}","blockNumber":"{number:#x}","status":"0x1","gasUsed":"0x5208","effectiveGasPrice":"0x3b9aca00","logs":[]}}"#
                );
                self.receipts.insert(format!("{tx:#x}"), receipt);
            }
            transactions.push(format!(
                r#"{{"blockHash":"{block:#x}","blockNumber":"{number:#x}","hash":"{tx:#x}","transactionIndex":"{index:#x}","type":"0x2","nonce":"0x1","from":"{from:#x}","to":"{to:#x}","value":"0xde0b6b3a7640000","gas":"0x5208","gasPrice":"0x3b9aca00","maxFeePerGas":"0x3b9aca00","maxPriorityFeePerGas":"0x3b9aca00","input":"0x","chainId":"0x89","v":"0x1","r":"{tx:#x}","s":"{tx:#x}"}}"#
            ));
            let (token, topic, amount) = (TOKENS[usize::from(index % 2 == 0)], transfer_topic(), 15_040_000 + index);
            transfers.push(format!(
                r#"{{"address":"{token:#x}","topics":["{topic:#x}","{:#x}","{:#x}"],"data":"0x{amount:064x}","blockNumber":"{number:#x}","blockHash":"{block:#x}","transactionHash":"{tx:#x}","transactionIndex":"{index:#x}","logIndex":"{index:#x}","removed":false}}"#,
                from.into_word(),
                to.into_word()
            ));
        }
        self.heights.insert(format!("{block:#x}"), self.headers.len());
        self.headers.push(format!(r#"{{{head},"transactions":[]}}"#));
        self.full.push(format!(r#"{{{head},"transactions":[{}]}}"#, transactions.join(",")));
        self.transfers.push(transfers.join(","));
    }

    fn answer(&self, request: &[u8]) -> Option<String> {
        let request: Value = serde_json::from_slice(request).ok()?;
        let asked = &request["params"][0];
        let at = |value: &Value| usize::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok();
        let result = match request["method"].as_str()? {
            "eth_blockNumber" => json!(format!("{BLOCKS:#x}")).to_string(),
            "eth_getBlockByNumber" if request["params"][1] == true => self.full.get(at(asked)?)?.clone(),
            "eth_getBlockByNumber" => self.headers.get(at(asked)?)?.clone(),
            "eth_getTransactionReceipt" => self.receipts.get(asked.as_str()?)?.clone(),
            "eth_getLogs" if asked["topics"][0][0] != format!("{:#x}", transfer_topic()) => "[]".to_owned(),
            "eth_getLogs" if asked["blockHash"].is_string() => {
                format!("[{}]", self.transfers.get(*self.heights.get(asked["blockHash"].as_str()?)?)?)
            }
            "eth_getLogs" => {
                format!("[{}]", self.transfers.get(at(&asked["fromBlock"])?..=at(&asked["toBlock"])?)?.join(","))
            }
            _ => return None,
        };
        Some(format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#))
    }
}

pub fn transfer_topic() -> B256 {
    keccak256("Transfer(address,address,uint256)")
}
