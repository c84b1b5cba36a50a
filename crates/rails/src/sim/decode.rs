//! From the bytes of `eth_sendRawTransaction` to a transaction whose sender is known.

use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2718::{Decodable2718, Eip2718Error};
use alloy_primitives::{Address, B256, Bytes, U256};
use revm::context::TxEnv;
use revm::context_interface::transaction::AccessList;

use super::submit_refused::SubmitRefused;

/// A transaction with its sender.
#[derive(Debug)]
pub(super) struct SignedTx {
    pub(super) hash: B256,
    pub(super) from: Address,
    pub(super) envelope: TxEnvelope,
    /// As it was sent; the journal keeps these bytes.
    pub(super) raw: Bytes,
}

impl SignedTx {
    /// Accepts types 0 (with EIP-155), 1 and 2 that are signed for this chain.
    pub(super) fn decode(raw: Bytes, chain_id: u64) -> Result<Self, SubmitRefused> {
        let envelope = TxEnvelope::decode_2718_exact(&raw).map_err(|cause| match cause {
            Eip2718Error::UnexpectedType(_) => SubmitRefused::TypeNotSupported,
            other => SubmitRefused::Malformed { reason: other.to_string() },
        })?;
        if matches!(envelope, TxEnvelope::Eip4844(_) | TxEnvelope::Eip7702(_)) {
            return Err(SubmitRefused::TypeNotSupported);
        }
        match envelope.chain_id() {
            None => return Err(SubmitRefused::NotReplayProtected),
            Some(have) if have != chain_id => return Err(SubmitRefused::WrongChain { have, want: chain_id }),
            Some(_) => {}
        }
        // A high `s` makes a second valid encoding of the same signature (EIP-2).
        if envelope.signature().normalize_s().is_some() {
            return Err(SubmitRefused::BadSignature);
        }
        let from = envelope
            .signature()
            .recover_address_from_prehash(&envelope.signature_hash())
            .map_err(|_| SubmitRefused::BadSignature)?;
        Ok(Self { hash: *envelope.tx_hash(), from, envelope, raw })
    }

    /// The most that the sender may be charged: gas and value. Saturates, which is above any balance.
    pub(super) fn max_cost(&self) -> U256 {
        let gas = U256::from(self.envelope.gas_limit()).saturating_mul(U256::from(self.envelope.max_fee_per_gas()));
        gas.saturating_add(self.envelope.value())
    }

    pub(super) fn env(&self) -> TxEnv {
        let tx = &self.envelope;
        TxEnv {
            tx_type: u8::from(tx.tx_type()),
            caller: self.from,
            gas_limit: tx.gas_limit(),
            gas_price: tx.max_fee_per_gas(),
            kind: tx.kind(),
            value: tx.value(),
            data: tx.input().clone(),
            nonce: tx.nonce(),
            chain_id: tx.chain_id(),
            access_list: tx.access_list().cloned().unwrap_or_else(AccessList::default),
            gas_priority_fee: tx.max_priority_fee_per_gas(),
            ..TxEnv::default()
        }
    }
}
