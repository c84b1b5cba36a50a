//! An operator stops a merchant: nothing new begins. What has begun is finished, and what is owed is settled. Asked here by whoever begins
//! something: `may_go_on`; where a payer chooses how to pay: `Merchant::off`.

use domain::MerchantId;
use domain::card::contains_number;
use domain::merchant::{Merchant, Stopped};

use super::App;
use super::acts::{Actor, record};
use super::news::tell_merchant as tell;
use crate::store::{StoreError, Tx, merchants};

/// The merchant reads it: a word says too little, and the log of acts keeps it for ever.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 8..=500;

/// The merchant is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operator has stopped this merchant")]
pub struct IsStopped;

/// Whether something new may begin for a merchant.
pub fn may_go_on(merchant: &Merchant) -> Result<(), IsStopped> {
    if merchant.stopped.is_some() { Err(IsStopped) } else { Ok(()) }
}

#[derive(Debug, thiserror::Error)]
pub enum StopRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("it is so already")]
    Already,
    #[error("the reason is {} to {} characters", REASON_CHARS.start(), REASON_CHARS.end())]
    NoReason,
    #[error("the reason holds a card number, and the log of acts is for ever: leave it out")]
    CardNumber,
}

/// Stops a merchant, and tells it why.
pub fn stop(app: &App, tx: &Tx<'_>, merchant: &MerchantId, reason: &str, actor: &Actor) -> Result<(), StopRefused> {
    let merchant = merchants::existing(tx, merchant)?;
    let reason = reason.trim();
    if !REASON_CHARS.contains(&reason.chars().count()) {
        return Err(StopRefused::NoReason);
    }
    if contains_number(reason) {
        return Err(StopRefused::CardNumber);
    }
    if merchant.stopped.is_some() {
        return Err(StopRefused::Already);
    }
    merchants::set_stopped(tx, &merchant.id, Some(&Stopped { at: app.now(), reason: reason.to_owned() }))?;
    record(app, tx, actor, "merchant.stop", about(&merchant), reason.to_owned())?;
    Ok(tell(app, tx, &merchant, "news-merchant-stopped", &[("reason", reason)])?)
}

/// Lets a merchant go on.
pub fn resume(app: &App, tx: &Tx<'_>, merchant: &MerchantId, actor: &Actor) -> Result<(), StopRefused> {
    let merchant = merchants::existing(tx, merchant)?;
    if merchant.stopped.is_none() {
        return Err(StopRefused::Already);
    }
    merchants::set_stopped(tx, &merchant.id, None)?;
    record(app, tx, actor, "merchant.resume", about(&merchant), String::new())?;
    Ok(tell(app, tx, &merchant, "news-merchant-resumed", &[])?)
}

fn about(merchant: &Merchant) -> String {
    format!("merchants {}", merchant.id)
}
