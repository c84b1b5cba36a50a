//! The operator looks at the wallet a merchant entered, and lets it count or not. Whoever entered it is not the one who approves it.

use domain::MerchantId;
use domain::card::contains_number;
use domain::merchant::{Merchant, Wallet};

use super::about;
use crate::app::App;
use crate::app::acts::{Actor, record};
use crate::app::news::tell_merchant as tell;
use crate::store::{StoreError, Tx, audit_log, merchants};

/// The merchant reads it: a word says too little, and the log of acts keeps it for ever.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 8..=500;

#[derive(Debug, thiserror::Error)]
pub enum ValidationRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no wallet waits to be validated")]
    NothingWaits,
    #[error("another wallet was entered since")]
    Changed,
    #[error("whoever entered the wallet does not approve it")]
    SamePerson,
    #[error("the reason is {} to {} characters", REASON_CHARS.start(), REASON_CHARS.end())]
    NoReason,
    #[error("the reason holds a card number, and the log of acts is for ever: leave it out")]
    CardNumber,
}

/// The merchant, if this is the wallet of it that waits: what the operator saw and checked.
fn waiting(tx: &Tx<'_>, merchant: &MerchantId, seen: &str) -> Result<Merchant, ValidationRefused> {
    let merchant = merchants::existing(tx, merchant)?;
    match &merchant.wallet {
        Wallet::Pending(address) if address == seen => Ok(merchant),
        Wallet::Pending(_) => Err(ValidationRefused::Changed),
        _ => Err(ValidationRefused::NothingWaits),
    }
}

/// Lets the wallet count: from now on the merchant can sell for coins.
pub fn approve(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    seen: &str,
    actor: &Actor,
) -> Result<(), ValidationRefused> {
    let merchant = waiting(tx, merchant, seen)?;
    let about = about(&merchant);
    let entered = audit_log::about(tx, &about)?.into_iter().rev().find(|act| act.act == "wallet.set");
    if entered.is_some_and(|act| act.actor.eq_ignore_ascii_case(&actor.0)) {
        return Err(ValidationRefused::SamePerson);
    }
    merchants::set_wallet(tx, &merchant.id, &Wallet::Active(seen.to_owned()))?;
    record(app, tx, actor, "wallet.approve", about, seen.to_owned())?;
    Ok(tell(app, tx, &merchant, "news-wallet-active", &[("address", seen)])?)
}

/// Takes the wallet away, and tells the merchant why.
pub fn refuse(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    seen: &str,
    reason: &str,
    actor: &Actor,
) -> Result<(), ValidationRefused> {
    let merchant = waiting(tx, merchant, seen)?;
    let reason = reason.trim();
    if !REASON_CHARS.contains(&reason.chars().count()) {
        return Err(ValidationRefused::NoReason);
    }
    if contains_number(reason) {
        return Err(ValidationRefused::CardNumber);
    }
    merchants::set_wallet(tx, &merchant.id, &Wallet::Missing)?;
    record(app, tx, actor, "wallet.refuse", about(&merchant), format!("{seen}: {reason}"))?;
    Ok(tell(app, tx, &merchant, "news-wallet-refused", &[("address", seen), ("reason", reason)])?)
}
