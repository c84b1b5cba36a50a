//! Nonces that nothing uses up, and transactions that come to no end.

use domain::Time;
use domain::time::DAY;

pub use super::send::on_their_way;
use crate::app::settlement;
use crate::app::transfers::park;
use crate::store::chain_txs::{self, BytesRow, ChainTxRow, Purpose};
use crate::store::transfers::{self, TransferRow};
use crate::store::{StoreError, Tx};

/// Gives a nonce that the chain never saw used to a transaction that moves nothing, stored before it is sent: what stands behind it could
/// not go otherwise. `known` is the row there, with its state as it was looked at. False, and nothing is stored, when that changed.
pub fn fill(tx: &Tx<'_>, known: Option<&ChainTxRow>, sent: &ChainTxRow, bytes: &BytesRow) -> Result<bool, StoreError> {
    let Some(known) = known else {
        if chain_txs::by_nonce(tx, &sent.chain, &sent.sender, sent.nonce)?.is_some() {
            return Ok(false);
        }
        settlement::store_new(tx, sent, bytes)?;
        return Ok(true);
    };
    if !chain_txs::refill(tx, sent, &known.state)? {
        return Ok(false);
    }
    chain_txs::insert_bytes(tx, sent, bytes)?;
    for mut row in on_their_way(tx, sent)? {
        let why =
            format!("the signed bytes of its transaction (nonce {}) are lost; the nonce is being used up", sent.nonce);
        park(&mut row, why);
        transfers::update(tx, &mut row)?;
    }
    Ok(true)
}

/// A transaction may wait for so long before its transfers are shown to a person.
const LONG_MILLIS: i64 = DAY;

/// What has been on its way for a day and was not shown to a person yet, with the words for it. It is seen to its end all the same.
pub fn slow(tx: &Tx<'_>, chain: &str, now: Time) -> Result<Vec<(TransferRow, String)>, StoreError> {
    let mut found = Vec::new();
    for sent in chain_txs::open(tx, chain, Purpose::Transfer)? {
        // what is out to be signed waits for a person who knows; once its bytes are here they have a day
        if sent.state == "unsigned" || now.since(sent.created_at) < LONG_MILLIS {
            continue;
        }
        let first = chain_txs::bytes(tx, &sent)?.first().map_or(sent.created_at, |bytes| bytes.created_at);
        if now.since(first.max(sent.created_at)) < LONG_MILLIS {
            continue;
        }
        for row in on_their_way(tx, &sent)?.into_iter().filter(|row| row.parked.is_none()) {
            let what = sent.note.as_deref().unwrap_or("its transaction is not final");
            found.push((row, format!("no end for a day: {what} (nonce {})", sent.nonce)));
        }
    }
    Ok(found)
}
