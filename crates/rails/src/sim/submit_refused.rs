//! Every reason for which the mempool refuses a transaction, in go-ethereum's words: clients match on them.

use std::fmt;

use alloy_primitives::U256;

use super::evm::TX_GAS_LIMIT;

/// Bytes of a whole transaction.
pub(super) const MAX_TX_BYTES: usize = 128 * 1024;
/// Bytes of creation code (EIP-3860).
pub(super) const MAX_INIT_CODE_BYTES: usize = 49_152;

/// Why a transaction was not taken. Gas is in units, fees are in wei per unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitRefused {
    /// The bytes are not an EIP-2718 transaction.
    #[error("rlp: {reason}")]
    Malformed {
        /// What the decoder said.
        reason: String,
    },
    /// Only types 0, 1 and 2 are.
    #[error("transaction type not supported")]
    TypeNotSupported,
    /// It could be sent again on another chain.
    #[error("only replay-protected (EIP-155) transactions allowed over RPC")]
    NotReplayProtected,
    /// It is signed for another chain.
    #[error("invalid sender: invalid chain id for signer: have {have} want {want}")]
    WrongChain {
        /// The transaction's chain id.
        have: u64,
        /// This chain's.
        want: u64,
    },
    /// The signature gives no sender, or is the malleable twin of one that does (EIP-2).
    #[error("invalid sender: invalid transaction v, r, s values")]
    BadSignature,
    /// These very bytes wait already.
    #[error("already known")]
    AlreadyKnown,
    /// It is too long.
    #[error("oversized data: transaction size {size}, limit {MAX_TX_BYTES}")]
    Oversized {
        /// Bytes.
        size: usize,
    },
    /// Its creation code is too long.
    #[error("max initcode size exceeded: code size {size}, limit {MAX_INIT_CODE_BYTES}")]
    InitCodeTooLarge {
        /// Bytes.
        size: usize,
    },
    /// EIP-7825.
    #[error("transaction gas limit too high (cap: {TX_GAS_LIMIT}, tx: {gas_limit})")]
    GasLimitTooHigh {
        /// The transaction's.
        gas_limit: u64,
    },
    /// The tip alone is more than the whole fee may be.
    #[error("max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: {tip}, maxFeePerGas: {cap}")]
    TipAboveFeeCap {
        /// `maxPriorityFeePerGas`.
        tip: u128,
        /// `maxFeePerGas`.
        cap: u128,
    },
    /// Not even enough gas to begin.
    #[error("intrinsic gas too low: gas {gas_limit}, minimum needed {needed}")]
    IntrinsicGas {
        /// The transaction's.
        gas_limit: u64,
        /// The least.
        needed: u64,
    },
    /// Not enough gas for so much data (EIP-7623).
    #[error("insufficient gas for floor data gas cost: gas {gas_limit}, minimum needed {needed}")]
    FloorDataGas {
        /// The transaction's.
        gas_limit: u64,
        /// The least.
        needed: u64,
    },
    /// A transaction with this nonce is mined already.
    #[error("nonce too low: next nonce {next}, tx nonce {nonce}")]
    NonceTooLow {
        /// The sender's next.
        next: u64,
        /// The transaction's.
        nonce: u64,
    },
    /// There is no nonce after this one (EIP-2681).
    #[error("nonce has max value: tx nonce {nonce}")]
    NonceAtMaximum {
        /// The transaction's.
        nonce: u64,
    },
    /// The sender cannot pay for it, or not for it and for what waits already.
    #[error("insufficient funds for gas * price + value: {0}")]
    InsufficientFunds(Box<Shortfall>),
    /// Another with the same nonce waits, and this one does not pay ten percent more.
    #[error("replacement transaction underpriced")]
    ReplacementUnderpriced,
    /// Too many wait.
    #[error("txpool is full")]
    PoolFull,
}

/// How much is missing, in wei.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// What the sender has.
    pub balance: U256,
    /// What the sender's waiting transactions may cost, if those are the reason.
    pub queued: Option<U256>,
    /// What this transaction may cost: value and all of its gas.
    pub cost: U256,
    /// What is missing.
    pub overshot: U256,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "balance {}, ", self.balance)?;
        if let Some(queued) = self.queued {
            write!(f, "queued cost {queued}, ")?;
        }
        write!(f, "tx cost {}, overshot {}", self.cost, self.overshot)
    }
}
