//! Settlements, their items, and what is kept in reserve.

use domain::charge::Money;
use domain::ledger::EntryRate;
use domain::settlement::Item;
use domain::{ChargeId, MerchantId, Time, TransferId, Units};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO settlements (merchant_id, number, asset, units, wallet, state, transfer_id, created_at, changed_at)
              VALUES ($1, $2, $3, $4, $5, 'under_way', $6, $7, $7)";
    UPDATE = "UPDATE settlements SET state = $3, tx_hash = $4, changed_at = $5, settled_at = $6 WHERE merchant_id = $1 AND number = $2";
    BY_NUMBER = "SELECT * FROM settlements WHERE merchant_id = $1 AND number = $2";
    OF_MERCHANT = "SELECT * FROM settlements WHERE merchant_id = $1 AND number > $2 ORDER BY number LIMIT 500";
    BEFORE = "SELECT * FROM settlements WHERE merchant_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    COUNT_ALL = "SELECT count(*) AS settlements FROM settlements";
    LAST_CANCELED = "SELECT max(changed_at) AS at FROM settlements WHERE merchant_id = $1 AND state = 'canceled'";
    INSERT_ITEM = "INSERT INTO settlement_items (merchant_id, number, charge_id, invoice_number, currency, gross, fee, deducted, reserve,
                     contribution, rate_price, rate_source, rate_at, coins, spread)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    ITEMS = "SELECT i.*, s.asset FROM settlement_items i JOIN settlements s ON s.merchant_id = i.merchant_id AND s.number = i.number
             WHERE i.merchant_id = $1 AND i.number = $2 ORDER BY i.invoice_number, i.charge_id";
    OF_CHARGE = "SELECT i.*, s.asset, s.state, s.tx_hash FROM settlement_items i JOIN settlements s ON s.merchant_id = i.merchant_id
                   AND s.number = i.number WHERE i.merchant_id = $1 AND i.charge_id = $2 ORDER BY i.number";
    COUNT_ITEMS = "SELECT count(*) AS items FROM settlement_items";
    INSERT_RESERVE = "INSERT INTO reserves (merchant_id, number, charge_id, invoice_number, currency, units, release_at, state)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, 'kept')";
    SET_RESERVE = "UPDATE reserves SET state = $4, released_at = $5 WHERE merchant_id = $1 AND number = $2 AND charge_id = $3";
    /// Only of settlements that arrived: one that is still under way may yet be called off, and its reserve with it.
    DUE_RESERVES = "SELECT r.* FROM reserves r JOIN settlements s ON s.merchant_id = r.merchant_id AND s.number = r.number
                    WHERE r.state = 'kept' AND r.release_at <= $1 AND s.state = 'done' ORDER BY r.release_at LIMIT $2";
    RESERVES_OF = "SELECT * FROM reserves WHERE merchant_id = $1 AND number = $2 ORDER BY charge_id";
    RESERVES_OF_CHARGE = "SELECT * FROM reserves WHERE merchant_id = $1 AND charge_id = $2 ORDER BY number";
    COUNT_RESERVES = "SELECT count(*) AS reserves FROM reserves";
}

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant),* }

        impl $name {
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some($name::$variant),)* _ => None }
            }
        }
    };
}

states! {
    /// `TakenBack`: it was done, and its transaction left the chain.
    State { UnderWay = "under_way", Done = "done", TakenBack = "taken_back", Canceled = "canceled" }
}
states! {
    /// `Void`: its settlement was called off.
    ReserveState { Kept = "kept", Released = "released", Void = "void" }
}

impl State {
    /// In plain words, for people.
    pub fn words(self) -> &'static str {
        match self {
            State::UnderWay => "set aside, not arrived yet",
            State::Done => "arrived",
            State::TakenBack => "had arrived, and left the chain",
            State::Canceled => "called off; its charges are settled anew",
        }
    }
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementRow {
    pub merchant_id: MerchantId,
    pub number: i64,
    /// The coin's code.
    pub asset: String,
    /// Base units of it.
    pub units: Units,
    pub wallet: String,
    pub state: State,
    pub transfer_id: TransferId,
    pub tx_hash: Option<String>,
    pub created_at: Time,
    pub changed_at: Time,
    pub settled_at: Option<Time>,
}

/// An item as it was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    pub number: i64,
    pub invoice_number: i64,
    pub item: Item,
    pub rate: EntryRate,
}

/// What is kept back of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReserveRow {
    pub merchant_id: MerchantId,
    /// Of the settlement.
    pub number: i64,
    pub charge_id: ChargeId,
    pub invoice_number: i64,
    pub kept: Money,
    pub release_at: Time,
    pub state: ReserveState,
    pub released_at: Option<Time>,
}

pub fn insert(tx: &Tx<'_>, row: &SettlementRow) -> Result<(), StoreError> {
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            row.number,
            &row.asset,
            &row.units.to_string(),
            &row.wallet,
            row.transfer_id.as_str(),
            row.created_at,
        ],
    )
}

pub fn update(tx: &Tx<'_>, row: &SettlementRow) -> Result<(), StoreError> {
    let (merchant, hash) = (row.merchant_id.as_str(), row.tx_hash.as_deref());
    tx.execute_one(UPDATE, values![merchant, row.number, row.state.name(), hash, row.changed_at, row.settled_at])
}

pub(super) fn settlement(row: &Row<'_>) -> Result<SettlementRow, StoreError> {
    const TABLE: &str = "settlements";
    let number = row.int("number")?;
    let id = number.to_string();
    Ok(SettlementRow {
        merchant_id: row.parsed(TABLE, "merchant_id", &id, |text| MerchantId::parse(text).ok())?,
        number,
        asset: row.text("asset")?,
        units: row.parsed(TABLE, "units", &id, |text| Units::from_digits(text).ok())?,
        wallet: row.text("wallet")?,
        state: row.parsed(TABLE, "state", &id, State::from_name)?,
        transfer_id: row.parsed(TABLE, "transfer_id", &id, |text| TransferId::parse(text).ok())?,
        tx_hash: row.opt_text("tx_hash")?,
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
        settled_at: row.opt_int("settled_at")?.map(Time),
    })
}

pub fn by_number(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Option<SettlementRow>, StoreError> {
    tx.row(BY_NUMBER, values![merchant.as_str(), number], settlement)
}

/// A merchant's, up to 500 after `number`.
pub fn after(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Vec<SettlementRow>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str(), number], settlement)
}

/// Below number `before`, newest first.
pub fn before(tx: &Tx<'_>, merchant: &MerchantId, before: i64, limit: i64) -> Result<Vec<SettlementRow>, StoreError> {
    tx.rows(BEFORE, values![merchant.as_str(), before, limit], settlement)
}

/// When a settlement of the merchant was last called off.
pub fn last_canceled(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Option<Time>, StoreError> {
    Ok(tx.row(LAST_CANCELED, values![merchant.as_str()], |row| row.opt_int("at"))?.flatten().map(Time))
}

pub fn insert_item(tx: &Tx<'_>, merchant: &MerchantId, row: &ItemRow) -> Result<(), StoreError> {
    let item = &row.item;
    tx.execute_one(
        INSERT_ITEM,
        values![
            merchant.as_str(),
            row.number,
            item.charge.as_str(),
            row.invoice_number,
            &item.currency,
            &item.gross.to_string(),
            &item.fee.to_string(),
            &item.deducted.to_string(),
            &item.reserve.to_string(),
            &item.contribution.to_string(),
            &row.rate.price,
            &row.rate.source,
            row.rate.at,
            &item.coins.to_string(),
            &item.spread.to_string(),
        ],
    )
}

fn item(row: &Row<'_>) -> Result<ItemRow, StoreError> {
    const TABLE: &str = "settlement_items";
    let charge = row.parsed(TABLE, "charge_id", "?", |text| ChargeId::parse(text).ok())?;
    let id = charge.to_string();
    let units = |column| row.parsed(TABLE, column, &id, |text| Units::from_digits(text).ok());
    Ok(ItemRow {
        number: row.int("number")?,
        invoice_number: row.int("invoice_number")?,
        item: Item {
            charge,
            asset: row.text("asset")?,
            currency: row.text("currency")?,
            gross: units("gross")?,
            fee: units("fee")?,
            deducted: units("deducted")?,
            reserve: units("reserve")?,
            contribution: units("contribution")?,
            coins: units("coins")?,
            spread: units("spread")?,
        },
        rate: EntryRate { price: row.text("rate_price")?, source: row.text("rate_source")?, at: row.time("rate_at")? },
    })
}

pub fn items(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Vec<ItemRow>, StoreError> {
    tx.rows(ITEMS, values![merchant.as_str(), number], item)
}

/// A charge's items with their settlements' states and hashes, oldest first.
pub fn of_charge(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    charge: &ChargeId,
) -> Result<Vec<(ItemRow, State, Option<String>)>, StoreError> {
    tx.rows(OF_CHARGE, values![merchant.as_str(), charge.as_str()], |row| {
        let state = row.parsed("settlements", "state", charge.as_str(), State::from_name)?;
        Ok((item(row)?, state, row.opt_text("tx_hash")?))
    })
}

pub fn insert_reserve(tx: &Tx<'_>, row: &ReserveRow) -> Result<(), StoreError> {
    tx.execute_one(
        INSERT_RESERVE,
        values![
            row.merchant_id.as_str(),
            row.number,
            row.charge_id.as_str(),
            row.invoice_number,
            &row.kept.currency,
            &row.kept.units.to_string(),
            row.release_at,
        ],
    )
}

pub fn set_reserve(tx: &Tx<'_>, row: &ReserveRow) -> Result<(), StoreError> {
    let key = (row.merchant_id.as_str(), row.number, row.charge_id.as_str());
    tx.execute_one(SET_RESERVE, values![key.0, key.1, key.2, row.state.name(), row.released_at])
}

fn reserve(row: &Row<'_>) -> Result<ReserveRow, StoreError> {
    const TABLE: &str = "reserves";
    let charge_id = row.parsed(TABLE, "charge_id", "?", |text| ChargeId::parse(text).ok())?;
    let id = charge_id.to_string();
    let units = row.parsed(TABLE, "units", &id, |text| Units::from_digits(text).ok())?;
    Ok(ReserveRow {
        merchant_id: row.parsed(TABLE, "merchant_id", &id, |text| MerchantId::parse(text).ok())?,
        number: row.int("number")?,
        charge_id,
        invoice_number: row.int("invoice_number")?,
        kept: Money { units, currency: row.text("currency")? },
        release_at: row.time("release_at")?,
        state: row.parsed(TABLE, "state", &id, ReserveState::from_name)?,
        released_at: row.opt_int("released_at")?.map(Time),
    })
}

/// Those whose time is over, of settlements that arrived, the longest due first.
pub fn due_reserves(tx: &Tx<'_>, now: Time, limit: i64) -> Result<Vec<ReserveRow>, StoreError> {
    tx.rows(DUE_RESERVES, values![now, limit], reserve)
}

pub fn reserves(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Vec<ReserveRow>, StoreError> {
    tx.rows(RESERVES_OF, values![merchant.as_str(), number], reserve)
}

pub fn reserves_of_charge(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    charge: &ChargeId,
) -> Result<Vec<ReserveRow>, StoreError> {
    tx.rows(RESERVES_OF_CHARGE, values![merchant.as_str(), charge.as_str()], reserve)
}

/// How many settlements, items and reserves there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<(i64, i64, i64), StoreError> {
    let settlements = tx.row(COUNT_ALL, values![], |row| row.int("settlements"))?.unwrap_or(0);
    let items = tx.row(COUNT_ITEMS, values![], |row| row.int("items"))?.unwrap_or(0);
    Ok((settlements, items, tx.row(COUNT_RESERVES, values![], |row| row.int("reserves"))?.unwrap_or(0)))
}
