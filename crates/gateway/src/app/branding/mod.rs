//! What payers see of a merchant: its logo, its colour, the language he is written to in, the ways to pay.

pub mod colour;
pub mod frames;
pub mod logo;
pub mod ways;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::App;
use super::accounts::sessions::Desk;
use super::merchant_setup::wrote;
use crate::store::storefronts::{self, LogoRow};
use crate::store::{StoreError, Tx};
use colour::Colour;
use logo::Logo;

/// What a logo is known by: the first half of its SHA-256.
pub fn hash(png: &[u8]) -> String {
    hex::encode(&Sha256::digest(png)[..16])
}

/// Puts a logo in the place of the one before.
pub fn set_logo(app: &App, tx: &Tx<'_>, desk: &Desk, logo: &Logo) -> Result<(), StoreError> {
    let row = LogoRow { hash: hash(&logo.png), width: logo.width.into(), height: logo.height.into() };
    let old = storefronts::of(tx, &desk.merchant.id)?;
    if old.logo.as_ref() == Some(&row) {
        return Ok(());
    }
    storefronts::set_logo(tx, &desk.merchant.id, Some((&row, &STANDARD.encode(&logo.png))))?;
    wrote(app, tx, desk, "logo.set", format!("{} × {}, {}", row.width, row.height, row.hash))
}

/// False when there was none.
pub fn remove_logo(app: &App, tx: &Tx<'_>, desk: &Desk) -> Result<bool, StoreError> {
    let old = storefronts::of(tx, &desk.merchant.id)?;
    let Some(row) = old.logo else { return Ok(false) };
    storefronts::set_logo(tx, &desk.merchant.id, None)?;
    wrote(app, tx, desk, "logo.removed", row.hash)?;
    Ok(true)
}

/// The colour of the payer's page; none is that of everybody.
pub fn set_colour(app: &App, tx: &Tx<'_>, desk: &Desk, colour: Option<Colour>) -> Result<(), StoreError> {
    let (old, new) = (storefronts::of(tx, &desk.merchant.id)?.colour, colour.map(|colour| colour.to_string()));
    if old == new {
        return Ok(());
    }
    storefronts::set_colour(tx, &desk.merchant.id, new.as_deref())?;
    let said =
        |colour: &Option<String>| colour.as_ref().map_or_else(|| "none".to_owned(), |colour| format!("#{colour}"));
    wrote(app, tx, desk, "colour.set", format!("{} to {}", said(&old), said(&new)))
}

/// Which coins payers may choose from: of those there are, all but these.
fn set_coins(app: &App, tx: &Tx<'_>, desk: &Desk, off: &[String]) -> Result<(), StoreError> {
    let old = storefronts::of(tx, &desk.merchant.id)?.coins_off;
    if old == off {
        return Ok(());
    }
    storefronts::set_coins(tx, &desk.merchant.id, off)?;
    let said = |off: &[String]| if off.is_empty() { "none".to_owned() } else { off.join(", ") };
    wrote(app, tx, desk, "coins.set", format!("not offered: {} to {}", said(&old), said(off)))
}

/// How payers are written to.
pub fn set_ways(app: &App, tx: &Tx<'_>, desk: &Desk, lang: Option<&str>, receipts: bool) -> Result<(), StoreError> {
    let old = storefronts::of(tx, &desk.merchant.id)?;
    if (old.lang.as_deref(), old.receipts) == (lang, receipts) {
        return Ok(());
    }
    storefronts::set_ways(tx, &desk.merchant.id, lang, receipts)?;
    let said = |lang: Option<&str>, receipts: bool| {
        format!("{}, receipts {}", lang.unwrap_or("no language"), if receipts { "by themselves" } else { "by hand" })
    };
    wrote(
        app,
        tx,
        desk,
        "payers.set",
        format!("{} to {}", said(old.lang.as_deref(), old.receipts), said(lang, receipts)),
    )
}

/// The picture with this hash, if it is the merchant's now.
pub fn picture(tx: &Tx<'_>, merchant: i64, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(merchant) = crate::store::merchants::by_number(tx, merchant)? else { return Ok(None) };
    let Some(kept) = storefronts::logo(tx, &merchant.id, hash)? else { return Ok(None) };
    let damaged = || StoreError::Damaged {
        table: "storefronts",
        column: "logo",
        id: merchant.id.to_string(),
        value: "not base64".into(),
    };
    STANDARD.decode(kept).map(Some).map_err(|_| damaged())
}
