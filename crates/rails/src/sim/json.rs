//! Blocks, transactions, receipts and logs as go-ethereum prints them.

use alloy_consensus::{Transaction, Typed2718};
use alloy_primitives::{B256, Bloom, U256};
use serde_json::{Map, Value, json};

use super::BASE_FEE_WEI;
use super::block::Mined;
use super::chain::SimChain;
use super::decode::SignedTx;

/// A number: hexadecimal without leading zeros.
pub(super) fn quantity(number: impl Into<u128>) -> Value {
    Value::String(format!("{:#x}", number.into()))
}

pub(super) fn quantity_u256(number: U256) -> Value {
    Value::String(format!("{number:#x}"))
}

fn index(number: usize) -> Value {
    Value::String(format!("{number:#x}"))
}

fn bloom(bloom: &Bloom) -> Value {
    Value::String(format!("0x{}", hex::encode(bloom)))
}

impl SimChain {
    /// `eth_getBlockBy…`; null for a block that is not there.
    pub(super) fn block_json(&self, number: Option<u64>, full: bool) -> Value {
        let Some((number, block)) = number.and_then(|number| Some((number, self.block(number)?))) else {
            return Value::Null;
        };
        let parent = number.checked_sub(1).and_then(|parent| self.block(parent));
        let header = block.header(number, parent.map(|parent| parent.hash).unwrap_or_default());
        let transactions: Vec<Value> = block
            .mined()
            .iter()
            .enumerate()
            .map(
                |(at, mined)| {
                    if full { tx_json(&mined.tx, Some((number, block.hash, at))) } else { json!(mined.tx.hash) }
                },
            )
            .collect();
        json!({
            "hash": block.hash,
            "parentHash": header.parent_hash,
            "sha3Uncles": header.ommers_hash,
            "miner": header.beneficiary,
            "stateRoot": header.state_root,
            "transactionsRoot": header.transactions_root,
            "receiptsRoot": header.receipts_root,
            "logsBloom": bloom(&header.logs_bloom),
            "difficulty": quantity_u256(header.difficulty),
            "number": quantity(number),
            "gasLimit": quantity(header.gas_limit),
            "gasUsed": quantity(header.gas_used),
            "timestamp": quantity(header.timestamp),
            "extraData": header.extra_data,
            "mixHash": header.mix_hash,
            "nonce": header.nonce,
            "baseFeePerGas": quantity(BASE_FEE_WEI),
            "withdrawalsRoot": header.withdrawals_root,
            "blobGasUsed": quantity(0u64),
            "excessBlobGas": quantity(0u64),
            "parentBeaconBlockRoot": header.parent_beacon_block_root,
            "requestsHash": header.requests_hash,
            "size": index(block.size(&header)),
            "transactions": transactions,
            "uncles": [],
            "withdrawals": [],
        })
    }

    /// `eth_getTransactionByHash`: mined, waiting (its place is null) or unknown (null).
    pub(super) fn transaction_json(&self, hash: &B256) -> Value {
        if let Some((number, at, mined)) = self.mined(hash) {
            let block_hash = self.block(number).map(|block| block.hash).unwrap_or_default();
            return tx_json(&mined.tx, Some((number, block_hash, at)));
        }
        self.mempool.get(hash).map_or(Value::Null, |tx| tx_json(tx, None))
    }

    /// `eth_getTransactionReceipt`; null unless the transaction is in a block of this chain.
    pub(super) fn receipt_json(&self, hash: &B256) -> Value {
        let Some((number, at, mined)) = self.mined(hash) else { return Value::Null };
        let tx = &mined.tx;
        json!({
            "blockHash": self.block(number).map(|block| block.hash),
            "blockNumber": quantity(number),
            "contractAddress": mined.contract,
            "cumulativeGasUsed": quantity(mined.cumulative_gas_used),
            "effectiveGasPrice": quantity(tx.envelope.effective_gas_price(Some(BASE_FEE_WEI))),
            "from": tx.from,
            "gasUsed": quantity(mined.gas_used),
            "logs": self.logs_json(number, at, mined).collect::<Vec<_>>(),
            "logsBloom": bloom(&mined.bloom()),
            "status": quantity(u8::from(mined.success)),
            "to": tx.envelope.to(),
            "transactionHash": tx.hash,
            "transactionIndex": index(at),
            "type": quantity(tx.envelope.ty()),
        })
    }

    /// The logs of one transaction.
    pub(super) fn logs_json<'a>(
        &'a self,
        number: u64,
        at: usize,
        mined: &'a Mined,
    ) -> impl Iterator<Item = Value> + 'a {
        let block = self.block(number);
        mined.logs.iter().enumerate().map(move |(offset, log)| {
            json!({
                "address": log.address,
                "topics": log.topics(),
                "data": log.data.data,
                "blockNumber": quantity(number),
                "transactionHash": mined.tx.hash,
                "transactionIndex": index(at),
                "blockHash": block.map(|block| block.hash),
                "blockTimestamp": block.map(|block| quantity(block.timestamp)),
                "logIndex": index(mined.first_log.saturating_add(offset)),
                "removed": false,
            })
        })
    }
}

fn tx_json(tx: &SignedTx, place: Option<(u64, B256, usize)>) -> Value {
    let envelope = &tx.envelope;
    let price = match place {
        Some(_) => envelope.effective_gas_price(Some(BASE_FEE_WEI)),
        None => envelope.max_fee_per_gas(),
    };
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("blockHash", json!(place.map(|(_, hash, _)| hash)));
    put("blockNumber", place.map_or(Value::Null, |(number, ..)| quantity(number)));
    put("from", json!(tx.from));
    put("gas", quantity(envelope.gas_limit()));
    put("gasPrice", quantity(price));
    if envelope.is_dynamic_fee() {
        put("maxFeePerGas", quantity(envelope.max_fee_per_gas()));
        put("maxPriorityFeePerGas", quantity(envelope.max_priority_fee_per_gas().unwrap_or_default()));
    }
    put("hash", json!(tx.hash));
    put("input", json!(envelope.input()));
    put("nonce", quantity(envelope.nonce()));
    put("to", json!(envelope.to()));
    put("transactionIndex", place.map_or(Value::Null, |(.., at)| index(at)));
    put("value", quantity_u256(envelope.value()));
    put("type", quantity(envelope.ty()));
    if let Some(list) = envelope.access_list() {
        let items = list.iter().map(|item| json!({"address": item.address, "storageKeys": item.storage_keys}));
        put("accessList", items.collect());
    }
    put("chainId", quantity(envelope.chain_id().unwrap_or_default()));
    let signature = envelope.signature();
    let parity = u64::from(signature.v());
    if envelope.is_legacy() {
        // EIP-155
        let chain_id = envelope.chain_id().unwrap_or_default();
        put("v", quantity(chain_id.saturating_mul(2).saturating_add(35).saturating_add(parity)));
    } else {
        put("v", quantity(parity));
        put("yParity", quantity(parity));
    }
    put("r", quantity_u256(signature.r()));
    put("s", quantity_u256(signature.s()));
    Value::Object(object)
}
