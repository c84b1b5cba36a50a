//! Filters of lists that people keep under a name.

use domain::{MerchantId, Time, UserId};

use super::tx::{StoreError, Tx, statements, values};

statements! {
    PUT = "INSERT INTO saved_views (merchant_id, user_id, name, query, created_at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (merchant_id, user_id, name) DO UPDATE SET query = excluded.query";
    OF = "SELECT name, query FROM saved_views WHERE merchant_id = $1 AND user_id = $2 ORDER BY name";
    REMOVE = "DELETE FROM saved_views WHERE merchant_id = $1 AND user_id = $2 AND name = $3";
}

/// A list's address after its question mark, by the name it was kept under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewRow {
    pub name: String,
    pub query: String,
}

/// Keeps a view; one of the same name is another one now.
pub fn put(tx: &Tx<'_>, merchant: &MerchantId, user: &UserId, view: &ViewRow, now: Time) -> Result<(), StoreError> {
    tx.execute_one(PUT, values![merchant.as_str(), user.as_str(), &view.name, &view.query, now])
}

/// A person's views of this merchant, by name.
pub fn of(tx: &Tx<'_>, merchant: &MerchantId, user: &UserId) -> Result<Vec<ViewRow>, StoreError> {
    let read = |row: &super::tx::Row<'_>| Ok(ViewRow { name: row.text("name")?, query: row.text("query")? });
    tx.rows(OF, values![merchant.as_str(), user.as_str()], read)
}

/// False when there is none of that name.
pub fn remove(tx: &Tx<'_>, merchant: &MerchantId, user: &UserId, name: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(REMOVE, values![merchant.as_str(), user.as_str(), name])? == 1)
}
