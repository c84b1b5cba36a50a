//! The life of the treasury's transactions in rows: stored with what they carry, over, called off.

use alloy_primitives::Address;
use domain::transfer::State;
use domain::{MerchantId, Time, TransferId, Units};
use serde::{Deserialize, Serialize};

use super::plan::{Verdict, day_began, judge};
use super::wallets::{Wallets, name_of};
use crate::app::chains::{Chain, Treasury};
use crate::app::transfers::{become_, ended, park};
use crate::app::{App, settlement};
use crate::store::chain_txs::{self, BytesRow, ChainTxRow, Purpose};
use crate::store::transfers::{self, Approval, TransferRow};
use crate::store::{StoreError, Tx, treasury_watched, unsigned_txs};
use crate::wire::time::written;

/// Until a transfer whose transaction failed is signed anew.
const AGAIN_AFTER_MILLIS: i64 = 60_000;
/// So many of a transfer's transactions may fail before a person looks at it.
pub const FAILURES: i64 = 2;

/// What a transaction carries: kept as JSON beside it, as a list if there are several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    pub merchant: String,
    pub transfer: String,
}

/// What a transaction carries that carries one transfer alone.
pub fn items_of(row: &TransferRow) -> Result<String, StoreError> {
    serde_json::to_string(&Carried::of(row)).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

impl Carried {
    pub fn of(row: &TransferRow) -> Carried {
        Carried { merchant: row.merchant_id.to_string(), transfer: row.id.to_string() }
    }
}

/// What a transfer that waits is to become, with what was sent today.
pub fn look(
    tx: &Tx<'_>,
    chain: &Chain,
    treasury: &Treasury,
    row: &TransferRow,
    now: Time,
) -> Result<Verdict, StoreError> {
    let wallets = Wallets::read(tx, &chain.name)?;
    if let Some(objection) = objection(&wallets, treasury, row, now) {
        return Ok(objection);
    }
    Ok(judge(chain, treasury, row, sent_today(tx, &chain.name, &row.asset, now)?, now))
}

/// What the treasury's wallets say against sending a transfer.
pub fn objection(wallets: &Wallets, treasury: &Treasury, row: &TransferRow, now: Time) -> Option<Verdict> {
    // between two wallets of ours nothing would leave, and it could never be seen to have arrived
    let is_ours = row.destination.parse().is_ok_and(|to| to != treasury.address() && wallets.ours().contains(&to));
    not_yet(wallets, treasury, now)
        .or_else(|| is_ours.then(|| Verdict::Park(format!("{} was the treasury before", row.destination))))
}

/// Until what was asked for is looked at again: it may have been called off meanwhile.
const LOOK_AGAIN_MILLIS: i64 = 60_000;

/// Nothing is sent from a wallet that the configuration names and that is not the treasury, or not yet.
fn not_yet(wallets: &Wallets, treasury: &Treasury, now: Time) -> Option<Verdict> {
    let named = treasury.address();
    if wallets.active() == Some(named) {
        return None;
    }
    let (until, why) = match wallets.waiting() {
        Some((waiting, at)) if waiting == named => {
            (at.min(now.plus(LOOK_AGAIN_MILLIS)), format!("{named} becomes the treasury on {} UTC", written(at.0)))
        }
        _ => (now.plus(LOOK_AGAIN_MILLIS), format!("{named} is not the treasury: see `lockgate treasury show`")),
    };
    Some(Verdict::Wait { until, why })
}

/// What went over a chain of an asset in this UTC day, or may have.
pub fn sent_today(tx: &Tx<'_>, chain: &str, asset: &str, now: Time) -> Result<Units, StoreError> {
    let sent = transfers::sent_since(tx, chain, asset, day_began(now))?;
    // what does not fit is above any cap
    Ok(sent.into_iter().fold(Units::ZERO, |sum, units| sum.plus(units).unwrap_or(Units(u128::MAX))))
}

/// Stores a signed transaction, with the transfers of one coin that it carries: all of them become *sending*, or none. False, and nothing is
/// stored, when one of them was changed since it was read or may not be sent any more, or the nonce was taken.
pub fn store_all(
    app: &App,
    tx: &Tx<'_>,
    chain: &Chain,
    treasury: &Treasury,
    read: &[TransferRow],
    signed: (&ChainTxRow, &BytesRow),
) -> Result<bool, StoreError> {
    let now = app.now();
    let (sent, bytes) = signed;
    let Some(first) = read.first() else { return Ok(false) };
    if chain_txs::by_nonce(tx, &sent.chain, &sent.sender, sent.nonce)?.is_some() {
        return Ok(false);
    }
    // caps are counted over all of them
    let mut sum = sent_today(tx, &chain.name, &first.asset, now)?;
    let wallets = Wallets::read(tx, &chain.name)?;
    let mut rows = Vec::new();
    // nothing is written before all are looked at
    for read in read {
        let mut row = transfers::existing(tx, &read.merchant_id, &read.id)?;
        let is_same = row.fence == read.fence
            && row.destination == read.destination
            && row.units == read.units
            && row.asset == first.asset;
        let may_go = row.state == State::Reserved && row.parked.is_none() && row.approval != Approval::Wanted;
        if !is_same
            || !may_go
            || objection(&wallets, treasury, &row, now).is_some()
            || !matches!(judge(chain, treasury, &row, sum, now), Verdict::Send { .. })
            || !become_(&mut row, State::Sending, now)
        {
            return Ok(false);
        }
        sum = sum.plus(row.units).unwrap_or(Units(u128::MAX));
        rows.push(row);
    }
    for mut row in rows {
        row.sender = Some(sent.sender.clone());
        row.nonce = Some(sent.nonce);
        row.tx_hash = Some(bytes.hash.clone());
        (row.sent_at, row.due_at, row.note) = (Some(now), Some(now), None);
        transfers::update(tx, &mut row)?;
    }
    settlement::store_new(tx, sent, bytes)?;
    Ok(true)
}

/// A transaction is final, and the watcher has recorded all that it moved: what it carried and did not move, it never will.
pub fn over(app: &App, tx: &Tx<'_>, sent: &ChainTxRow) -> Result<(), StoreError> {
    let sent = &as_it_is_now(tx, sent)?;
    chain_txs::update(tx, sent)?;
    let hash = sent.mined_hash.as_deref().unwrap_or("?");
    let mined = chain_txs::bytes(tx, sent)?.into_iter().find(|bytes| Some(&bytes.hash) == sent.mined_hash.as_ref());
    let is_empty = mined.is_some_and(|bytes| receiver_of(&bytes) == Some(sent.sender.clone()));
    let is_batch = transfers::by_nonce(tx, &sent.chain, &sent.sender, sent.nonce)?.len() > 1;
    for mut row in on_their_way(tx, sent)? {
        if sent.succeeded == Some(true) && !is_empty {
            let why = format!("transaction {hash} is final, but did not move {} {} there", row.units, row.asset);
            park(&mut row, why);
            transfers::update(tx, &mut row)?;
        } else if row.called_off {
            ended(app, tx, &mut row, State::Canceled, &format!("called off by transaction {hash}"), app.now())?;
        } else if is_empty {
            back(app, tx, row, sent, &format!("its nonce was given to transaction {hash}, which moves nothing"))?;
        } else {
            // whoever of them spoilt it, the others do not wait for him
            row.alone |= is_batch;
            back(app, tx, row, sent, &format!("transaction {hash} failed on the chain"))?;
        }
    }
    Ok(())
}

/// The nonce was used by a transaction that is none of ours, finally: the bytes are dead.
pub fn dead(app: &App, tx: &Tx<'_>, sent: &ChainTxRow) -> Result<(), StoreError> {
    let mut sent = as_it_is_now(tx, sent)?;
    // sent by somebody who did not bring it here: it has arrived, and this was its nonce
    let carried = transfers::by_nonce(tx, &sent.chain, &sent.sender, sent.nonce)?;
    if let Some(arrived) = carried.iter().find(|row| row.state == State::Done) {
        (sent.state, sent.succeeded) = ("final".into(), Some(true));
        (sent.mined_hash, sent.note) = (arrived.tx_hash.clone(), None);
    }
    let sent = &sent;
    chain_txs::update(tx, sent)?;
    let is_watched =
        |row: &TransferRow| app.chains.get(&sent.chain).is_none_or(|c| c.assets.iter().any(|a| a.code == row.asset));
    // bytes that were lost may be those that used it; what was signed elsewhere would have been known by what it moved
    let was_out = !unsigned_txs::of_nonce(tx, &sent.chain, &sent.sender, sent.nonce)?.is_empty();
    let are_lost = !was_out && chain_txs::bytes(tx, sent)?.first().is_none_or(|bytes| bytes.revision > 0);
    for mut row in on_their_way(tx, sent)? {
        if let Some(doubt) = doubt(tx, &row, sent)?.filter(|_| is_watched(&row)) {
            let to = &row.destination;
            let why = format!("nonce {} is used, and {doubt}: find out whether {to} was paid", sent.nonce);
            park(&mut row, why);
            transfers::update(tx, &mut row)?;
            continue;
        }
        if !is_watched(&row) {
            // it may have moved just that: nobody was looking
            let why =
                format!("nonce {} is used, and {} is not configured: nobody knows by what", sent.nonce, row.asset);
            park(&mut row, why);
            transfers::update(tx, &mut row)?;
            continue;
        }
        let why = format!("nonce {} was used by a transaction that this gateway did not make", sent.nonce);
        if are_lost {
            let why = format!("{why}, or whose bytes it lost: find out whether {} was paid", row.destination);
            park(&mut row, why);
            transfers::update(tx, &mut row)?;
        } else if row.called_off {
            ended(app, tx, &mut row, State::Canceled, &why, app.now())?;
        } else {
            back(app, tx, row, sent, &why)?;
        }
    }
    Ok(())
}

/// Why nobody can say that a transfer whose nonce is used by bytes that are not here was not paid by them.
fn doubt(tx: &Tx<'_>, row: &TransferRow, sent: &ChainTxRow) -> Result<Option<String>, StoreError> {
    let (Some(sent_at), Ok(wallet)) = (row.sent_at, sent.sender.parse::<Address>()) else {
        return Ok(Some("nobody knows since when it is out".into()));
    };
    let since = treasury_watched::since(tx, &sent.chain, &wallet.to_string(), &row.asset)?;
    if since.is_none_or(|since| since > sent_at) {
        return Ok(Some(format!("{} was not looked for all the time since then", row.asset)));
    }
    // what left like it arrived as another one, which may have been this one's
    let alike = (row.asset.as_str(), row.units);
    for other in transfers::done_alike(tx, (&sent.chain, &sent.sender), alike, sent_at)? {
        if other.id == row.id || !other.destination.eq_ignore_ascii_case(&row.destination) {
            continue;
        }
        let (Some(hash), Some(nonce)) = (&other.tx_hash, other.nonce) else { continue };
        let own = chain_txs::by_hash(tx, &sent.chain, hash, Purpose::Transfer)?;
        if !own.is_some_and(|own| own.sender == sent.sender && own.nonce == nonce) {
            return Ok(Some(format!(
                "transfer {}, which is alike, arrived by {hash}, which may have been it",
                other.id
            )));
        }
    }
    Ok(None)
}

/// A person may have called it off since the row was read.
fn as_it_is_now(tx: &Tx<'_>, read: &ChainTxRow) -> Result<ChainTxRow, StoreError> {
    let receiver = chain_txs::by_nonce(tx, &read.chain, &read.sender, read.nonce)?.map(|now| now.receiver);
    Ok(ChainTxRow { receiver: receiver.unwrap_or_else(|| read.receiver.clone()), ..read.clone() })
}

/// What a transaction carries that is not over.
pub fn on_their_way(tx: &Tx<'_>, sent: &ChainTxRow) -> Result<Vec<TransferRow>, StoreError> {
    let mut carried = transfers::by_nonce(tx, &sent.chain, &sent.sender, sent.nonce)?;
    carried.retain(|row| matches!(row.state, State::Signing | State::Sending | State::Pending));
    Ok(carried)
}

/// Its bytes are proven dead: it may be signed anew, by itself at first, after that only by a person's word.
fn back(app: &App, tx: &Tx<'_>, mut row: TransferRow, sent: &ChainTxRow, why: &str) -> Result<(), StoreError> {
    let now = app.now();
    if !become_(&mut row, State::Reserved, now) {
        return Ok(());
    }
    (row.sender, row.nonce, row.tx_hash) = (None, None, None);
    (row.due_at, row.note) = (Some(now.plus(AGAIN_AFTER_MILLIS)), Some(why.to_owned()));
    tracing::warn!(transfer = %row.id, why, "A transfer is set aside again");
    if chain_txs::dead(tx, &sent.chain, &sent.sender, &items_of(&row)?)? >= FAILURES {
        park(&mut row, format!("{FAILURES} transactions for it moved nothing; the last: {why}"));
    }
    transfers::update(tx, &mut row)
}

/// Whom stored bytes call, as rows hold accounts.
pub fn receiver_of(bytes: &BytesRow) -> Option<String> {
    let raw = hex::decode(&bytes.raw).ok()?;
    rails::evm::sign::receiver_of(&raw).map(|address| format!("{address:#x}"))
}

/// Why a transfer is not called off.
#[derive(Debug, thiserror::Error)]
pub enum CancelRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("it is {0}: only what is on its way over a chain can be called off like this")]
    NotOnItsWay(&'static str),
    #[error("its transaction is over already")]
    Over,
    #[error("its key is not on this server: `lockgate treasury export --call-off {0}`, and sign that")]
    SignedElsewhere(TransferId),
    #[error(
        "the key of {0} is not in the configuration, so that nothing could sign what would use up its nonce: put it back, then cancel"
    )]
    NoKey(String),
}

/// Calls a transfer off that is on its way: from now on its nonce is replaced by a transaction that moves nothing, with higher fees.
/// The chain decides which of the two is mined. When the empty one is final, the transfer is canceled; when the first one was
/// quicker, it arrives. Others that the transaction carries are set aside again when the empty one is final, and go anew.
pub fn cancel(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    id: &TransferId,
    why: &str,
) -> Result<TransferRow, CancelRefused> {
    let mut row = transfers::existing(tx, merchant, id)?;
    let (Some(chain), Some(sender), Some(nonce)) = (&row.chain, &row.sender, row.nonce) else {
        return Err(CancelRefused::NotOnItsWay(row.state.words()));
    };
    if !matches!(row.state, State::Sending | State::Pending) {
        return Err(CancelRefused::NotOnItsWay(row.state.words()));
    }
    let treasury = app.chains.get(chain).and_then(|chain| chain.treasury.as_ref());
    let key = treasury.and_then(Treasury::key).filter(|key| name_of(key.address()) == *sender);
    if key.is_none() {
        let went_out = !unsigned_txs::of_nonce(tx, chain, sender, nonce)?.is_empty();
        return Err(match went_out {
            true => CancelRefused::SignedElsewhere(id.clone()),
            false => CancelRefused::NoKey(sender.clone()),
        });
    }
    let Some(mut sent) = chain_txs::by_nonce(tx, chain, sender, nonce)? else {
        return Err(StoreError::Inconsistent(format!("transfer {id} has no transaction")).into());
    };
    sent.receiver = sent.sender.clone();
    sent.call_data = String::new();
    sent.due_at = app.now();
    if !chain_txs::redirect(tx, &sent)? {
        return Err(CancelRefused::Over);
    }
    for mut other in on_their_way(tx, &sent)? {
        if other.id != row.id && !other.called_off {
            let note = format!("the transaction that carries it is being called off for {id}; it goes anew after that");
            other.note = Some(note);
            transfers::update(tx, &mut other)?;
        }
    }
    row.note = Some(format!("being called off: {why}"));
    row.called_off = true;
    transfers::update(tx, &mut row)?;
    Ok(row)
}
