//! Payment links.

use domain::{MerchantId, Time, Units};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO payment_links (merchant_id, number, secret, devise, amount, min_amount, max_amount, title, description,
                reusable, expires_at, active, invoices, created_at, version)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, 0, $12, 1)";
    UPDATE = "UPDATE payment_links SET active = $3, invoices = $4, invoice_number = $5, version = version + 1
              WHERE merchant_id = $1 AND number = $2 AND version = $6";
    BY_NUMBER = "SELECT * FROM payment_links WHERE merchant_id = $1 AND number = $2";
    BEFORE = "SELECT * FROM payment_links WHERE merchant_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
}

/// A link. What it asks for never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    pub merchant_id: MerchantId,
    pub number: i64,
    /// The secret half of its address, in hex.
    pub secret: String,
    pub devise: String,
    pub asks: Asks,
    pub title: String,
    pub description: Option<String>,
    /// May be paid again and again.
    pub reusable: bool,
    pub expires_at: Option<Time>,
    /// Not switched off by the merchant.
    pub active: bool,
    /// How many invoices were made of it.
    pub invoices: i64,
    /// The newest of them.
    pub invoice_number: Option<i64>,
    pub created_at: Time,
    pub version: i64,
}

/// What it asks for, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    Fixed(Units),
    /// The payer says how much, within these, both included.
    Open {
        min: Option<Units>,
        max: Option<Units>,
    },
}

pub fn insert(tx: &Tx<'_>, row: &LinkRow) -> Result<(), StoreError> {
    let text = |units: Option<Units>| units.map(|units| units.to_string());
    let (amount, min, max) = match row.asks {
        Asks::Fixed(amount) => (text(Some(amount)), None, None),
        Asks::Open { min, max } => (None, text(min), text(max)),
    };
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            row.number,
            &row.secret,
            &row.devise,
            amount.as_deref(),
            min.as_deref(),
            max.as_deref(),
            &row.title,
            row.description.as_deref(),
            row.reusable,
            row.expires_at,
            row.created_at,
        ],
    )
}

/// Writes what may change, if nobody else did since it was read.
pub fn update(tx: &Tx<'_>, row: &mut LinkRow) -> Result<(), StoreError> {
    let (merchant, number) = (row.merchant_id.as_str(), row.number);
    tx.execute_one(UPDATE, values![merchant, number, row.active, row.invoices, row.invoice_number, row.version])?;
    row.version += 1;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<LinkRow, StoreError> {
    let number = row.int("number")?;
    let damaged = |column: &'static str, value: String| StoreError::Damaged {
        table: "payment_links",
        column,
        id: number.to_string(),
        value,
    };
    let units = |column: &'static str| match row.opt_text(column)? {
        Some(text) => Units::from_digits(&text).map(Some).map_err(|_| damaged(column, text)),
        None => Ok(None),
    };
    Ok(LinkRow {
        merchant_id: row.parsed("payment_links", "merchant_id", "?", |text| MerchantId::parse(text).ok())?,
        number,
        secret: row.text("secret")?,
        devise: row.text("devise")?,
        asks: match units("amount")? {
            Some(amount) => Asks::Fixed(amount),
            None => Asks::Open { min: units("min_amount")?, max: units("max_amount")? },
        },
        title: row.text("title")?,
        description: row.opt_text("description")?,
        reusable: row.flag("reusable")?,
        expires_at: row.opt_int("expires_at")?.map(Time),
        active: row.flag("active")?,
        invoices: row.int("invoices")?,
        invoice_number: row.opt_int("invoice_number")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}

pub fn by_number(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Option<LinkRow>, StoreError> {
    tx.row(BY_NUMBER, values![merchant.as_str(), number], read)
}

/// Below number `before`, newest first.
pub fn before(tx: &Tx<'_>, merchant: &MerchantId, before: i64, limit: i64) -> Result<Vec<LinkRow>, StoreError> {
    tx.rows(BEFORE, values![merchant.as_str(), before, limit], read)
}
