//! What comes back signed: compared with what the database says went out, stored, and sent by whoever follows the chain.

use alloy_primitives::{Address, hex};
use domain::transfer::State;
use rails::evm::bundle::{Asked, BundleError, Signed, check, signers};
use rails::evm::fees::Fees;
use rails::evm::sign::{SignedTx, TxRequest};

use super::wallets::name_of;
use crate::app::acts::{Actor, record};
use crate::app::chains::Chain;
use crate::app::transfers::become_;
use crate::app::{App, SharedApp};
use crate::crash::crash_point;
use crate::store::chain_txs::{self, BytesRow};
use crate::store::transfers;
use crate::store::unsigned_txs::{self, UnsignedRow};
use crate::store::{StoreError, Tx};

/// Why a file is refused. Nothing of a refused file is stored.
#[derive(Debug, thiserror::Error)]
pub enum ImportRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("it is for chain {0}, which is not configured")]
    NoChain(u64),
    #[error("there is nothing in it")]
    Empty,
    #[error("nothing ever went out to be signed on {0}")]
    NothingOut(String),
    #[error(
        "transfer {id} (nonce {nonce}) came back before with another signature: only one of the two can be followed"
    )]
    AnotherSignature { id: String, nonce: u64 },
}

/// What became of a file's transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Stored now, and to be sent.
    pub new: usize,
    /// Here already.
    pub known: usize,
    /// Of transfers that are over: somebody sent them, or their nonce is used by something else.
    pub over: usize,
    /// Not stored: they pay transfers that are being called off.
    pub called_off: usize,
}

/// Takes a signed file in, all of it or nothing. The same file again changes nothing.
///
/// # Errors
/// See [`ImportRefused`].
pub async fn import(app: &SharedApp, signed: Signed, actor: &Actor) -> Result<Imported, ImportRefused> {
    let chain = app.chains.values().find(|chain| chain.chain_id == signed.chain_id);
    let name = chain.ok_or(ImportRefused::NoChain(signed.chain_id))?.name.clone();
    let (worker, actor) = (app.clone(), actor.clone());
    let imported = app
        .store
        .write(move |tx| {
            let chain = worker.chains.get(&name).ok_or(ImportRefused::NoChain(signed.chain_id))?;
            take(&worker, tx, chain, &signed, &actor)
        })
        .await?;
    crash_point("import.after_store");
    app.wake.treasury.notify_one();
    Ok(imported)
}

fn take(app: &App, tx: &Tx<'_>, chain: &Chain, signed: &Signed, actor: &Actor) -> Result<Imported, ImportRefused> {
    let found = signers(signed)?;
    let nonces = found.iter().map(|(_, nonce)| *nonce);
    let (Some(first), Some(last)) = (nonces.clone().min(), nonces.max()) else { return Err(ImportRefused::Empty) };
    let wallet = wallet_of(tx, chain, &found)?;
    // no nonce is above what rows can hold
    let last = last.min(i64::MAX.unsigned_abs());
    let rows = unsigned_txs::between(tx, &chain.name, &name_of(wallet), (first.min(last), last))?;
    let asked = rows.iter().map(|row| asked(row, chain.chain_id)).collect::<Result<Vec<_>, StoreError>>()?;
    let checked = check(wallet, &asked, signed)?;
    let (mut imported, mut nonces) = (Imported::default(), Vec::new());
    for (one, bytes) in checked {
        let row = rows.iter().find(|row| row.nonce == one.request.nonce && row.revision == one.revision);
        let Some(row) = row else { continue };
        match take_one(app, tx, row, &bytes)? {
            Taken::New => {
                imported.new += 1;
                nonces.push(row.nonce.to_string());
            }
            Taken::Known => imported.known += 1,
            Taken::Over => imported.over += 1,
            Taken::CalledOff => imported.called_off += 1,
        }
    }
    if imported.new > 0 {
        let detail = format!("signed: nonces {} of {wallet}", nonces.join(", "));
        record(app, tx, actor, "treasury.import", format!("treasury {}", chain.name), detail)?;
    }
    Ok(imported)
}

/// Whose file it is: the wallet that signed the first of it, if anything ever went out for it; else the one it should have been.
fn wallet_of(tx: &Tx<'_>, chain: &Chain, found: &[(Address, u64)]) -> Result<Address, ImportRefused> {
    let (first, _) = *found.first().ok_or(ImportRefused::Empty)?;
    let wallets = unsigned_txs::senders(tx, &chain.name)?;
    if wallets.contains(&name_of(first)) {
        return Ok(first);
    }
    let should = chain.treasury.as_ref().map(|treasury| treasury.address());
    let should = should.filter(|wallet| wallets.contains(&name_of(*wallet)));
    let should = should.or_else(|| wallets.last().and_then(|wallet| wallet.parse().ok()));
    should.ok_or_else(|| ImportRefused::NothingOut(chain.name.clone()))
}

/// The very transaction that went out.
fn asked(row: &UnsignedRow, chain_id: u64) -> Result<Asked, StoreError> {
    let damaged =
        || StoreError::Inconsistent(format!("unsigned transaction {} of {} is damaged", row.nonce, row.sender));
    let fees = match row.tip {
        Some(max_tip) => Fees::Dynamic { max_fee: row.max_fee, max_tip },
        None => Fees::Legacy { gas_price: row.max_fee },
    };
    Ok(Asked {
        id: row.transfer_id.to_string(),
        revision: row.revision,
        request: TxRequest {
            chain_id,
            nonce: row.nonce,
            to: row.receiver.parse().map_err(|_| damaged())?,
            value: 0,
            gas_limit: row.gas_limit,
            fees,
            input: hex::decode(&row.call_data).map_err(|_| damaged())?.into(),
        },
    })
}

enum Taken {
    New,
    Known,
    Over,
    CalledOff,
}

fn take_one(app: &App, tx: &Tx<'_>, row: &UnsignedRow, signed: &SignedTx) -> Result<Taken, ImportRefused> {
    let (id, nonce, now) = (row.transfer_id.to_string(), row.nonce, app.now());
    let sent = chain_txs::by_nonce(tx, &row.chain, &row.sender, nonce)?;
    let sent = sent.ok_or_else(|| StoreError::Inconsistent(format!("transfer {id} has no transaction")))?;
    let hash = signed.hash.to_string();
    if let Some(known) = chain_txs::bytes(tx, &sent)?.into_iter().find(|bytes| bytes.revision == row.revision) {
        return if known.hash == hash { Ok(Taken::Known) } else { Err(ImportRefused::AnotherSignature { id, nonce }) };
    }
    let mut transfer = transfers::existing(tx, &row.merchant_id, &row.transfer_id)?;
    let is_out = matches!(sent.state.as_str(), "unsigned" | "pending" | "mined");
    let is_over = !transfer.state.is_open();
    if (is_over && !row.frees_nonce_of(transfer.changed_at))
        || transfer.sender.as_ref() != Some(&row.sender)
        || transfer.nonce != Some(nonce)
        || !is_out
    {
        return Ok(Taken::Over);
    }
    // its row calls its own sender from the moment on when it was called off
    if sent.receiver == sent.sender && !row.calls_off() {
        return Ok(Taken::CalledOff);
    }
    let bytes = BytesRow {
        revision: row.revision,
        hash: hash.clone(),
        raw: hex::encode(&signed.raw),
        max_fee: row.max_fee,
        tip: row.tip,
        created_at: now,
    };
    chain_txs::insert_bytes(tx, &sent, &bytes)?;
    chain_txs::signed(tx, &sent, now)?;
    if is_over {
        return Ok(Taken::New);
    }
    if row.calls_off() {
        transfer.note = Some("being called off: what uses up its nonce is signed".into());
    } else {
        become_(&mut transfer, State::Sending, now);
        (transfer.tx_hash, transfer.note) = (Some(hash), None);
    }
    transfers::update(tx, &mut transfer)?;
    Ok(Taken::New)
}
