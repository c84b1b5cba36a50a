//! What goes out as a file to be signed on a machine without a network.
//!
//! Order of steps, each safe to be cut off after: look and ask the node → store nonce, fees and the transfer as *signing* in one transaction →
//! write the file. The file is made from the rows alone: one that was lost is written again, the same ([`what_is_out`]). Nothing that
//! went out becomes *reserved* again without proof that its nonce is used by something else.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256, hex};
use domain::transfer::{Kind, State};
use domain::{TransferId, Units};
use rails::evm::bundle::{CallOff, MOST, Transfer, Unsigned, VERSION};
use rails::evm::fees::{FeeError, Fees, bump, suggest_lasting};
use rails::evm::rpc::{CallRequest, RpcError};
use rails::evm::token::{balance_of, transfer_call};

use super::plan::Verdict;
use super::send::{Carried, look};
use super::wallets::{Wallets, name_of};
use crate::app::acts::{Actor, record};
use crate::app::chains::{Chain, Signer, Treasury};
use crate::app::transfers::{become_, park};
use crate::app::{SharedApp, gas_market};
use crate::crash::crash_point;
use crate::store::chain_txs::{self, ChainTxRow, Purpose};
use crate::store::transfers::{self, Approval, TransferRow};
use crate::store::unsigned_txs::{self, UnsignedRow};
use crate::store::{StoreError, Tx};

#[derive(Debug, thiserror::Error)]
pub enum ExportRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rpc(#[from] RpcError),
    #[error(transparent)]
    Fee(#[from] FeeError),
    #[error("the treasury on {0} is not signed for offline: its configuration says signer = \"hot\", or there is none")]
    NotOffline(String),
    #[error("{0} is not the treasury: see `lockgate treasury show`; nothing goes out for it")]
    NotTheTreasury(Address),
    #[error("{wallet} has {held} wei of native coin, and what goes out may cost {cost}: send it some first")]
    NoGas { wallet: Address, held: U256, cost: u128 },
    #[error("there is no transfer {0} that went out to be signed and is not over")]
    NotOut(TransferId),
    #[error("somebody else changed the same at this moment; nothing went out, try again")]
    Raced,
    #[error("transfer {0} is in {1}, which is not configured: its file cannot be written")]
    NoAsset(TransferId, String),
}

/// What is to be signed for one transfer.
#[derive(Clone)]
struct Candidate {
    row: TransferRow,
    token: Address,
    input: String,
    gas_limit: u64,
}

/// The chain's treasury, if it is one that is signed for elsewhere.
fn offline(chain: &Chain) -> Result<(&Treasury, Address), ExportRefused> {
    match &chain.treasury {
        Some(treasury) if matches!(treasury.signer, Signer::Offline(_)) => Ok((treasury, treasury.address())),
        _ => Err(ExportRefused::NotOffline(chain.name.clone())),
    }
}

/// Gives out what is due and may go now: from now on it waits to be signed. Answers how many transfers there were.
///
/// # Errors
/// See [`ExportRefused`]; then nothing went out.
pub async fn export(app: &SharedApp, chain: &Chain, actor: &Actor) -> Result<usize, ExportRefused> {
    let (treasury, wallet) = offline(chain)?;
    let active = app.store.read(|tx| Wallets::read(tx, &chain.name)).await?.active();
    if active != Some(wallet) {
        return Err(ExportRefused::NotTheTreasury(wallet));
    }
    let fees = suggest_lasting(gas_market::now(&chain.rpc).await?, chain.flush.max_fee_per_gas)?;
    let candidates = candidates(app, chain, treasury, wallet).await?;
    if candidates.is_empty() {
        return Ok(0);
    }
    let gas = candidates.iter().fold(0u128, |sum, one| sum.saturating_add(u128::from(one.gas_limit)));
    let (held, cost) = (chain.rpc.balance(wallet).await?, gas.saturating_mul(gas_market::columns(fees).0));
    if held < U256::from(cost) {
        return Err(ExportRefused::NoGas { wallet, held, cost });
    }
    let on_chain = chain.rpc.transaction_count(wallet, "latest").await?;
    let (worker, name, actor) = (app.clone(), chain.name.clone(), actor.clone());
    let stored = app
        .store
        .write(move |tx| {
            let Some(chain) = worker.chains.get(&name) else { return Ok(0) };
            let last = chain_txs::last_nonce(tx, &name, &name_of(wallet))?;
            let first = last.map_or(0, |last| last + 1).max(on_chain);
            let mut nonce = first;
            for one in &candidates {
                nonce += u64::from(store_one(&worker, tx, chain, one, (wallet, nonce), fees)?);
            }
            if nonce > first {
                let detail = format!("nonces {first} to {} of {wallet}", nonce - 1);
                record(&worker, tx, &actor, "treasury.export", format!("treasury {name}"), detail)?;
            }
            Ok(usize::try_from(nonce - first).unwrap_or(usize::MAX))
        })
        .await;
    let stored =
        stored.map_err(|error: StoreError| if error.is_taken() { ExportRefused::Raced } else { error.into() })?;
    crash_point("export.after_store");
    Ok(stored)
}

/// What may go now, with what the node says of it. What may not is written into its row.
async fn candidates(
    app: &SharedApp,
    chain: &Chain,
    treasury: &Treasury,
    wallet: Address,
) -> Result<Vec<Candidate>, ExportRefused> {
    let now = app.now();
    // all that is out goes into one file
    let out = app.store.read(|tx| unsigned_txs::out(tx, &chain.name, &name_of(wallet))).await?.len();
    let most = i64::try_from(MOST.saturating_sub(out)).unwrap_or(i64::MAX);
    let mut found: Vec<Candidate> = Vec::new();
    let mut free: BTreeMap<String, Units> = BTreeMap::new();
    for row in app.store.read(|tx| transfers::to_sign(tx, &chain.name, now, most)).await? {
        if !matches!(row.kind, Kind::Settlement | Kind::CoinRefund) {
            continue;
        }
        let (token, to, units) = match app.store.read(|tx| look(tx, chain, treasury, &row, now)).await? {
            Verdict::Send { token, to, units } => (token, to, units),
            Verdict::Park(why) => {
                put_off(app, row, |row| park(row, why)).await?;
                continue;
            }
            Verdict::Wait { until, why } => {
                put_off(app, row, |row| (row.due_at, row.note) = (Some(until), Some(why))).await?;
                continue;
            }
        };
        let left = match free.get(&row.asset) {
            Some(left) => *left,
            None => free_units(app, chain, &row.asset, token, wallet).await?,
        };
        free.insert(row.asset.clone(), left);
        if left < row.units {
            let why =
                format!("the treasury holds {left} smallest units that are not on their way already, too few for this");
            put_off(app, row, |row| row.note = Some(why)).await?;
            continue;
        }
        let input = transfer_call(to, units);
        let call = CallRequest { from: Some(wallet), to: token, value: 0, input: input.clone() };
        match chain.rpc.estimate_gas(&call).await {
            Ok(gas) => {
                // states change until it is sent: a half more
                let gas_limit = gas.saturating_add(gas / 2);
                free.insert(row.asset.clone(), left.less(row.units));
                found.push(Candidate { row, token, input: hex::encode(&input), gas_limit });
            }
            Err(RpcError::Node { message, .. }) => {
                put_off(app, row, |row| park(row, format!("the node finds it impossible: {message}"))).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// What the wallet holds, less what was signed for and is not over: some of that may have left already, then this is too little.
async fn free_units(
    app: &SharedApp,
    chain: &Chain,
    asset: &str,
    token: Address,
    wallet: Address,
) -> Result<Units, ExportRefused> {
    let held = balance_of(&chain.rpc, token, wallet, None).await?;
    let held = held.map_or(0, |held| u128::try_from(held).unwrap_or(u128::MAX));
    let out = app.store.read(|tx| transfers::on_its_way(tx, &chain.name, asset)).await?;
    Ok(out.into_iter().fold(Units(held), |left, units| left.less(units)))
}

/// Writes why one does not go, unless somebody has changed it meanwhile.
async fn put_off(app: &SharedApp, row: TransferRow, change: impl FnOnce(&mut TransferRow)) -> Result<(), StoreError> {
    let mut changed = row;
    change(&mut changed);
    app.store
        .write(move |tx| {
            let now = transfers::existing(tx, &changed.merchant_id, &changed.id)?;
            if now.fence == changed.fence { transfers::update(tx, &mut changed) } else { Ok(()) }
        })
        .await
}

/// False when it was changed since, or may not go any more.
fn store_one(
    app: &SharedApp,
    tx: &Tx<'_>,
    chain: &Chain,
    one: &Candidate,
    (wallet, nonce): (Address, u64),
    fees: Fees,
) -> Result<bool, StoreError> {
    let (now, read) = (app.now(), &one.row);
    let Some(treasury) = &chain.treasury else { return Ok(false) };
    let mut row = transfers::existing(tx, &read.merchant_id, &read.id)?;
    let is_same = row.fence == read.fence && row.destination == read.destination && row.units == read.units;
    let may_go = row.state == State::Reserved && row.parked.is_none() && row.approval != Approval::Wanted;
    // the cap of a day counts what went out a moment ago in this very transaction
    let is_sent = is_same && may_go && matches!(look(tx, chain, treasury, &row, now)?, Verdict::Send { .. });
    if !is_sent || !become_(&mut row, State::Signing, now) {
        return Ok(false);
    }
    let sender = name_of(wallet);
    (row.sender, row.nonce, row.sent_at) = (Some(sender.clone()), Some(nonce), Some(now));
    (row.due_at, row.note) = (None, Some("given out to be signed".into()));
    transfers::update(tx, &mut row)?;
    let items =
        serde_json::to_string(&Carried::of(&row)).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    chain_txs::insert(
        tx,
        &ChainTxRow {
            chain: chain.name.clone(),
            sender: sender.clone(),
            nonce,
            purpose: Purpose::Transfer,
            state: "unsigned".into(),
            items,
            receiver: name_of(one.token),
            call_data: one.input.clone(),
            gas_limit: one.gas_limit,
            mined_hash: None,
            mined_block: None,
            succeeded: None,
            note: None,
            created_at: now,
            due_at: now,
        },
    )?;
    let (max_fee, tip) = gas_market::columns(fees);
    unsigned_txs::insert(
        tx,
        &UnsignedRow {
            chain: chain.name.clone(),
            sender,
            nonce,
            revision: 0,
            merchant_id: row.merchant_id,
            transfer_id: row.id,
            receiver: name_of(one.token),
            call_data: one.input.clone(),
            gas_limit: one.gas_limit,
            max_fee,
            tip,
            asked_at: now,
        },
    )?;
    Ok(true)
}

/// What goes out again under a nonce that is out already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The same, better paid.
    Bump,
    /// Nothing, so that the transfer cannot arrive any more.
    CallOff,
}

/// Gives a transfer's nonce out once more; answers the wallet that is to sign. The chain decides which of all that were signed for it is mined.
///
/// # Errors
/// See [`ExportRefused`]; then nothing went out.
pub async fn again(
    app: &SharedApp,
    chain: &Chain,
    id: &TransferId,
    again: Again,
    actor: &Actor,
) -> Result<Address, ExportRefused> {
    let market = gas_market::now(&chain.rpc).await?;
    let (worker, name, id, actor) = (app.clone(), chain.name.clone(), id.clone(), actor.clone());
    let cap = chain.flush.max_fee_per_gas;
    let wallet = app
        .store
        .write(move |tx| {
            let row = transfers::find(tx, &id)?
                .filter(|row| row.chain.as_ref() == Some(&name) && (row.state.is_open() || again == Again::CallOff));
            let row = row.ok_or_else(|| ExportRefused::NotOut(id.clone()))?;
            let (Some(sender), Some(nonce)) = (&row.sender, row.nonce) else { return Err(ExportRefused::NotOut(id)) };
            let newest = unsigned_txs::of_nonce(tx, &name, sender, nonce)?.pop();
            let newest = newest.ok_or_else(|| ExportRefused::NotOut(id.clone()))?;
            // what calls it off stays empty, better paid
            let again = if newest.calls_off() { Again::CallOff } else { again };
            let wallet = sender.parse().map_err(|_| StoreError::Inconsistent(format!("{sender} is no wallet")))?;
            again_stored(&worker, tx, row, &newest, (again, market, cap), &actor)?;
            Ok::<_, ExportRefused>(wallet)
        })
        .await?;
    crash_point("export.after_store");
    Ok(wallet)
}

fn again_stored(
    app: &SharedApp,
    tx: &Tx<'_>,
    mut row: TransferRow,
    newest: &UnsignedRow,
    (again, market, cap): (Again, rails::evm::fees::GasMarket, u128),
    actor: &Actor,
) -> Result<(), ExportRefused> {
    let before = match newest.tip {
        Some(max_tip) => Fees::Dynamic { max_fee: newest.max_fee, max_tip },
        None => Fees::Legacy { gas_price: newest.max_fee },
    };
    let (max_fee, tip) = gas_market::columns(bump(before, market, cap)?);
    let mut next = UnsignedRow { revision: newest.revision + 1, max_fee, tip, asked_at: app.now(), ..newest.clone() };
    let sent = chain_txs::by_nonce(tx, &next.chain, &next.sender, next.nonce)?;
    let mut sent = sent.ok_or_else(|| ExportRefused::NotOut(row.id.clone()))?;
    // it arrived by other bytes, and its own nonce holds up all behind it
    let is_over = !row.state.is_open();
    if is_over && sent.state != "unsigned" {
        return Err(ExportRefused::NotOut(row.id));
    }
    if again == Again::CallOff {
        (next.receiver, next.call_data) = (next.sender.clone(), String::new());
        (sent.receiver, sent.call_data, sent.due_at) = (sent.sender.clone(), String::new(), app.now());
        if !chain_txs::redirect(tx, &sent)? {
            return Err(ExportRefused::NotOut(row.id));
        }
        row.called_off |= !is_over;
        row.note = Some("being called off: what uses up its nonce was given out to be signed".into());
    } else if !matches!(sent.state.as_str(), "unsigned" | "pending" | "mined") {
        return Err(ExportRefused::NotOut(row.id));
    }
    unsigned_txs::insert(tx, &next)?;
    let about = crate::app::transfers::acts::about(&row.id);
    let act = if again == Again::CallOff { "transfer.call_off" } else { "transfer.bump" };
    let detail =
        format!("given out to be signed: nonce {} of {}, at most {max_fee} wei a unit of gas", next.nonce, next.sender);
    if !is_over {
        transfers::update(tx, &mut row)?;
    }
    record(app, tx, actor, act, about, detail)?;
    Ok(())
}

/// The file: all that went out, is not over, and whose bytes have not come back.
///
/// # Errors
/// When a coin is not configured any more, or a row is damaged.
pub fn what_is_out(tx: &Tx<'_>, chain: &Chain, wallet: Address) -> Result<Unsigned, ExportRefused> {
    let mut file = Unsigned {
        lockgate_unsigned: VERSION,
        chain: chain.name.clone(),
        chain_id: chain.chain_id,
        wallet,
        transfers: Vec::new(),
        calls_off: Vec::new(),
    };
    for row in unsigned_txs::out(tx, &chain.name, &name_of(wallet))? {
        let transfer = transfers::existing(tx, &row.merchant_id, &row.transfer_id)?;
        // sent by somebody who did not bring it here, and arrived
        if !transfer.state.is_open() && !row.frees_nonce_of(transfer.changed_at) {
            continue;
        }
        // the lowest nonces first: nothing behind them could be mined before
        if file.transfers.len() + file.calls_off.len() == MOST {
            break;
        }
        let (id, tip) = (row.transfer_id.to_string(), row.tip.map(|tip| tip.to_string()));
        let (nonce, gas_limit, max_fee) = (row.nonce, row.gas_limit, row.max_fee.to_string());
        if row.calls_off() {
            file.calls_off.push(CallOff { id, nonce, gas_limit, max_fee, tip });
            continue;
        }
        let asset = chain.assets.iter().find(|asset| asset.code == transfer.asset);
        let asset = asset.ok_or_else(|| ExportRefused::NoAsset(transfer.id.clone(), transfer.asset.clone()))?;
        let damaged = || StoreError::Inconsistent(format!("unsigned transaction {nonce} of {wallet} is damaged"));
        file.transfers.push(Transfer {
            id,
            nonce,
            asset: asset.code.clone(),
            token: row.receiver.parse().map_err(|_| damaged())?,
            receiver: transfer.destination.parse().map_err(|_| damaged())?,
            amount: transfer.units.decimal(asset.decimals, 0),
            decimals: asset.decimals,
            units: transfer.units.to_string(),
            gas_limit,
            max_fee,
            tip,
        });
    }
    Ok(file)
}
