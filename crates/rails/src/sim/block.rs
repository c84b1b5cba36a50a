//! Blocks as they are kept: about a hundred bytes when empty, the rest is computed when asked for.

use std::sync::Arc;

use alloy_consensus::constants::{EMPTY_OMMER_ROOT_HASH, EMPTY_ROOT_HASH};
use alloy_consensus::{Header, Receipt, ReceiptEnvelope, ReceiptWithBloom, TxType, proofs};
use alloy_primitives::private::alloy_rlp::Encodable;
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, Log, U256, b256, keccak256};

use super::decode::SignedTx;
use super::world::Undo;
use super::{BASE_FEE_WEI, BLOCK_GAS_LIMIT};

/// SHA-256 of nothing: the `requestsHash` (EIP-7685) of a block without requests.
const EMPTY_REQUESTS_HASH: B256 = b256!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// Gets the tips. Nobody holds its key, as on other development chains.
pub(super) const BENEFICIARY: Address = Address::ZERO;

/// A block of the canonical chain; its number is its index.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) hash: B256,
    pub(super) timestamp: u64,
    /// How many reorganisations there were before it: makes a replacement differ from what it replaces.
    pub(super) salt: u64,
    pub(super) state_root: B256,
    /// Only blocks with transactions have one.
    pub(super) body: Option<Box<Body>>,
}

/// What a block with transactions carries.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) mined: Vec<Mined>,
    pub(super) undo: Undo,
    transactions_root: B256,
    receipts_root: B256,
    pub(super) bloom: Bloom,
    pub(super) gas_used: u64,
    /// RLP of the transactions, for the block's `size`.
    transactions_bytes: usize,
}

/// A transaction and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Mined {
    pub(super) tx: Arc<SignedTx>,
    pub(super) success: bool,
    pub(super) gas_used: u64,
    pub(super) cumulative_gas_used: u64,
    pub(super) contract: Option<Address>,
    pub(super) logs: Vec<Log>,
    /// Index within the block of its first log.
    pub(super) first_log: usize,
}

impl Mined {
    pub(super) fn bloom(&self) -> Bloom {
        self.logs.iter().collect()
    }

    fn receipt(&self) -> ReceiptEnvelope {
        let receipt = Receipt {
            status: self.success.into(),
            cumulative_gas_used: self.cumulative_gas_used,
            logs: self.logs.clone(),
        };
        let receipt = ReceiptWithBloom::new(receipt, self.bloom());
        match self.tx.envelope.tx_type() {
            TxType::Legacy => ReceiptEnvelope::Legacy(receipt),
            TxType::Eip2930 => ReceiptEnvelope::Eip2930(receipt),
            TxType::Eip1559 => ReceiptEnvelope::Eip1559(receipt),
            TxType::Eip4844 => ReceiptEnvelope::Eip4844(receipt),
            TxType::Eip7702 => ReceiptEnvelope::Eip7702(receipt),
        }
    }
}

impl Body {
    /// `None` for an empty block.
    pub(super) fn new(mined: Vec<Mined>, undo: Undo) -> Option<Box<Self>> {
        let gas_used = mined.last()?.cumulative_gas_used;
        let envelopes: Vec<_> = mined.iter().map(|mined| &mined.tx.envelope).collect();
        let receipts: Vec<_> = mined.iter().map(Mined::receipt).collect();
        let mut bloom = Bloom::default();
        for mined in &mined {
            bloom |= mined.bloom();
        }
        Some(Box::new(Self {
            transactions_root: proofs::ordered_trie_root_with_encoder(&envelopes, |tx, buf| {
                alloy_eips::Encodable2718::encode_2718(*tx, buf);
            }),
            receipts_root: proofs::calculate_receipt_root(&receipts),
            transactions_bytes: envelopes.iter().map(|tx| tx.length()).sum(),
            mined,
            undo,
            bloom,
            gas_used,
        }))
    }
}

impl Block {
    /// The header whose hash is the block's hash.
    pub(super) fn header(&self, number: u64, parent_hash: B256) -> Header {
        let body = self.body.as_deref();
        let salt = if self.salt == 0 { Bytes::new() } else { Bytes::copy_from_slice(&self.salt.to_be_bytes()) };
        Header {
            parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: BENEFICIARY,
            state_root: self.state_root,
            transactions_root: body.map_or(EMPTY_ROOT_HASH, |body| body.transactions_root),
            receipts_root: body.map_or(EMPTY_ROOT_HASH, |body| body.receipts_root),
            logs_bloom: body.map(|body| body.bloom).unwrap_or_default(),
            difficulty: U256::ZERO,
            number,
            gas_limit: BLOCK_GAS_LIMIT,
            gas_used: body.map_or(0, |body| body.gas_used),
            timestamp: self.timestamp,
            extra_data: salt,
            mix_hash: randomness_after(parent_hash),
            nonce: B64::ZERO,
            base_fee_per_gas: Some(BASE_FEE_WEI),
            withdrawals_root: Some(EMPTY_ROOT_HASH),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_block_root: Some(B256::ZERO),
            requests_hash: Some(EMPTY_REQUESTS_HASH),
            ..Header::default()
        }
    }

    /// Bytes of the block's RLP, as nodes print it under `size`.
    pub(super) fn size(&self, header: &Header) -> usize {
        let transactions = self.body.as_deref().map_or(0, |body| body.transactions_bytes);
        let list =
            |payload: usize| payload.saturating_add(alloy_primitives::private::alloy_rlp::length_of_length(payload));
        // header, transactions, no uncles, no withdrawals
        list(header.length().saturating_add(list(transactions)).saturating_add(2))
    }

    pub(super) fn mined(&self) -> &[Mined] {
        self.body.as_deref().map(|body| body.mined.as_slice()).unwrap_or_default()
    }
}

/// `PREVRANDAO` and `mixHash` of the block after `parent_hash`: unpredictable to contracts, the same in every replay.
pub(super) fn randomness_after(parent_hash: B256) -> B256 {
    keccak256(parent_hash)
}
