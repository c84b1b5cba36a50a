//! People who are asked by mail to join a merchant.

use domain::access::Role;
use domain::{MerchantId, Time};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    /// Asked again, the link before is worth nothing.
    PUT = "INSERT INTO invitations (id, merchant_id, email, role, token_hash, invited_by, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (merchant_id, email) DO UPDATE SET id = excluded.id, role = excluded.role, token_hash = excluded.token_hash,
             invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at";
    BY_TOKEN = "SELECT * FROM invitations WHERE token_hash = $1";
    OF_MERCHANT = "SELECT * FROM invitations WHERE merchant_id = $1 ORDER BY created_at, email";
    DELETE = "DELETE FROM invitations WHERE merchant_id = $1 AND id = $2";
}

#[derive(Clone, PartialEq, Eq)]
pub struct InvitationRow {
    pub id: String,
    pub merchant_id: MerchantId,
    pub email: String,
    pub role: Role,
    pub token_hash: String,
    /// The address of whoever asked.
    pub invited_by: String,
    pub created_at: Time,
    pub expires_at: Time,
}

impl std::fmt::Debug for InvitationRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InvitationRow({} of {})", self.id, self.merchant_id)
    }
}

pub fn put(tx: &Tx<'_>, row: &InvitationRow) -> Result<(), StoreError> {
    let values = values![
        &row.id,
        row.merchant_id.as_str(),
        &row.email,
        row.role.name(),
        &row.token_hash,
        &row.invited_by,
        row.created_at,
        row.expires_at,
    ];
    tx.execute_one(PUT, values)
}

fn read(row: &Row<'_>) -> Result<InvitationRow, StoreError> {
    let id = row.text("id")?;
    Ok(InvitationRow {
        merchant_id: row.parsed("invitations", "merchant_id", &id, |text| MerchantId::parse(text).ok())?,
        email: row.text("email")?,
        role: row.parsed("invitations", "role", &id, Role::parse)?,
        token_hash: row.text("token_hash")?,
        invited_by: row.text("invited_by")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        id,
    })
}

pub fn by_token(tx: &Tx<'_>, token_hash: &str) -> Result<Option<InvitationRow>, StoreError> {
    tx.row(BY_TOKEN, values![token_hash], read)
}

pub fn of_merchant(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<InvitationRow>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str()], read)
}

/// False when it is not that merchant's, or not there.
pub fn delete(tx: &Tx<'_>, merchant: &MerchantId, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(DELETE, values![merchant.as_str(), id])? == 1)
}
