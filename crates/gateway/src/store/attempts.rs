//! Payment attempts: immutable once made.

use domain::attempt::Attempt;
use domain::fee::BasisPoints;
use domain::rate::Rate;
use domain::{AttemptId, MerchantId, Time, Units};

use super::settings;
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO attempts (merchant_id, id, invoice_number, asset, chain, address, salt, merchant_wallet, fee_wallet,
                fee_bps, due_minor, due_units, rate_price, rate_source, rate_at, at_par, quote_expires_at, created_at, seq)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    OF_INVOICE = "SELECT * FROM attempts WHERE merchant_id = $1 AND invoice_number = $2 ORDER BY created_at, id";
    BY_ID = "SELECT * FROM attempts WHERE merchant_id = $1 AND id = $2";
    /// Newest first: of invoices that still wait for money.
    OPEN_IN_COIN = "SELECT a.* FROM attempts a JOIN invoices i ON i.merchant_id = a.merchant_id AND i.number = a.invoice_number
                    WHERE a.chain = $1 AND a.created_at >= $2 AND a.asset = $3 AND i.state IN ('created', 'opened')
                    ORDER BY a.created_at DESC LIMIT $4";
    INVOICE_OF = "SELECT invoice_number FROM attempts WHERE merchant_id = $1 AND id = $2";
    WATCHED = "SELECT merchant_id, id, invoice_number, address, seq FROM attempts WHERE chain = $1 AND created_at >= $2";
    MADE_AFTER = "SELECT merchant_id, id, invoice_number, address, seq FROM attempts WHERE chain = $1 AND seq > $2";
    IS_ADDRESS = "SELECT count(*) AS attempts FROM attempts WHERE chain = $1 AND address = $2";
}

/// Whose a watched address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    pub merchant_id: MerchantId,
    pub attempt_id: AttemptId,
    pub invoice_number: i64,
}

/// An address as it is stored.
#[derive(Debug, Clone)]
pub struct Known {
    pub address: [u8; 20],
    pub watched: Watched,
    /// Counts up in the order in which attempts are stored.
    pub seq: i64,
}

pub fn insert(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64, attempt: &Attempt) -> Result<(), StoreError> {
    tx.execute_one(
        INSERT,
        values![
            merchant.as_str(),
            attempt.id.as_str(),
            invoice,
            &attempt.asset,
            &attempt.chain,
            &hex::encode(attempt.address),
            &hex::encode(attempt.salt),
            &hex::encode(attempt.merchant_wallet),
            &hex::encode(attempt.fee_wallet),
            i64::from(attempt.fee.get()),
            &attempt.due_minor.to_string(),
            &attempt.due_units.to_string(),
            &attempt.rate.price.to_string(),
            &attempt.rate.source,
            attempt.rate.at,
            attempt.at_par,
            attempt.quote_expires_at,
            attempt.created_at,
            settings::next_number(tx, "attempt")?,
        ],
    )
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text).ok()?.try_into().ok()
}

fn attempt(row: &Row<'_>) -> Result<Attempt, StoreError> {
    let id = row.parsed("attempts", "id", "?", |text| AttemptId::parse(text).ok())?;
    let units = |column| row.parsed("attempts", column, id.as_str(), |text| Units::from_digits(text).ok());
    let address = |column| row.parsed("attempts", column, id.as_str(), bytes::<20>);
    let fee_bps = row.int("fee_bps")?;
    let bad_fee = |_| StoreError::Damaged {
        table: "attempts",
        column: "fee_bps",
        id: id.to_string(),
        value: fee_bps.to_string(),
    };
    Ok(Attempt {
        asset: row.text("asset")?,
        chain: row.text("chain")?,
        address: address("address")?,
        salt: row.parsed("attempts", "salt", id.as_str(), bytes::<32>)?,
        merchant_wallet: address("merchant_wallet")?,
        fee_wallet: address("fee_wallet")?,
        fee: BasisPoints::new(fee_bps).map_err(bad_fee)?,
        due_minor: units("due_minor")?,
        due_units: units("due_units")?,
        rate: Rate {
            price: row.parsed("attempts", "rate_price", id.as_str(), |text| text.parse().ok())?,
            source: row.text("rate_source")?,
            at: row.time("rate_at")?,
        },
        at_par: row.flag("at_par")?,
        quote_expires_at: row.time("quote_expires_at")?,
        created_at: row.time("created_at")?,
        id,
    })
}

/// Oldest first.
pub fn of_invoice(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Vec<Attempt>, StoreError> {
    tx.rows(OF_INVOICE, values![merchant.as_str(), invoice], attempt)
}

pub fn existing(tx: &Tx<'_>, merchant: &MerchantId, id: &AttemptId) -> Result<Attempt, StoreError> {
    tx.row(BY_ID, values![merchant.as_str(), id.as_str()], attempt)?
        .ok_or_else(|| StoreError::Inconsistent(format!("attempt {id} is referred to but not there")))
}

/// Attempts in one coin, made since `since`, whose invoices are open: (merchant, attempt), newest first.
pub fn open_in_coin(
    tx: &Tx<'_>,
    chain: &str,
    asset: &str,
    since: Time,
    limit: i64,
) -> Result<Vec<(MerchantId, Attempt)>, StoreError> {
    tx.rows(OPEN_IN_COIN, values![chain, since, asset, limit], |row| {
        Ok((row.parsed("attempts", "merchant_id", "?", |text| MerchantId::parse(text).ok())?, attempt(row)?))
    })
}

/// The number of the invoice an attempt is for.
pub fn invoice_of(tx: &Tx<'_>, merchant: &MerchantId, id: &AttemptId) -> Result<i64, StoreError> {
    tx.row(INVOICE_OF, values![merchant.as_str(), id.as_str()], |row| row.int("invoice_number"))?
        .ok_or_else(|| StoreError::Inconsistent(format!("attempt {id} is referred to but not there")))
}

/// The addresses to watch on a chain: those of attempts made since `since`.
pub fn watched(tx: &Tx<'_>, chain: &str, since: Time) -> Result<Vec<Known>, StoreError> {
    tx.rows(WATCHED, values![chain, since], known)
}

/// Those of whatever node that were stored after the one with this `seq`.
pub fn made_after(tx: &Tx<'_>, chain: &str, seq: i64) -> Result<Vec<Known>, StoreError> {
    tx.rows(MADE_AFTER, values![chain, seq], known)
}

fn known(row: &Row<'_>) -> Result<Known, StoreError> {
    let id = row.parsed("attempts", "id", "?", |text| AttemptId::parse(text).ok())?;
    let address = row.parsed("attempts", "address", id.as_str(), bytes::<20>)?;
    let merchant_id = row.parsed("attempts", "merchant_id", id.as_str(), |text| MerchantId::parse(text).ok())?;
    let watched = Watched { merchant_id, attempt_id: id, invoice_number: row.int("invoice_number")? };
    Ok(Known { address, watched, seq: row.int("seq")? })
}

/// Whether an address is one that somebody was, or is, to pay to.
pub fn is_deposit_address(tx: &Tx<'_>, chain: &str, address: &[u8; 20]) -> Result<bool, StoreError> {
    let found = tx.row(IS_ADDRESS, values![chain, &hex::encode(address)], |row| row.int("attempts"))?;
    Ok(found.is_some_and(|attempts| attempts > 0))
}
