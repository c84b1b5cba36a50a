//! What payers see of a merchant: logo, colour, language, and whether receipts go out by themselves.

use domain::MerchantId;

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    GET = "SELECT merchant_id, colour, lang, receipts, coins_off, frames, logo_hash, logo_width, logo_height FROM storefronts WHERE merchant_id = $1";
    LOGO = "SELECT logo FROM storefronts WHERE merchant_id = $1 AND logo_hash = $2";
    SET_COLOUR = "INSERT INTO storefronts (merchant_id, colour, receipts) VALUES ($1, $2, 0)
                  ON CONFLICT (merchant_id) DO UPDATE SET colour = excluded.colour";
    SET_LOGO = "INSERT INTO storefronts (merchant_id, receipts, logo_hash, logo_width, logo_height, logo) VALUES ($1, 0, $2, $3, $4, $5)
                ON CONFLICT (merchant_id) DO UPDATE SET logo_hash = excluded.logo_hash, logo_width = excluded.logo_width,
                  logo_height = excluded.logo_height, logo = excluded.logo";
    SET_COINS = "INSERT INTO storefronts (merchant_id, receipts, coins_off) VALUES ($1, 0, $2)
                 ON CONFLICT (merchant_id) DO UPDATE SET coins_off = excluded.coins_off";
    SET_FRAMES = "INSERT INTO storefronts (merchant_id, receipts, frames) VALUES ($1, 0, $2)
                  ON CONFLICT (merchant_id) DO UPDATE SET frames = excluded.frames";
    SET_WAYS = "INSERT INTO storefronts (merchant_id, lang, receipts) VALUES ($1, $2, $3)
                ON CONFLICT (merchant_id) DO UPDATE SET lang = excluded.lang, receipts = excluded.receipts";
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Storefront {
    /// Six hexadecimal digits.
    pub colour: Option<String>,
    /// A language's code: for payers of whom none is known.
    pub lang: Option<String>,
    /// A receipt goes out by itself when an invoice is paid.
    pub receipts: bool,
    /// Codes of coins that payers are not offered; those that come later are.
    pub coins_off: Vec<String>,
    /// Origins of sites that may show payers' pages in a frame.
    pub frames: Vec<String>,
    pub logo: Option<LogoRow>,
}

/// A logo without its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoRow {
    pub hash: String,
    pub width: i64,
    pub height: i64,
}

fn read(row: &Row<'_>) -> Result<Storefront, StoreError> {
    let logo = match (row.opt_text("logo_hash")?, row.opt_int("logo_width")?, row.opt_int("logo_height")?) {
        (Some(hash), Some(width), Some(height)) => Some(LogoRow { hash, width, height }),
        _ => None,
    };
    let words = |text: Option<String>| text.unwrap_or_default().split_whitespace().map(ToOwned::to_owned).collect();
    Ok(Storefront {
        colour: row.opt_text("colour")?,
        lang: row.opt_text("lang")?,
        receipts: row.flag("receipts")?,
        coins_off: words(row.opt_text("coins_off")?),
        frames: words(row.opt_text("frames")?),
        logo,
    })
}

/// A merchant's; one that has set nothing has the default.
pub fn of(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Storefront, StoreError> {
    Ok(tx.row(GET, values![merchant.as_str()], read)?.unwrap_or_default())
}

/// The picture with this hash, in base64.
pub fn logo(tx: &Tx<'_>, merchant: &MerchantId, hash: &str) -> Result<Option<String>, StoreError> {
    tx.row(LOGO, values![merchant.as_str(), hash], |row| row.text("logo"))
}

pub fn set_colour(tx: &Tx<'_>, merchant: &MerchantId, colour: Option<&str>) -> Result<(), StoreError> {
    tx.execute_one(SET_COLOUR, values![merchant.as_str(), colour])
}

/// With the picture, in base64; none takes the logo away.
pub fn set_logo(tx: &Tx<'_>, merchant: &MerchantId, logo: Option<(&LogoRow, &str)>) -> Result<(), StoreError> {
    let (row, picture) = (logo.map(|(row, _)| row), logo.map(|(_, picture)| picture));
    let (hash, width, height) = (row.map(|row| row.hash.as_str()), row.map(|row| row.width), row.map(|row| row.height));
    tx.execute_one(SET_LOGO, values![merchant.as_str(), hash, width, height, picture])
}

/// Which coins payers are not offered.
pub fn set_coins(tx: &Tx<'_>, merchant: &MerchantId, off: &[String]) -> Result<(), StoreError> {
    let off = Some(off.join(" ")).filter(|off| !off.is_empty());
    tx.execute_one(SET_COINS, values![merchant.as_str(), off.as_deref()])
}

/// Which sites may show payers' pages in a frame.
pub fn set_frames(tx: &Tx<'_>, merchant: &MerchantId, origins: &[String]) -> Result<(), StoreError> {
    let origins = Some(origins.join(" ")).filter(|origins| !origins.is_empty());
    tx.execute_one(SET_FRAMES, values![merchant.as_str(), origins.as_deref()])
}

/// How payers are written to.
pub fn set_ways(tx: &Tx<'_>, merchant: &MerchantId, lang: Option<&str>, receipts: bool) -> Result<(), StoreError> {
    tx.execute_one(SET_WAYS, values![merchant.as_str(), lang, receipts])
}
