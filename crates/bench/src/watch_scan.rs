//! The watching side, in a process of its own: the code that follows chains, with a book of addresses.

use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256};
use domain::{AttemptId, MerchantId};
use gateway::app::chains::Addresses;
use gateway::net::plain;
use gateway::store::attempts::Watched;
use rails::evm::follow::{Pace, Step, Watch, next_step};
use rails::evm::rpc::{Block, RawLog, RpcClient};
use rails::evm::scan::scan;
use serde::{Deserialize, Serialize};

use crate::args::Scan;
use crate::chain::{BLOCKS, HITS, TOKENS, block_hash, transfer_topic, watched};
use crate::stats::{Histogram, Row};
use crate::{Fail, child, memory};

#[derive(Debug, Serialize, Deserialize)]
pub struct Found {
    pub catching_up: Row,
    pub at_the_head: Row,
    pub with_native: Row,
    pub fetching: Row,
    pub scanning: Row,
    pub bytes_per_address: u64,
}

/// The worker's pace while it catches up; at the head there is one block at a time.
const RANGES: Pace = Pace { max_blocks: 100, range_distance: 20 };
const SINGLE: Pace = Pace { max_blocks: 1, range_distance: 20 };
const TIMEOUT: Duration = Duration::from_secs(60);

pub async fn run(part: Scan) -> Result<(), Fail> {
    let pid = std::process::id();
    let before = memory::resident_kib(pid)?;
    let book = Addresses::default();
    // one by one, as the gateway adds them: a table that is copied as it grows
    (0..part.addresses).for_each(|number| book.insert(watched(number).0.0, &owner(number)));
    let bytes_per_address = (memory::resident_kib(pid)? - before) * 1024 / part.addresses;
    let rpc = RpcClient::new(vec![part.node.parse()?], plain::client()?, TIMEOUT);
    let peak = || memory::peak_kib(pid);

    // the peak only grows, so what needs least comes first
    let follow = |name, pace, native| follow(name, &rpc, &book, pace, native, part.seconds);
    let at_the_head = follow("blocks followed one by one, tokens", SINGLE, false).await?.with_peak(peak()?);
    let with_native = follow("blocks followed one by one, tokens and own coin", SINGLE, true).await?.with_peak(peak()?);
    let catching_up = follow("blocks caught up by ranges, tokens (p50 of 80)", RANGES, false).await?.with_peak(peak()?);
    let fetching = fetching(&part).await?;
    let scanning = scanning(&rpc, &book, part.seconds).await?;
    child::tell(&Found { catching_up, at_the_head, with_native, fetching, scanning, bytes_per_address })
}

/// A thousand merchants have them all.
fn owner(number: u64) -> Watched {
    let id = ulid::Ulid::from_parts(1_700_000_000_000, number.into());
    let merchant = ulid::Ulid::from_parts(1_600_000_000_000, (number % 1_000).into());
    let invoice_number = i64::try_from(number).unwrap_or(i64::MAX);
    Watched { merchant_id: MerchantId::new(merchant), attempt_id: AttemptId::new(id), invoice_number }
}

/// Follows the chain from its beginning, again and again, and checks that every payment was found.
async fn follow(
    name: &str,
    rpc: &RpcClient,
    book: &Addresses,
    pace: Pace,
    native: bool,
    seconds: u64,
) -> Result<Row, Fail> {
    let is_watched = |address: &Address| book.contains(address);
    let watch = Watch { tokens: &TOKENS, native, wallets: &[], is_watched: &is_watched };
    let until = if pace.max_blocks > 1 { BLOCKS - pace.range_distance } else { BLOCKS };
    let (mut steps, mut read, began) = (Histogram::default(), 0, Instant::now());
    let mut cursor: Vec<(u64, B256)> = vec![(0, block_hash(0))];
    while began.elapsed() < Duration::from_secs(seconds) {
        let asked = Instant::now();
        let Step::Blocks { blocks, facts, rejected } =
            next_step(rpc, rpc.block_number().await?, &cursor, &watch, pace).await?
        else {
            return Err("the chain had no blocks".into());
        };
        steps.record(asked.elapsed());
        let expected = blocks.len() * usize::try_from(if native { 2 * HITS } else { HITS })?;
        if facts.len() != expected || !rejected.is_empty() {
            return Err(format!("{} payments were found in {} blocks", facts.len(), blocks.len()).into());
        }
        read += u64::try_from(blocks.len())?;
        cursor.extend(blocks.iter().map(|block| (block.number, block.hash)));
        if cursor.last().is_some_and(|(number, _)| *number >= until) {
            cursor.truncate(1);
        }
    }
    let step = steps.row(name, began.elapsed());
    Ok(Row { p50_ns: step.p50_ns, p99_ns: step.p99_ns, ..Row::new(name, read, began.elapsed()) })
}

/// Matching and decoding alone, of blocks that are already in memory: one thread.
async fn scanning(rpc: &RpcClient, book: &Addresses, seconds: u64) -> Result<Row, Fail> {
    let mut blocks: Vec<(Block, Vec<RawLog>)> = Vec::new();
    for number in 1..=BLOCKS {
        let header = rpc.header_by_number(number).await?.ok_or("no such block")?;
        let logs = rpc.logs_of_block(header.hash, &TOKENS, &[vec![transfer_topic()]]).await?;
        blocks.push((Block { header, transactions: Vec::new() }, logs));
    }
    let is_watched = |address: &Address| book.contains(address);
    let (mut latencies, began) = (Histogram::default(), Instant::now());
    for (block, logs) in blocks.iter().cycle() {
        let asked = Instant::now();
        let found = scan(block, logs, &is_watched, &[], &|_| None)?;
        latencies.record(asked.elapsed());
        if found.facts.len() != usize::try_from(HITS)? {
            return Err(format!("{} payments were found in a block", found.facts.len()).into());
        }
        if began.elapsed() > Duration::from_secs(seconds) {
            break;
        }
    }
    Ok(latencies.row("blocks matched, already read and decoded", began.elapsed()))
}

/// The questions of one block, answers read but not looked at.
async fn fetching(part: &Scan) -> Result<Row, Fail> {
    let http = plain::client()?;
    let ask = async |question: String| {
        let request = http.post(&part.node).header("content-type", "application/json").body(question);
        Ok::<_, Fail>(request.send().await?.bytes().await?.len())
    };
    let (mut latencies, began) = (Histogram::default(), Instant::now());
    for number in (1..=BLOCKS).cycle() {
        let asked = Instant::now();
        let logs = |topic: &str| {
            format!(
                r#"{{"id":1,"method":"eth_getLogs","params":[{{"blockHash":"{:#x}","topics":[["{topic}"]]}}]}}"#,
                block_hash(number)
            )
        };
        ask(r#"{"id":1,"method":"eth_blockNumber","params":[]}"#.into()).await?;
        ask(format!(r#"{{"id":1,"method":"eth_getBlockByNumber","params":["{number:#x}",false]}}"#)).await?;
        let transfers = logs(&format!("{:#x}", transfer_topic()));
        let (_, transfers) = tokio::try_join!(ask(logs("0x00")), ask(transfers))?;
        if transfers < 100_000 {
            return Err("the node did not send the transfers".into());
        }
        latencies.record(asked.elapsed());
        if began.elapsed() > Duration::from_secs(part.seconds) {
            break;
        }
    }
    Ok(latencies.row("the same answers fetched, not read", began.elapsed()))
}
