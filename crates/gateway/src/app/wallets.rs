//! The wallet a merchant is paid to. The first is entered at once; another one waits, is announced, and can be called off until then,
//! so that who gets hold of the gateway for a moment does not get the money of the day after.

pub mod validate;

use alloy_primitives::Address;
use domain::MerchantId;
use domain::merchant::{Merchant, Wallet};

use super::acts::{Actor, record_for};
use super::news::tell_merchant as tell;
use super::{App, SharedApp};
use crate::store::wallet_changes::{self, ChangeRow, End};
use crate::store::{StoreError, Tx, merchants};
use crate::wire::time::written;

#[derive(Debug, thiserror::Error)]
pub enum WalletRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the merchant's wallet is active; another one is asked for without --pending, and waits")]
    Active,
    #[error("a change to {new} waits already, until {until}; cancel it first")]
    Waits { new: String, until: String },
    #[error("no change of the wallet waits")]
    NothingWaits,
}

/// What became of the wish for a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wished {
    /// It is the wallet now.
    Set,
    /// It was already.
    Same,
    /// It will be, at its time.
    Waits(ChangeRow),
}

/// What is wrong with a wallet's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("this is no address (0x and 40 hex digits)")]
    NoAddress,
    #[error("there is a typing error: the checksum is wrong")]
    Checksum,
    #[error("coins sent to the zero address are gone")]
    Zero,
}

/// Reads a wallet address. With capitals and small letters mixed, the EIP-55 checksum must be right.
pub fn read_address(text: &str) -> Result<String, BadAddress> {
    let address: Address = text.parse().map_err(|_| BadAddress::NoAddress)?;
    let digits = text.trim_start_matches("0x");
    let mixed = digits.chars().any(|c| c.is_ascii_uppercase()) && digits.chars().any(|c| c.is_ascii_lowercase());
    if mixed && Address::parse_checksummed(text, None).is_err() {
        return Err(BadAddress::Checksum);
    }
    if address.is_zero() {
        return Err(BadAddress::Zero);
    }
    Ok(address.to_string())
}

fn in_words(wallet: &Wallet) -> String {
    match wallet {
        Wallet::Missing => "none".into(),
        Wallet::Pending(address) => format!("{address}, to be validated"),
        Wallet::Active(address) => address.clone(),
    }
}

fn about(merchant: &Merchant) -> String {
    format!("merchants {}", merchant.id)
}

/// Enters a wallet, or asks for another one.
pub fn wish(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    wallet: Wallet,
    wait_millis: i64,
    actor: &Actor,
) -> Result<Wished, WalletRefused> {
    let (merchant, now) = (merchants::existing(tx, merchant)?, app.now());
    let (old, new) = match (&merchant.wallet, wallet) {
        (Wallet::Active(old), Wallet::Active(new)) => (old.clone(), new),
        (Wallet::Active(_), _) => return Err(WalletRefused::Active),
        (was, wallet) if *was == wallet => return Ok(Wished::Same),
        (_, wallet) => {
            merchants::set_wallet(tx, &merchant.id, &wallet)?;
            record_for(app, tx, actor, &merchant.id, "wallet.set", (about(&merchant), in_words(&wallet)))?;
            match &wallet {
                Wallet::Active(address) => tell(app, tx, &merchant, "news-wallet-entered", &[("address", address)])?,
                Wallet::Pending(address) => tell(app, tx, &merchant, "news-wallet-pending", &[("address", address)])?,
                Wallet::Missing => tell(app, tx, &merchant, "news-wallet-none", &[])?,
            }
            return Ok(Wished::Set);
        }
    };
    if let Some(waiting) = wallet_changes::waiting(tx, &merchant.id)? {
        return Err(WalletRefused::Waits { new: waiting.new, until: written(waiting.effective_at.0) });
    }
    if old == new {
        return Ok(Wished::Same);
    }
    let change = ChangeRow {
        merchant_id: merchant.id.clone(),
        seq: 0,
        old,
        new,
        asked_at: now,
        asked_by: actor.0.clone(),
        effective_at: now.plus(wait_millis),
    };
    wallet_changes::insert(tx, &change)?;
    let (old, new, until) = (&change.old, &change.new, written(change.effective_at.0));
    record_for(
        app,
        tx,
        actor,
        &merchant.id,
        "wallet.change_asked",
        (about(&merchant), format!("{old} to {new} at {until} UTC")),
    )?;
    tell(app, tx, &merchant, "news-wallet-change", &[("old", old), ("new", new), ("until", &until)])?;
    Ok(Wished::Waits(change))
}

/// Calls off the change that waits.
pub fn cancel(app: &App, tx: &Tx<'_>, merchant: &MerchantId, actor: &Actor) -> Result<ChangeRow, WalletRefused> {
    let merchant = merchants::existing(tx, merchant)?;
    let change = wallet_changes::waiting(tx, &merchant.id)?.ok_or(WalletRefused::NothingWaits)?;
    wallet_changes::end(tx, &change, End::Canceled, app.now())?;
    record_for(
        app,
        tx,
        actor,
        &merchant.id,
        "wallet.change_canceled",
        (about(&merchant), format!("{} stays", change.old)),
    )?;
    tell(app, tx, &merchant, "news-wallet-canceled", &[("new", &change.new), ("old", &change.old)])?;
    Ok(change)
}

/// Carries out what has waited long enough. Answers how many there were.
pub async fn take_effect_due(app: &SharedApp) -> Result<usize, StoreError> {
    let now = app.now();
    let due = app.store.read(|tx| wallet_changes::due(tx, now, 50)).await?;
    let count = due.len();
    for change in due {
        let (worker, merchant) = (app.clone(), change.merchant_id.clone());
        if let Err(error) = app.store.write(move |tx| take_effect(&worker, tx, &change)).await {
            tracing::error!(%merchant, %error, "A merchant's wallet could not be changed");
        }
    }
    Ok(count)
}

fn take_effect(app: &App, tx: &Tx<'_>, change: &ChangeRow) -> Result<(), StoreError> {
    let merchant = merchants::existing(tx, &change.merchant_id)?;
    // canceled since it was read
    if !wallet_changes::end(tx, change, End::Done, app.now())? {
        return Ok(());
    }
    merchants::set_wallet(tx, &merchant.id, &Wallet::Active(change.new.clone()))?;
    let actor = Actor("lockgate".into());
    record_for(
        app,
        tx,
        &actor,
        &merchant.id,
        "wallet.changed",
        (about(&merchant), format!("{} to {}", change.old, change.new)),
    )?;
    tell(app, tx, &merchant, "news-wallet-changed", &[("new", &change.new), ("old", &change.old)])?;
    tracing::info!(merchant = merchant.number, "A merchant's wallet has changed");
    Ok(())
}

#[cfg(test)]
mod tests;
