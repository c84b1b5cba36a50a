//! Who is what at which merchant.

use domain::access::Role;
use domain::{MerchantId, Time, UserId};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO memberships (merchant_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)
              ON CONFLICT (merchant_id, user_id) DO NOTHING";
    ONE = "SELECT role FROM memberships WHERE merchant_id = $1 AND user_id = $2";
    OF_USER = "SELECT m.merchant_id, m.role, s.name, s.number FROM memberships m JOIN merchants s ON s.id = m.merchant_id
               WHERE m.user_id = $1 ORDER BY s.number";
    OF_MERCHANT = "SELECT m.user_id, m.role, m.created_at, u.email, u.totp_secret FROM memberships m JOIN users u ON u.id = m.user_id
                   WHERE m.merchant_id = $1 ORDER BY m.created_at, u.email";
    SET_ROLE = "UPDATE memberships SET role = $3 WHERE merchant_id = $1 AND user_id = $2";
    DELETE = "DELETE FROM memberships WHERE merchant_id = $1 AND user_id = $2";
}

/// A merchant of a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of {
    pub merchant_id: MerchantId,
    pub number: i64,
    pub name: String,
    pub role: Role,
}

/// A person of a merchant's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub user_id: UserId,
    pub email: String,
    pub role: Role,
    pub since: Time,
    pub has_second_factor: bool,
}

/// False when he is one already.
pub fn insert(tx: &Tx<'_>, merchant: &MerchantId, user: &UserId, role: Role, now: Time) -> Result<bool, StoreError> {
    Ok(tx.execute(INSERT, values![merchant.as_str(), user.as_str(), role.name(), now])? == 1)
}

fn role(row: &Row<'_>) -> Result<Role, StoreError> {
    row.parsed("memberships", "role", "?", Role::parse)
}

pub fn role_of(tx: &Tx<'_>, merchant: &MerchantId, user: &UserId) -> Result<Option<Role>, StoreError> {
    tx.row(ONE, values![merchant.as_str(), user.as_str()], role)
}

/// By the merchants' numbers.
pub fn of_user(tx: &Tx<'_>, user: &UserId) -> Result<Vec<Of>, StoreError> {
    tx.rows(OF_USER, values![user.as_str()], |row| {
        Ok(Of {
            merchant_id: row.parsed("memberships", "merchant_id", "?", |text| MerchantId::parse(text).ok())?,
            number: row.int("number")?,
            name: row.text("name")?,
            role: role(row)?,
        })
    })
}

/// Who came first, first.
pub fn of_merchant(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<Member>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str()], |row| {
        Ok(Member {
            user_id: row.parsed("memberships", "user_id", merchant.as_str(), |text| UserId::parse(text).ok())?,
            email: row.text("email")?,
            role: role(row)?,
            since: row.time("created_at")?,
            has_second_factor: row.opt_text("totp_secret")?.is_some(),
        })
    })
}

/// False when he is no member.
pub fn set_role(tx: &Tx<'_>, merchant: &MerchantId, user: &UserId, role: Role) -> Result<bool, StoreError> {
    Ok(tx.execute(SET_ROLE, values![merchant.as_str(), user.as_str(), role.name()])? == 1)
}

/// False when he was no member.
pub fn delete(tx: &Tx<'_>, merchant: &MerchantId, user: &UserId) -> Result<bool, StoreError> {
    Ok(tx.execute(DELETE, values![merchant.as_str(), user.as_str()])? == 1)
}
