//! Reads ERC-20 `Transfer` and our `Flushed` from logs. Total: whatever a node or a contract writes is a value or a
//! named error.

use super::abi::{Erc20::Transfer, Forwarder::Flushed};
use super::rpc::RawLog;
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolEvent;
use serde::Deserialize;

/// What a log says. Who wrote it (`token` of a transfer, `forwarder` of a flush) decides whether it is true: any
/// contract can write any log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFact {
    /// The block's height.
    pub block_number: u64,
    /// The block.
    pub block_hash: B256,
    /// The transaction.
    pub tx_hash: B256,
    /// Position in the block.
    pub log_index: u64,
    /// The event.
    pub event: LogEvent,
}

/// The events we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogEvent {
    /// ERC-20 `Transfer`.
    Deposit {
        /// The contract that wrote it.
        token: Address,
        /// Whose tokens.
        from: Address,
        /// Who got them.
        to: Address,
        /// Base units.
        amount: u128,
    },
    /// Our forwarder's `Flushed`.
    Flush {
        /// The contract that wrote it.
        forwarder: Address,
        /// `None` is the native coin.
        token: Option<Address>,
        /// Base units the merchant got.
        merchant_amount: u128,
        /// Base units the fee wallet got.
        fee_amount: u128,
    },
}

/// Why a log cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Not a log in a block. The node's mistake: ask again or ask another.
    #[error("not a log: {0}")]
    NotALog(String),
    /// The event's name, but not its fields. The contract's doing, and so for ever.
    #[error("log {log_index} of {tx_hash} by {address} is not {event}")]
    WrongShape {
        /// The event it claims to be.
        event: &'static str,
        /// The contract.
        address: Address,
        /// The transaction.
        tx_hash: B256,
        /// Position in the block.
        log_index: u64,
    },
    /// An amount above 2^128 - 1. No real asset has as much; the contract's doing, and so for ever.
    #[error("log {log_index} of {tx_hash} by {address} has an amount above 2^128 - 1")]
    AmountTooLarge {
        /// The contract.
        address: Address,
        /// The transaction.
        tx_hash: B256,
        /// Position in the block.
        log_index: u64,
    },
}

/// Reads a log as a node writes it. `None`: another event, or a log that was `removed` by a reorganisation.
///
/// # Errors
/// When the text is no log or the event is not what its name promises.
pub fn decode_log(json: &serde_json::Value) -> Result<Option<LogFact>, LogError> {
    decode(&RawLog::deserialize(json).map_err(|error| LogError::NotALog(error.to_string()))?)
}

/// The same for a log that was already read. Never [`LogError::NotALog`].
///
/// # Errors
/// When the event is not what its name promises.
pub fn decode(log: &RawLog) -> Result<Option<LogFact>, LogError> {
    if log.removed {
        return Ok(None);
    }
    let event = match log.topics.first() {
        // Four topics are an ERC-721 transfer: the same signature, an id instead of an amount.
        Some(&Transfer::SIGNATURE_HASH) if log.topics.len() == 4 => return Ok(None),
        Some(&Transfer::SIGNATURE_HASH) => {
            if log.data.len() != 32 {
                return Err(wrong_shape("Transfer", log));
            }
            let event = Transfer::decode_raw_log_validate(log.topics.iter().copied(), &log.data)
                .map_err(|_| wrong_shape("Transfer", log))?;
            LogEvent::Deposit { token: log.address, from: event.from, to: event.to, amount: amount(event.value, log)? }
        }
        Some(&Flushed::SIGNATURE_HASH) => {
            if log.data.len() != 64 {
                return Err(wrong_shape("Flushed", log));
            }
            let event = Flushed::decode_raw_log_validate(log.topics.iter().copied(), &log.data)
                .map_err(|_| wrong_shape("Flushed", log))?;
            LogEvent::Flush {
                forwarder: log.address,
                token: Some(event.token).filter(|token| !token.is_zero()),
                merchant_amount: amount(event.merchantAmount, log)?,
                fee_amount: amount(event.feeAmount, log)?,
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(LogFact {
        block_number: log.block_number,
        block_hash: log.block_hash,
        tx_hash: log.transaction_hash,
        log_index: log.log_index,
        event,
    }))
}

fn wrong_shape(event: &'static str, log: &RawLog) -> LogError {
    LogError::WrongShape { event, address: log.address, tx_hash: log.transaction_hash, log_index: log.log_index }
}

fn amount(value: U256, log: &RawLog) -> Result<u128, LogError> {
    u128::try_from(value).map_err(|_| LogError::AmountTooLarge {
        address: log.address,
        tx_hash: log.transaction_hash,
        log_index: log.log_index,
    })
}

#[cfg(test)]
mod tests;
