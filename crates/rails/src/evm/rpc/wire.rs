//! Answers of nodes, read leniently: unknown fields are ignored, and fields we do not use are not even looked at, since
//! other chains fill them differently (Tron's `stateRoot` is `"0x"`, its transactions have no type).

use super::quantity::{read, read_optional};
use alloy_primitives::{Address, B256, Bytes, U256};
use serde::Deserialize;

/// A block without its transactions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Height.
    #[serde(deserialize_with = "read")]
    pub number: u64,
    /// The block's own hash.
    pub hash: B256,
    /// Of the block before.
    pub parent_hash: B256,
    /// Unix seconds, as the block's maker claims.
    #[serde(rename = "timestamp", deserialize_with = "read")]
    pub time_s: u64,
    /// Wei per gas; chains without EIP-1559 have none.
    #[serde(default, deserialize_with = "read_optional")]
    pub base_fee_per_gas: Option<u128>,
}

/// A block with its transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The rest of the block.
    pub header: Header,
    /// In the block's order. Empty when only the header was asked for.
    pub transactions: Vec<BlockTx>,
}

impl<'de> Deserialize<'de> for Block {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `flatten`: it would buffer every field of the block.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            #[serde(deserialize_with = "read")]
            number: u64,
            hash: B256,
            parent_hash: B256,
            #[serde(deserialize_with = "read")]
            timestamp: u64,
            #[serde(default, deserialize_with = "read_optional")]
            base_fee_per_gas: Option<u128>,
            transactions: Vec<BlockTx>,
        }
        let Wire { number, hash, parent_hash, timestamp, base_fee_per_gas, transactions } =
            Wire::deserialize(deserializer)?;
        let header = Header { number, hash, parent_hash, time_s: timestamp, base_fee_per_gas };
        Ok(Self { header, transactions })
    }
}

/// A transaction as a block lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockTx {
    /// Transaction hash.
    pub hash: B256,
    /// Position in the block.
    #[serde(rename = "transactionIndex", deserialize_with = "read")]
    pub index: u64,
    /// Who signed it.
    pub from: Address,
    /// `None` creates a contract.
    #[serde(default)]
    pub to: Option<Address>,
    /// Native coin, in wei.
    #[serde(deserialize_with = "read")]
    pub value: U256,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Transaction hash.
    pub transaction_hash: B256,
    /// The block it is in.
    pub block_hash: B256,
    /// That block's height.
    #[serde(deserialize_with = "read")]
    pub block_number: u64,
    /// 1 is success. Missing on chains from before Byzantium.
    #[serde(default, deserialize_with = "read_optional")]
    pub status: Option<u64>,
    /// Units of gas used.
    #[serde(default, deserialize_with = "read_optional")]
    pub gas_used: Option<u64>,
    /// Wei per gas paid.
    #[serde(default, deserialize_with = "read_optional")]
    pub effective_gas_price: Option<u128>,
    /// What it left.
    #[serde(default)]
    pub logs: Vec<RawLog>,
}

impl Receipt {
    /// Only when the chain says so.
    pub fn succeeded(&self) -> bool {
        self.status == Some(1)
    }
}

/// A log that is in a block. Not decoded: see [`crate::evm::logs`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RawLog {
    /// The contract that left it.
    pub address: Address,
    /// The first one is the event's signature, for events that are not anonymous.
    pub topics: Vec<B256>,
    /// The fields that are not topics.
    pub data: Bytes,
    /// The block's height.
    #[serde(deserialize_with = "read")]
    pub block_number: u64,
    /// The block.
    pub block_hash: B256,
    /// The transaction.
    pub transaction_hash: B256,
    /// Position in the block, over all transactions.
    #[serde(deserialize_with = "read")]
    pub log_index: u64,
    /// The block was reorganised away.
    #[serde(default)]
    pub removed: bool,
}
