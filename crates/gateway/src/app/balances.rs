//! What a merchant's book says: accounts with their balances, and entries page by page.

use domain::ledger::{Kind, Owner, Side};
use domain::{MerchantId, Units};

use super::App;
use crate::store::ledger::{self, AccountRow, EntryRow};
use crate::store::settlements::{self, SettlementRow};
use crate::store::{StoreError, Tx, ledger_pages};

/// An account and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    pub owner: Owner,
    pub kind: Kind,
    /// An asset's or a currency's code.
    pub asset: String,
    pub debit: Units,
    pub credit: Units,
    /// The side that is larger, and by how much.
    pub side: Side,
    pub units: Units,
    /// How many decimal places the amounts are written with.
    pub decimals: u8,
}

impl Balance {
    /// In plain decimal notation.
    pub fn decimal(&self) -> String {
        self.units.decimal(self.decimals, 0)
    }
}

/// Decimal places of an asset or a currency. A coin that is no longer configured is written in its smallest units.
pub fn decimals(app: &App, asset: &str) -> u8 {
    known_decimals(app, asset).unwrap_or(0)
}

/// None of a coin that is not configured any more.
pub fn known_decimals(app: &App, asset: &str) -> Option<u8> {
    let coin = app.asset(asset).map(|asset| asset.decimals);
    coin.or_else(|| domain::fiat::minor_digits(asset))
}

/// What follows an amount in smallest units of which nobody knows how many make one. In letters that every font has.
pub const SMALLEST: &str = " × 1/10^n";

fn balance(app: &App, row: AccountRow) -> Balance {
    let decimals = decimals(app, &row.account.asset);
    let (side, units) = match row.debit > row.credit {
        true => (Side::Debit, row.debit.less(row.credit)),
        false => (Side::Credit, row.credit.less(row.debit)),
    };
    let account = row.account;
    let (debit, credit) = (row.debit, row.credit);
    Balance { owner: account.owner, kind: account.kind, asset: account.asset, debit, credit, side, units, decimals }
}

/// Every account of the book, by asset: its trial balance.
pub fn accounts(app: &App, tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<Balance>, StoreError> {
    Ok(ledger::accounts(tx, merchant)?.into_iter().map(|row| balance(app, row)).collect())
}

/// What the merchant is owed, owes, or has set aside: its own accounts without those that only say where money lies.
pub fn own(app: &App, tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<Balance>, StoreError> {
    let is_own = |balance: &Balance| {
        balance.owner == Owner::Merchant && !matches!(balance.kind, Kind::Clearing | Kind::Provider)
    };
    Ok(accounts(app, tx, merchant)?.into_iter().filter(is_own).collect())
}

/// A page of entries, newest first.
#[derive(Debug, Clone)]
pub struct Entries {
    pub rows: Vec<EntryRow>,
    /// Where the next page begins: below this number.
    pub next: Option<i64>,
}

/// Up to `limit` entries below number `before`.
pub fn entries(tx: &Tx<'_>, merchant: &MerchantId, before: Option<i64>, limit: usize) -> Result<Entries, StoreError> {
    let asked = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = ledger_pages::before(tx, merchant, before.unwrap_or(i64::MAX), asked)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.seq);
    Ok(Entries { rows, next })
}

/// A page of settlements, newest first; the statement of each is [`super::settlements::statement::statement`].
#[derive(Debug, Clone)]
pub struct Settlements {
    pub rows: Vec<SettlementRow>,
    /// Where the next page begins: below this number.
    pub next: Option<i64>,
}

/// Up to `limit` settlements below number `before`.
pub fn settlements(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    before: Option<i64>,
    limit: usize,
) -> Result<Settlements, StoreError> {
    let asked = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = settlements::before(tx, merchant, before.unwrap_or(i64::MAX), asked)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.number);
    Ok(Settlements { rows, next })
}
