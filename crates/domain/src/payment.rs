//! Money seen on a chain, and where it belongs.

use crate::amount::Units;
use crate::attempt::Attempt;
use crate::ids::{AttemptId, PaymentId};
use crate::invoice::State;
use crate::time::Time;

/// Where a transfer stands on its chain: a payment's key. The block belongs to it, because a log's index is its position
/// in that block: after a reorganisation the same index of the same transaction may be another transfer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OnChain {
    pub chain: String,
    /// 0x-prefixed, 32 bytes.
    pub tx_hash: String,
    /// Position of the log in its block; native transfers use 1,000,000,000 + the transaction's index.
    pub log_index: u64,
    pub block_number: u64,
    pub block_hash: String,
    pub block_time: Time,
}

/// How sure we are of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finality {
    /// In a block, not yet deep enough.
    Seen,
    /// Deep enough by policy; it has its ledger entry.
    Final,
    /// Its block left the chain.
    Reversed,
}

/// Whether a payment counts towards its invoice. Decided once, when the payment is first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Counts at the attempt's locked price.
    Credited,
    /// The invoice was already paid in full.
    Extra,
    /// The price had run out and the coin is not at par, or the invoice had ended.
    Late,
    /// Another coin than the one asked for.
    WrongToken,
}

impl Placement {
    /// Parked money went to the merchant like all other, but counts towards no invoice: people must look at it.
    pub fn is_parked(self) -> bool {
        self != Placement::Credited
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub attempt_id: AttemptId,
    pub on_chain: OnChain,
    /// [`crate::asset::Asset::code`] of what arrived.
    pub asset: String,
    pub units: Units,
    pub finality: Finality,
    pub placement: Placement,
    /// The transaction whose flush brought it to the merchant, once that is final.
    pub flushed_by: Option<String>,
    /// How many times it became final: part of the ledger causes, so that final, reversed, final again are three entries.
    pub round: u32,
}

/// Decides where a transfer belongs that was counted, left the chain, and is back: it counts again as long as the invoice can
/// take it, whatever has become of the price since.
pub fn place_returned(before: Placement, fresh: Placement, state: State) -> Placement {
    let takes = matches!(state, State::Created | State::Opened | State::Received | State::Settled);
    if before == Placement::Credited && takes { Placement::Credited } else { fresh }
}

/// Decides where a newly seen transfer belongs.
///
/// `complete` is whether what was credited before it (seen or final) already covers the invoice.
pub fn place(attempt: &Attempt, state: State, complete: bool, asset: &str, arrived_at: Time) -> Placement {
    if asset != attempt.asset {
        return Placement::WrongToken;
    }
    match state {
        State::Created | State::Opened if complete => Placement::Extra,
        State::Created | State::Opened if attempt.honours(arrived_at) => Placement::Credited,
        State::Created | State::Opened => Placement::Late,
        State::Received | State::Settled if complete => Placement::Extra,
        // a reorganisation took a counted payment away: what replaces it counts
        State::Received if attempt.honours(arrived_at) => Placement::Credited,
        _ => Placement::Late,
    }
}
