//! Funds: coins that a merchant says it sent to the treasury become its EUR balance, once the chain says so, finally.

pub mod senders;
pub mod verify;

use domain::asset::Asset;
use domain::charge::{Rounding, convert};
use domain::exchange::Conversion;
use domain::fund_books::{self, CURRENCY, Funded};
use domain::ledger::{EntryRate, Kind, Owner, Reason, Unbalanced, house};
use domain::merchant::Merchant;
use domain::rate::NoRate;
use domain::time::{DAY, HOUR};
use domain::{MerchantId, Time, Units};

use super::acts::{Actor, record_for};
use super::events::{Told, tell};
use super::{App, SharedApp};
use crate::store::events::About;
use crate::store::funds::{self, FundRow, State};
use crate::store::treasury_moves::{self, Direction, MoveRow};
use crate::store::{StoreError, Tx, ledger, merchants, settings};
use crate::wire::amount::Quantity;
use crate::wire::payout::callback::{PayoutCallback, Status};
use crate::wire::payout::request::{AddFund, Coin};

/// What has not come in this time is not waited for.
pub const DEADLINE_MILLIS: i64 = DAY;
/// For so long the rate of the report holds. Coins whose block is later are credited at the rate of that moment: whoever could wait a day
/// and then choose would have an option on the euro for nothing.
pub const RATE_HOLDS_MILLIS: i64 = HOUR;

#[derive(Debug, thiserror::Error)]
pub enum AddFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the transaction is another fund's")]
    HashUsed,
    #[error("{MOST_PENDING} funds are being looked for already; wait until some are found or have failed")]
    TooMany,
    #[error(transparent)]
    NoRate(#[from] NoRate),
    #[error("the amount is worth nothing, or does not fit")]
    Amount(#[from] domain::amount::AmountError),
}

/// What a row is called in the log of acts.
pub fn about(number: i64) -> String {
    format!("funds {number}")
}

/// How many funds of one merchant are looked for at a time: each costs questions to nodes.
const MOST_PENDING: i64 = 100;

fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// The coins the contract names, on the chains that have a treasury to send them to.
pub fn fundable(app: &App) -> Vec<Coin<'_>> {
    let named = app.payable_assets().filter(|asset| matches!(asset.symbol.as_str(), "USDC" | "USDT"));
    let coin = |asset: &Asset| asset.at_par && matches!(asset.chain.as_str(), "polygon" | "ethereum");
    let has_treasury = |asset: &Asset| app.chains.get(&asset.chain).is_some_and(|chain| chain.treasury.is_some());
    named
        .filter(|asset| coin(asset) && has_treasury(asset))
        .map(|asset| Coin { chain: &asset.chain, symbol: &asset.symbol, code: &asset.code, decimals: asset.decimals })
        .collect()
}

/// Takes a fund in, at the rate of this moment, and tells the merchant. Answers its number. `person`: who reported it, unless a key did.
pub async fn add(
    app: &SharedApp,
    merchant: Merchant,
    request: AddFund,
    person: Option<Actor>,
) -> Result<i64, AddFailed> {
    let worker = app.clone();
    let add = move |tx: &Tx<'_>| {
        let number = add_in(&worker, tx, &merchant, request)?;
        if let Some(person) = person {
            record_for(&worker, tx, &person, &merchant.id, "fund.report", (about(number), String::new()))?;
        }
        Ok::<_, AddFailed>(number)
    };
    let number = app.store.write(add).await?;
    app.wake.deliveries.notify_one();
    app.wake.providers.notify_one();
    Ok(number)
}

fn add_in(app: &App, tx: &Tx<'_>, merchant: &Merchant, request: AddFund) -> Result<i64, AddFailed> {
    let now = app.now();
    let asset = app.asset(&request.asset);
    let asset = asset.ok_or_else(|| StoreError::Inconsistent(format!("there is no asset {}", request.asset)))?;
    if funds::by_tx(tx, &asset.chain, &request.tx_hash)?.is_some() {
        return Err(AddFailed::HashUsed);
    }
    if funds::pending(tx, &merchant.id)? >= MOST_PENDING {
        return Err(AddFailed::TooMany);
    }
    let units = Units(request.units);
    let Worth { rate, gross, spread } = worth(app, tx, &merchant.id, asset, units, now)?;
    let mut row = FundRow {
        merchant_id: merchant.id.clone(),
        number: settings::next_number(tx, "fund")?,
        asset: asset.code.clone(),
        chain: asset.chain.clone(),
        units,
        tx_hash: request.tx_hash,
        merchant_data: request.merchant_data,
        state: State::Pending,
        failed_reason: None,
        rate,
        gross,
        spread,
        left: Units::ZERO,
        created_at: now,
        status_at: now,
        credited_at: None,
        due_at: Some(now),
        deadline_at: now.plus(DEADLINE_MILLIS),
        last_event: 0,
        version: 1,
    };
    record(app, tx, merchant, &mut row, Status::FundCreated, now)?;
    record(app, tx, merchant, &mut row, Status::FundPending, now)?;
    funds::insert(tx, &row)?;
    Ok(row.number)
}

/// What coins are worth in EUR at a moment.
struct Worth {
    rate: EntryRate,
    gross: Units,
    spread: Units,
}

fn worth(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    asset: &Asset,
    units: Units,
    now: Time,
) -> Result<Worth, AddFailed> {
    // a coin at par is a dollar
    let rate = app.rates.fiat("USD", CURRENCY, now)?.ok_or(NoRate::Stale { symbol: CURRENCY.into() })?;
    let gross = convert(units, asset.decimals, 2, &rate, Rounding::Down)?;
    let spread = merchants::payout_rules(tx, merchant)?.spread;
    let conversion = Conversion::new((asset.code.clone(), units), CURRENCY.into(), gross, spread)?;
    if conversion.net().is_zero() {
        return Err(AddFailed::Amount(domain::amount::AmountError::OutOfRange));
    }
    let rate = EntryRate { price: rate.price.to_string(), source: rate.source, at: rate.at };
    Ok(Worth { rate, gross, spread: conversion.spread })
}

/// Whether its coins came so late that the rate of the report does not hold.
fn came_late(row: &FundRow, moves: &[MoveRow]) -> bool {
    moves.iter().any(|moved| moved.on_chain.block_time.since(row.created_at) > RATE_HOLDS_MILLIS)
}

/// Locks the rate anew; false while there is none.
fn lock_again(app: &App, tx: &Tx<'_>, row: &mut FundRow, now: Time) -> Result<bool, StoreError> {
    let Some(asset) = app.asset(&row.asset) else { return Ok(true) };
    match worth(app, tx, &row.merchant_id, asset, row.units, now) {
        Ok(Worth { rate, gross, spread }) => {
            (row.rate, row.gross, row.spread) = (rate, gross, spread);
            Ok(true)
        }
        Err(AddFailed::Store(error)) => Err(error),
        Err(error) => {
            tracing::warn!(fund = row.number, %error, "A fund waits for a rate");
            Ok(false)
        }
    }
}

/// Tells the merchant where a fund stands. Counts up `row.last_event`; the caller writes the row.
fn record(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    row: &mut FundRow,
    status: Status,
    now: Time,
) -> Result<(), StoreError> {
    row.last_event += 1;
    let (symbol, decimals) = coin(app, &row.asset);
    let callback = PayoutCallback {
        status,
        id: row.number,
        devise: &symbol,
        amount: Quantity::new(row.units.0, decimals),
        merchant_data: row.merchant_data.as_deref(),
        failed_reason: row.failed_reason.as_deref(),
    };
    let told = Told {
        about: About::fund(row.number),
        seq: row.last_event,
        status: status.value(),
        body: callback.body(),
        silent: false,
    };
    tell(app, tx, merchant, told, now)
}

/// A coin's symbol and decimals; of one that is configured no more, what its code says.
pub fn coin(app: &App, code: &str) -> (String, u8) {
    match app.asset(code) {
        Some(asset) => (asset.symbol.clone(), asset.decimals),
        None => (code.split('_').next().unwrap_or(code).to_owned(), 6),
    }
}

pub fn status(state: State) -> Status {
    match state {
        State::Pending => Status::FundPending,
        State::Success => Status::FundSuccess,
        State::Failed => Status::FundFailed,
    }
}

/// What a fund's entries are about; the auditor makes the same.
pub fn funded(row: &FundRow) -> Funded<'_> {
    Funded {
        merchant: &row.merchant_id,
        number: row.number,
        coins: (&row.asset, row.units),
        gross: row.gross,
        spread: row.spread,
        rate: &row.rate,
    }
}

/// The chain says, finally, that exactly its coins came: entries in both books, and the merchant has its worth.
fn credit(app: &App, tx: &Tx<'_>, row: &mut FundRow, moves: &mut [MoveRow], now: Time) -> Result<(), StoreError> {
    let claimed = fund_books::claimed(&funded(row), now).map_err(unbalanced)?;
    let credited = fund_books::credited(&funded(row), now).map_err(unbalanced)?;
    ledger::enter(tx, &house(), &claimed)?;
    ledger::enter(tx, &row.merchant_id, &credited)?;
    for moved in moves {
        treasury_moves::claim(tx, moved, Some(&row.merchant_id), Some(row.number))?;
    }
    let was = row.state;
    (row.state, row.status_at, row.credited_at, row.due_at) = (State::Success, now, Some(now), None);
    let merchant = merchants::existing(tx, &row.merchant_id)?;
    record(app, tx, &merchant, row, Status::FundSuccess, now)?;
    funds::update(tx, row, was)?;
    tracing::info!(fund = row.number, "A fund is credited");
    share_out(tx, &row.merchant_id)
}

/// It will not be credited, for this reason.
fn fail(app: &App, tx: &Tx<'_>, row: &mut FundRow, why: &str, now: Time) -> Result<(), StoreError> {
    let was = row.state;
    (row.state, row.status_at, row.due_at, row.left) = (State::Failed, now, None, Units::ZERO);
    row.failed_reason = Some(why.to_owned());
    let merchant = merchants::existing(tx, &row.merchant_id)?;
    record(app, tx, &merchant, row, Status::FundFailed, now)?;
    funds::update(tx, row, was)
}

/// A move that is of a credited fund left the chain: the fund fails, and its entries are undone. What was paid out of it is a debt.
/// Whoever reverses a move calls this in the same transaction.
pub fn move_reversed(app: &App, tx: &Tx<'_>, moved: &MoveRow, now: Time) -> Result<(), StoreError> {
    let (Some(merchant), Some(number)) = (&moved.claimed_by, moved.fund_number) else { return Ok(()) };
    let Some(mut row) = funds::by_number(tx, merchant, number)?.filter(|row| row.state == State::Success) else {
        return Ok(());
    };
    for (book, cause) in
        [(house(), fund_books::claimed_cause(merchant, number)), (merchant.clone(), fund_books::credited_cause(number))]
    {
        let entry = ledger::by_cause(tx, &book, &cause)?
            .ok_or_else(|| StoreError::Inconsistent(format!("fund {number} is credited but has no entry {cause}")))?;
        let undone = entry.draft.reversal(fund_books::reversal_cause(&cause), Reason::FundReversed, now);
        ledger::enter(tx, &book, &undone)?;
    }
    // what of the transaction is still on the chain is nobody's again
    for mut other in treasury_moves::of_tx(tx, &row.chain, &row.tx_hash)? {
        if other.fund_number == Some(number) && other.claimed_by.as_ref() == Some(merchant) {
            treasury_moves::claim(tx, &mut other, None, None)?;
        }
    }
    fail(app, tx, &mut row, "The transaction left the chain after it was credited", now)?;
    tracing::warn!(fund = number, "A credited fund left the chain; its balance is taken back");
    share_out(tx, merchant)
}

/// Brings what is left of the merchant's funds in line with its balance: what went out is taken from the oldest, what came back goes to
/// the newest that has room. Above what all funds were worth nothing is shared out: that balance is of no fund.
pub fn share_out(tx: &Tx<'_>, merchant: &MerchantId) -> Result<(), StoreError> {
    let out_of_range = |_| StoreError::Inconsistent(format!("what is left of the funds of {merchant} does not fit"));
    let balance = ledger::balance(tx, merchant, Owner::Merchant, Kind::Funds, CURRENCY)?;
    let mut rows = funds::left_over(tx, merchant)?;
    let left = rows.iter().try_fold(Units::ZERO, |sum, row| sum.plus(row.left)).map_err(out_of_range)?;
    let mut gone = left.less(balance);
    for row in &mut rows {
        if gone.is_zero() {
            break;
        }
        let part = gone.min(row.left);
        (row.left, gone) = (row.left.less(part), gone.less(part));
        funds::update(tx, row, row.state)?;
    }
    let (mut back, mut before) = (balance.less(left), i64::MAX);
    while !back.is_zero() {
        let rows = funds::credited_before(tx, merchant, before)?;
        let Some(oldest) = rows.last() else { return Ok(()) };
        before = oldest.number;
        for mut row in rows {
            let part = back.min(row.net().less(row.left));
            if !part.is_zero() {
                row.left = row.left.plus(part).map_err(out_of_range)?;
                back = back.less(part);
                let state = row.state;
                funds::update(tx, &mut row, state)?;
            }
        }
    }
    Ok(())
}

/// The moves of a fund's transaction that are on the chain, as far as they came to the treasury.
fn incoming(tx: &Tx<'_>, row: &FundRow) -> Result<Vec<MoveRow>, StoreError> {
    let moves = treasury_moves::of_tx(tx, &row.chain, &row.tx_hash)?;
    let there =
        |moved: &MoveRow| moved.direction == Direction::In && moved.finality != domain::payment::Finality::Reversed;
    Ok(moves.into_iter().filter(there).collect())
}
