//! The wallets a merchant sends its funds from. Whoever names a transaction first gets its worth; once a list has stood for the wait, only the
//! list's owner does.

use domain::{MerchantId, Time};

use crate::app::App;
use crate::app::acts::{Actor, record};
use crate::app::merchant_stop::{IsStopped, may_go_on};
use crate::app::news::tell_merchant as tell;
use crate::store::payout_senders::{self, SenderRow};
use crate::store::treasury_moves::MoveRow;
use crate::store::{StoreError, Tx, merchants};
use crate::wire::time::written;

#[derive(Debug, thiserror::Error)]
pub enum SenderRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0} is on the list of merchant {1}")]
    Another(String, i64),
    #[error("merchant {1} has funds that came from {0}")]
    Used(String, i64),
    #[error("{0} is on the list already")]
    There(String),
    #[error("{0} is not on the list")]
    NotThere(String),
    #[error(transparent)]
    Stopped(#[from] IsStopped),
}

/// Puts a wallet on a merchant's list; answers from when on funds may come from it. The first one counts at once, and
/// narrows: from then on funds come from nowhere else. Another one waits, as another settlement wallet does: who gets hold of the gateway for
/// a moment does not get the coins of the day after. What it takes from others always waits: until then whoever names a transaction first
/// gets it. A wallet that another merchant's funds came from is refused.
pub fn add(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    wallet: &str,
    wait_millis: i64,
    actor: &Actor,
) -> Result<Time, SenderRefused> {
    let (merchant, now) = (merchants::existing(tx, merchant)?, app.now());
    may_go_on(&merchant)?;
    let lists = payout_senders::of_wallet(tx, wallet)?;
    if let Some(row) = lists.iter().find(|row| row.is_listed(now)) {
        if row.merchant_id == merchant.id {
            return Err(SenderRefused::There(wallet.to_owned()));
        }
        let owner = merchants::existing(tx, &row.merchant_id)?.number;
        return Err(SenderRefused::Another(wallet.to_owned(), owner));
    }
    if let Some(other) = payout_senders::used_by_another(tx, wallet, &merchant.id)? {
        return Err(SenderRefused::Used(wallet.to_owned(), merchants::existing(tx, &other)?.number));
    }
    let list = payout_senders::of_merchant(tx, &merchant.id)?;
    let is_first = !list.iter().any(|row| row.is_listed(now));
    let effective_at = if is_first { now } else { now.plus(wait_millis) };
    let row = SenderRow {
        merchant_id: merchant.id.clone(),
        wallet: wallet.to_owned(),
        added_at: now,
        added_by: actor.0.clone(),
        effective_at,
        claims_at: now.plus(wait_millis),
        ends_at: None,
    };
    payout_senders::put(tx, &row)?;
    let until = written(effective_at.0);
    record(app, tx, actor, "payout.sender_added", about(&merchant.id), format!("{wallet} from {until} UTC on"))?;
    tell(app, tx, &merchant, "news-sender-added", &[("wallet", wallet), ("until", &until)])?;
    Ok(effective_at)
}

/// Takes a wallet off a merchant's list; answers from when on. The last one waits: without a list any wallet would do.
pub fn remove(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    wallet: &str,
    wait_millis: i64,
    actor: &Actor,
) -> Result<Time, SenderRefused> {
    let (merchant, now) = (merchants::existing(tx, merchant)?, app.now());
    let list = payout_senders::of_merchant(tx, &merchant.id)?;
    let stays = |row: &SenderRow| row.wallet != wallet && row.is_in_force(now) && row.ends_at.is_none();
    let ends_at = if list.iter().any(stays) { now } else { now.plus(wait_millis) };
    if !payout_senders::end(tx, &merchant.id, wallet, ends_at)? {
        return Err(SenderRefused::NotThere(wallet.to_owned()));
    }
    let until = written(ends_at.0);
    record(app, tx, actor, "payout.sender_removed", about(&merchant.id), format!("{wallet} from {until} UTC on"))?;
    tell(app, tx, &merchant, "news-sender-removed", &[("wallet", wallet), ("until", &until)])?;
    Ok(ends_at)
}

fn about(merchant: &MerchantId) -> String {
    format!("merchants {merchant}")
}

/// Why coins cannot be this merchant's fund, by where they came from; `None` when they can.
pub fn refusal(tx: &Tx<'_>, merchant: &MerchantId, moves: &[MoveRow], now: Time) -> Result<Option<String>, StoreError> {
    let list = payout_senders::of_merchant(tx, merchant)?;
    let has_list = list.iter().any(|row| row.is_in_force(now));
    for moved in moves {
        let from = &moved.counterparty;
        let listed = list.iter().find(|row| row.is_in_force(now) && row.wallet == *from);
        if listed.is_some_and(|row| row.is_claimed(now)) {
            continue;
        }
        if has_list && listed.is_none() {
            return Ok(Some(format!("The coins came from {from}, which is not on the list of your wallets")));
        }
        let others = payout_senders::of_wallet(tx, from)?;
        if others.iter().any(|row| row.merchant_id != *merchant && row.is_claimed(now)) {
            return Ok(Some("The coins came from a wallet of another merchant".into()));
        }
    }
    Ok(None)
}
