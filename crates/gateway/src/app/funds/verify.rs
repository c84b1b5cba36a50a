//! Is it there? Funds that wait are looked for among the treasury's moves; the chain is asked about those that are not found.

use std::time::Duration;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use domain::confirmations::depth;
use domain::payment::Finality;
use domain::{Time, Units};
use rails::evm::abi::Erc20::Transfer;
use rails::evm::rpc::RawLog;

use super::senders::refusal;
use super::{DEADLINE_MILLIS, came_late, coin, credit, fail, incoming, lock_again};
use crate::app::chains::Chain;
use crate::app::lanes::{AFTER_AN_ERROR, Lanes};
use crate::app::treasury::unseen::{self, Unseen, UnseenRefused};
use crate::app::treasury::wallets::Wallets;
use crate::app::{App, SharedApp};
use crate::store::funds::{self, FundRow, State};
use crate::store::treasury_moves::MoveRow;
use crate::store::{StoreError, Tx};
use crate::wire::payout::history::{capitalised, coins};

/// What the chain says of a transaction that brought the treasury nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// Nothing that would decide it yet.
    Nothing,
    /// It can never become the fund that was named.
    Wrong(String),
    /// It came before anybody looked.
    Unwatched(Unseen),
}

/// How many are looked at a time: in all, and on one chain, whose nodes may be slow.
const AT_ONCE: usize = 16;
const AT_ONCE_A_CHAIN: usize = 4;
/// How many are read at a time.
const PAGE: i64 = 200;
/// Other chains are asked by the way: a node that hangs there holds up what is of this one.
const OTHER_CHAIN: Duration = Duration::from_secs(5);

/// The places at which funds are looked at.
pub fn lanes() -> Lanes {
    Lanes::new(AT_ONCE, AT_ONCE_A_CHAIN)
}

/// Begins to look at the funds that are due, as far as there are places. Answers how many it began.
pub async fn look(app: &SharedApp, lanes: &mut Lanes) -> Result<usize, StoreError> {
    let (now, mut began) = (app.now(), 0);
    for chain in app.store.read(|tx| funds::chains_due(tx, now)).await? {
        // what the watcher has seen for good needs no node: it waits behind nothing that does
        for row in app.store.read(|tx| funds::due_and_there(tx, &chain, now, PAGE)).await? {
            if !lanes.works_on(&row.number.to_string()) {
                finish(app, row, Seen::Nothing).await;
                began += 1;
            }
        }
        let mut free = lanes.free(&chain);
        for row in app.store.read(|tx| funds::due(tx, &chain, now, PAGE)).await? {
            let (app, number) = (app.clone(), row.number);
            if lanes.works_on(&number.to_string()) {
                continue;
            }
            // what the watcher has seen needs no node: it waits for nobody
            let here = app.store.read(|tx| incoming(tx, &row)).await?;
            if !here.is_empty() {
                finish(&app, row, Seen::Nothing).await;
                began += 1;
            } else if free > 0 {
                free -= 1;
                began += 1;
                lanes.start(&chain, &number.to_string(), async move {
                    let seen = ask(&app, &row).await;
                    if !finish(&app, row, seen).await {
                        tokio::time::sleep(AFTER_AN_ERROR).await;
                    }
                });
            }
        }
    }
    Ok(began)
}

/// Decides by the rows, and by what the chain says; the chain was asked outside of any transaction. False when that failed.
async fn finish(app: &SharedApp, row: FundRow, seen: Seen) -> bool {
    let (worker, number) = (app.clone(), row.number);
    let decided = app.store.write(move |tx| decide(&worker, tx, &row, seen)).await;
    if let Err(error) = &decided {
        tracing::error!(fund = number, %error, "A fund could not be looked at");
    }
    app.wake.deliveries.notify_one();
    decided.is_ok()
}

fn decide(app: &App, tx: &Tx<'_>, row: &FundRow, seen: Seen) -> Result<(), StoreError> {
    let Some(mut row) = funds::by_number(tx, &row.merchant_id, row.number)? else { return Ok(()) };
    if row.state != State::Pending {
        return Ok(());
    }
    let now = app.now();
    let mut moves = incoming(tx, &row)?;
    if let (Seen::Unwatched(found), true, Some(chain)) = (&seen, moves.is_empty(), app.chains.get(&row.chain)) {
        match unseen::record(app, tx, chain, found, now) {
            Ok(()) => moves = incoming(tx, &row)?,
            Err(UnseenRefused::Store(error)) => return Err(error),
            // not the merchant's fault, and not to be denied
            Err(error) => {
                tracing::error!(fund = row.number, tx_hash = row.tx_hash, %error, "Coins came that the watcher did not see")
            }
        }
    }
    match judged(app, &row, &moves, seen) {
        Judged::Credit => {
            moves.retain(|moved| moved.asset == row.asset);
            if let Some(why) = refusal(tx, &row.merchant_id, &moves, now)? {
                return fail(app, tx, &mut row, &why, now);
            }
            if came_late(&row, &moves) && !lock_again(app, tx, &mut row, now)? {
                return wait(tx, &mut row, now);
            }
            credit(app, tx, &mut row, &mut moves, now)
        }
        Judged::Fail(why) => fail(app, tx, &mut row, &why, now),
        // what was seen before the deadline may still become final
        Judged::Wait if now >= row.deadline_at && moves.is_empty() => {
            let chain = capitalised(&row.chain);
            let why = format!("No such transaction to our wallet became final on {chain} within 24 hours");
            fail(app, tx, &mut row, &why, now)
        }
        Judged::Wait => wait(tx, &mut row, now),
    }
}

fn wait(tx: &Tx<'_>, row: &mut FundRow, now: Time) -> Result<(), StoreError> {
    row.due_at = Some(next_look(now, row));
    let state = row.state;
    funds::update(tx, row, state)
}

/// Soon at first, then ever more seldom, and at the deadline.
fn next_look(now: Time, row: &FundRow) -> Time {
    let wait = (now.since(row.created_at) / 10).clamp(1_000, 60_000);
    let next = now.plus(wait);
    if now < row.deadline_at && next > row.deadline_at { row.deadline_at } else { next }
}

#[derive(Debug, PartialEq, Eq)]
enum Judged {
    Credit,
    Fail(String),
    Wait,
}

/// All of the transaction's moves must be final before anything is decided: a part of them could still leave the chain.
fn judged(app: &App, row: &FundRow, moves: &[MoveRow], seen: Seen) -> Judged {
    if moves.is_empty() {
        return match seen {
            Seen::Nothing | Seen::Unwatched(_) => Judged::Wait,
            Seen::Wrong(why) => Judged::Fail(why),
        };
    }
    if moves.iter().any(|moved| moved.finality != Finality::Final) {
        return Judged::Wait;
    }
    let of_coin = || moves.iter().filter(|moved| moved.asset == row.asset);
    if of_coin().any(|moved| moved.claimed_by.is_some()) {
        return Judged::Fail("This transaction is accounted for already".into());
    }
    let (symbol, decimals) = coin(app, &row.asset);
    let Some(sum) = of_coin().try_fold(Units::ZERO, |sum, moved| sum.plus(moved.units).ok()) else {
        return Judged::Fail("The amounts of this transaction do not fit".into());
    };
    if sum == row.units {
        return Judged::Credit;
    }
    match sum.is_zero() {
        true => {
            let got = moves.first().map_or_else(String::new, |moved| coin(app, &moved.asset).0);
            Judged::Fail(format!("The transaction brought {got}, not {symbol}"))
        }
        false => {
            let (got, named) = (coins(sum.0, decimals, &symbol), coins(row.units.0, decimals, &symbol));
            Judged::Fail(format!("The transaction brought {got}, not {named}"))
        }
    }
}

/// Asks the nodes about a transaction that brought nothing so far.
async fn ask(app: &App, row: &FundRow) -> Seen {
    let (Ok(hash), Some(chain)) = (row.tx_hash.parse::<B256>(), app.chains.get(&row.chain)) else {
        return Seen::Nothing;
    };
    match chain.rpc.receipt(hash).await {
        Ok(Some(receipt)) => {
            // as deep as anything must be, and read by the watcher: what it moved would have been seen
            let read = chain.health().read_up_to.unwrap_or(0);
            if depth(read, receipt.block_number) < chain.confirmations.deepest() {
                return Seen::Nothing;
            }
            if receipt.status == Some(0) {
                return Seen::Wrong("The transaction failed on the chain".into());
            }
            moved_elsewhere(app, row, chain, hash, receipt.block_hash).await
        }
        Ok(None) => on_another_chain(app, row, hash).await,
        Err(error) => {
            tracing::debug!(fund = row.number, %error, "The chain could not be asked about a fund");
            Seen::Nothing
        }
    }
}

/// A hash names its chain: what is on another one will never be on this one.
async fn on_another_chain(app: &App, row: &FundRow, hash: B256) -> Seen {
    for chain in app.chains.values().filter(|chain| chain.name != row.chain) {
        if matches!(tokio::time::timeout(OTHER_CHAIN, chain.rpc.receipt(hash)).await, Ok(Ok(Some(_)))) {
            let (there, here) = (&chain.title, capitalised(&row.chain));
            return Seen::Wrong(format!("The transaction is on {there}, not on {here}"));
        }
    }
    Seen::Nothing
}

/// It succeeded, and nothing came to the treasury: where did it go?
async fn moved_elsewhere(app: &App, row: &FundRow, chain: &Chain, hash: B256, block: B256) -> Seen {
    let Ok(logs) = chain.rpc.logs_of_block(block, &[], &[vec![Transfer::SIGNATURE_HASH]]).await else {
        return Seen::Nothing;
    };
    let tokens: Vec<Address> = logs.iter().filter(|log| log.transaction_hash == hash).map(|log| log.address).collect();
    let (symbol, _) = coin(app, &row.asset);
    let wanted = app.asset(&row.asset).and_then(|asset| match asset.kind {
        domain::asset::Kind::Token(contract) => Some(Address::from(contract)),
        domain::asset::Kind::Native => None,
    });
    let Ok(wallets) = app.store.read(|tx| Wallets::read(tx, &chain.name)).await else { return Seen::Nothing };
    let ours = wallets.ours();
    let to_us = |log: &RawLog| log.topics.get(2).is_some_and(|to| ours.contains(&Address::from_word(*to)));
    if logs.iter().any(|log| log.transaction_hash == hash && to_us(log)) {
        // it came while nobody looked
        return match unseen::ask(app, chain, hash).await {
            // anybody can name what the operator put in long ago
            Ok(found) if row.created_at.since(found.at()) > DEADLINE_MILLIS => {
                tracing::error!(fund = row.number, %hash, "A fund names coins that came to the treasury more than a day before it");
                Seen::Nothing
            }
            Ok(found) => Seen::Unwatched(found),
            Err(error) => {
                tracing::error!(fund = row.number, %hash, %error, "Coins came to the treasury before this gateway followed it");
                Seen::Nothing
            }
        };
    }
    Seen::Wrong(match tokens.is_empty() {
        true => format!("The transaction moved no {symbol}"),
        false if tokens.iter().any(|token| Some(*token) == wanted) => {
            format!("The transaction sent {symbol} to another recipient")
        }
        false => format!("The transaction moved another token, not {symbol}"),
    })
}
