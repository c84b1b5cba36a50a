//! Batches: what is on its way to the contract that sends to many, and what lets that contract move a coin.

use alloy_primitives::Address;
use domain::Units;

use super::send::FAILURES;
use crate::app::settlement;
use crate::store::chain_txs::{self, BytesRow, ChainTxRow, Purpose};
use crate::store::{StoreError, Tx, transfers};

/// What a transaction that lets the multi-send contract move a coin carries, as JSON.
pub fn approval_of(token: Address) -> String {
    serde_json::json!({ "approves": token.to_string() }).to_string()
}

/// Stores a transaction that carries no transfer: an approval. False, and nothing is stored, when the nonce was taken, or one that carries
/// the same is on its way.
pub fn store_other(tx: &Tx<'_>, sent: &ChainTxRow, bytes: &BytesRow) -> Result<bool, StoreError> {
    let open = chain_txs::open(tx, &sent.chain, sent.purpose)?;
    if open.iter().any(|open| open.items == sent.items && open.state == "pending")
        || chain_txs::by_nonce(tx, &sent.chain, &sent.sender, sent.nonce)?.is_some()
    {
        return Ok(false);
    }
    settlement::store_new(tx, sent, bytes)?;
    Ok(true)
}

/// How far batches of a coin have come.
#[derive(Debug, Clone, Copy)]
pub struct Underway {
    /// Base units that batches carry which are in no block yet.
    pub in_flight: Units,
    /// An approval is not final yet.
    pub is_approving: bool,
    /// Approvals moved nothing, again and again: there are no batches of this coin.
    pub in_vain: bool,
}

/// Looks at what is on its way to `spender`, the contract that sends to many (as rows hold accounts).
pub fn underway(
    tx: &Tx<'_>,
    chain: &str,
    sender: &str,
    spender: &str,
    (asset, token): (&str, Address),
) -> Result<Underway, StoreError> {
    let approval = approval_of(token);
    let mut found = Underway { in_flight: Units::ZERO, is_approving: false, in_vain: false };
    found.in_vain = chain_txs::dead(tx, chain, sender, &approval)? >= FAILURES;
    for open in chain_txs::open(tx, chain, Purpose::Transfer)? {
        if open.sender != sender {
            continue;
        }
        // one that is mined and not final counts, too: whoever is asked for the allowance may be behind
        found.is_approving |= open.items == approval;
        if open.state != "pending" {
            continue;
        }
        if open.receiver == spender {
            for row in transfers::by_nonce(tx, chain, sender, open.nonce)?.iter().filter(|row| row.asset == asset) {
                found.in_flight = found.in_flight.plus(row.units).unwrap_or(Units(u128::MAX));
            }
        }
    }
    Ok(found)
}
