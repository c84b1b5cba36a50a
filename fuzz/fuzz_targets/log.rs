//! Whatever a node answers as a log is an event, another event, or a named error. Most inputs are bent into the shape of
//! one of our two events, so that their fields are reached; what is read must be what was written.
#![no_main]

use alloy_primitives::{B256, U256, hex};
use alloy_sol_types::SolEvent;
use libfuzzer_sys::fuzz_target;
use rails::evm::abi::{Erc20::Transfer, Forwarder::Flushed};
use rails::evm::logs::{LogEvent, decode_log};
use serde_json::{Value, json};

fuzz_target!(|input: (u8, u64, Vec<[u8; 32]>, Vec<[u8; 32]>, &[u8])| {
    let (kind, number, mut topics, words, rest) = input;
    let data = &[words.as_flattened(), rest].concat()[..];
    let name = match kind % 4 {
        0 => return read_anything(rest),
        1 => None,
        2 => Some(Transfer::SIGNATURE_HASH),
        _ => Some(Flushed::SIGNATURE_HASH),
    };
    if kind & 64 == 0 {
        // an address in a topic has twelve zeros before it
        topics.iter_mut().for_each(|topic| topic[..12].fill(0));
    }
    if let Some(name) = name {
        topics.insert(0, name.0);
    }
    let hash = B256::from(U256::from(number)).to_string();
    let log = json!({
        "address": format!("0x{number:040x}"),
        "topics": topics.iter().map(|topic| B256::from(topic).to_string()).collect::<Vec<_>>(),
        "data": hex::encode_prefixed(data),
        "blockNumber": format!("0x{number:x}"),
        "blockHash": hash,
        "transactionHash": hash,
        "logIndex": format!("0x{:x}", number >> 32),
        "removed": kind & 128 != 0,
    });
    let Ok(Some(fact)) = decode_log(&log) else { return };
    assert!(kind & 128 == 0, "a removed log is no fact");
    assert_eq!((fact.block_number, fact.log_index), (number, number >> 32));
    match fact.event {
        LogEvent::Deposit { amount, .. } => {
            assert_eq!((topics[0], topics.len()), (Transfer::SIGNATURE_HASH.0, 3));
            assert_eq!(U256::try_from_be_slice(data), Some(U256::from(amount)));
        }
        LogEvent::Flush { merchant_amount, fee_amount, .. } => {
            assert_eq!((topics[0], topics.len()), (Flushed::SIGNATURE_HASH.0, 2));
            let (merchant, fee) = data.split_at(32);
            assert_eq!(U256::try_from_be_slice(merchant), Some(U256::from(merchant_amount)));
            assert_eq!(U256::try_from_be_slice(fee), Some(U256::from(fee_amount)));
        }
    }
});

fn read_anything(text: &[u8]) {
    let _ = decode_log(&serde_json::from_slice(text).unwrap_or(Value::Null));
}
