//! Accounts at payment providers, and the order in which they are tried.

use domain::charge::Method;
use domain::ledger::Owner;
use domain::{AccountId, MerchantId, Time};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO provider_accounts (merchant_id, id, provider, method, owner, base_url, settings, sealed, active, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)";
    BY_ID = "SELECT * FROM provider_accounts WHERE id = $1";
    LIST = "SELECT * FROM provider_accounts ORDER BY merchant_id, created_at, id";
    OF_MERCHANT = "SELECT * FROM provider_accounts WHERE merchant_id = $1 ORDER BY created_at, id";
    SET_ACTIVE = "UPDATE provider_accounts SET active = $2 WHERE id = $1";
    SET_FIELDS = "UPDATE provider_accounts SET settings = $2, sealed = $3 WHERE id = $1";
    SET_BASE_URL = "UPDATE provider_accounts SET base_url = $2 WHERE id = $1";
    CLEAR_ROUTES = "DELETE FROM provider_routes WHERE merchant_id = $1 AND method = $2 AND currency = $3";
    ADD_ROUTE = "INSERT INTO provider_routes (merchant_id, method, currency, position, account_id) VALUES ($1, $2, $3, $4, $5)";
    ROUTES = "SELECT * FROM provider_routes WHERE merchant_id = $1 ORDER BY method, currency, position";
    ROUTES_TO = "SELECT m.number, m.name, r.currency, r.position FROM provider_routes r JOIN merchants m ON m.id = r.merchant_id
                 WHERE r.account_id = $1 ORDER BY r.merchant_id LIMIT $2";
    /// The routes for exactly this currency, then those for any.
    ROUTED = "SELECT a.*, r.currency AS route_currency FROM provider_routes r JOIN provider_accounts a ON a.id = r.account_id
              WHERE r.merchant_id = $1 AND a.merchant_id IN ('', r.merchant_id) AND r.method = $2 AND r.currency IN ($3, '*')
              ORDER BY r.currency DESC, r.position";
}

/// An account as it is stored: secrets are sealed to its id.
#[derive(Debug, Clone)]
pub struct AccountRow {
    pub id: AccountId,
    /// `None` for the operator's.
    pub merchant_id: Option<MerchantId>,
    pub provider: String,
    pub method: Method,
    /// Whose money arrives there.
    pub owner: Owner,
    pub base_url: String,
    /// What is not secret, as a JSON object of texts.
    pub settings: String,
    /// The secrets, a sealed JSON object of texts.
    pub sealed: String,
    pub active: bool,
    pub created_at: Time,
}

/// A line of a merchant's routing.
#[derive(Debug, Clone)]
pub struct RouteRow {
    pub method: Method,
    /// ISO 4217, or `*`.
    pub currency: String,
    pub position: i64,
    pub account_id: AccountId,
}

pub fn insert(tx: &Tx<'_>, row: &AccountRow) -> Result<(), StoreError> {
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_ref().map_or("", MerchantId::as_str),
            row.id.as_str(),
            &row.provider,
            row.method.name(),
            row.owner.name(),
            &row.base_url,
            &row.settings,
            &row.sealed,
            row.created_at,
        ],
    )
}

fn account(row: &Row<'_>) -> Result<AccountRow, StoreError> {
    const TABLE: &str = "provider_accounts";
    let id = row.parsed(TABLE, "id", "?", |text| AccountId::parse(text).ok())?;
    Ok(AccountRow {
        merchant_id: row.parsed(TABLE, "merchant_id", id.as_str(), |text| match text {
            "" => Some(None),
            text => MerchantId::parse(text).ok().map(Some),
        })?,
        provider: row.text("provider")?,
        method: row.parsed(TABLE, "method", id.as_str(), Method::from_name)?,
        owner: row.parsed(TABLE, "owner", id.as_str(), Owner::from_name)?,
        base_url: row.text("base_url")?,
        settings: row.text("settings")?,
        sealed: row.text("sealed")?,
        active: row.flag("active")?,
        created_at: row.time("created_at")?,
        id,
    })
}

pub fn by_id(tx: &Tx<'_>, id: &AccountId) -> Result<Option<AccountRow>, StoreError> {
    tx.row(BY_ID, values![id.as_str()], account)
}

/// An account that rows refer to.
pub fn existing(tx: &Tx<'_>, id: &AccountId) -> Result<AccountRow, StoreError> {
    by_id(tx, id)?.ok_or_else(|| StoreError::Inconsistent(format!("account {id} is referred to but not there")))
}

pub fn list(tx: &Tx<'_>) -> Result<Vec<AccountRow>, StoreError> {
    tx.rows(LIST, values![], account)
}

/// A merchant's own, the oldest first.
pub fn of_merchant(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<AccountRow>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str()], account)
}

pub fn set_active(tx: &Tx<'_>, id: &AccountId, active: bool) -> Result<(), StoreError> {
    tx.execute_one(SET_ACTIVE, values![id.as_str(), active])
}

/// Puts other settings and secrets in the place of an account's.
pub fn set_fields(tx: &Tx<'_>, id: &AccountId, settings: &str, sealed: &str) -> Result<(), StoreError> {
    tx.execute_one(SET_FIELDS, values![id.as_str(), settings, sealed])
}

pub fn set_base_url(tx: &Tx<'_>, id: &AccountId, base_url: &str) -> Result<(), StoreError> {
    tx.execute_one(SET_BASE_URL, values![id.as_str(), base_url])
}

/// Puts `accounts`, in their order, in the place of a merchant's routes of one method and currency (`*` for any).
pub fn set_routes(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    method: Method,
    currency: &str,
    accounts: &[AccountId],
) -> Result<(), StoreError> {
    tx.execute(CLEAR_ROUTES, values![merchant.as_str(), method.name(), currency])?;
    for (position, account) in (1i64..).zip(accounts) {
        tx.execute_one(ADD_ROUTE, values![merchant.as_str(), method.name(), currency, position, account.as_str()])?;
    }
    Ok(())
}

pub fn routes(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<RouteRow>, StoreError> {
    tx.rows(ROUTES, values![merchant.as_str()], |row| {
        let id = merchant.as_str();
        Ok(RouteRow {
            method: row.parsed("provider_routes", "method", id, Method::from_name)?,
            currency: row.text("currency")?,
            position: row.int("position")?,
            account_id: row.parsed("provider_routes", "account_id", id, |text| AccountId::parse(text).ok())?,
        })
    })
}

/// A merchant that an account is among the routes of.
#[derive(Debug, Clone)]
pub struct RouteTo {
    pub merchant: i64,
    pub name: String,
    pub currency: String,
    pub position: i64,
}

/// Whose payers are sent to an account: up to `limit` routes.
pub fn routes_to(tx: &Tx<'_>, account: &AccountId, limit: i64) -> Result<Vec<RouteTo>, StoreError> {
    tx.rows(ROUTES_TO, values![account.as_str(), limit], |row| {
        Ok(RouteTo {
            merchant: row.int("number")?,
            name: row.text("name")?,
            currency: row.text("currency")?,
            position: row.int("position")?,
        })
    })
}

/// The active accounts for a method and currency, in the order to try them: routes of that very currency, if there are any, else
/// those for any currency. A currency with an order of its own never falls back on that for any, be all its accounts off: the money
/// would arrive with somebody else.
pub fn routed(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    method: Method,
    currency: &str,
) -> Result<Vec<AccountRow>, StoreError> {
    let found = tx.rows(ROUTED, values![merchant.as_str(), method.name(), currency], |row| {
        Ok((row.text("route_currency")?, account(row)?))
    })?;
    let exact = found.iter().any(|(routed_for, _)| routed_for == currency);
    let taken = found.into_iter().filter(|(routed_for, row)| row.active && (!exact || routed_for == currency));
    Ok(taken.map(|(_, row)| row).collect())
}
