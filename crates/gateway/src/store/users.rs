//! People who sign in.

use domain::{Time, UserId};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO users (id, email, confirmed_at, password_hash, totp_secret, totp_step, is_operator, locale, created_at, version)
              VALUES ($1, $2, $3, $4, NULL, NULL, $5, $6, $7, 1) ON CONFLICT (email) DO NOTHING";
    BY_ID = "SELECT * FROM users WHERE id = $1";
    BY_EMAIL = "SELECT * FROM users WHERE email = $1";
    OPERATORS = "SELECT * FROM users WHERE is_operator = 1 ORDER BY email";
    LIST = "SELECT * FROM users WHERE email > $1 ORDER BY email LIMIT $2";
    BEGINNING_WITH = "SELECT * FROM users WHERE email >= $1 AND email < $2 AND email > $3 ORDER BY email LIMIT $4";
    ENABLED = "SELECT * FROM users WHERE id = $1 AND disabled_at IS NULL";
    SET_LOCALE = "UPDATE users SET locale = $2, version = version + 1 WHERE id = $1";
    SET_DISABLED = "UPDATE users SET disabled_at = $2, version = version + 1 WHERE id = $1";
    UPDATE = "UPDATE users SET confirmed_at = $3, password_hash = $4, totp_secret = $5, totp_step = $6, is_operator = $7, locale = $8,
                version = version + 1 WHERE id = $1 AND version = $2";
}

#[derive(Clone, PartialEq, Eq)]
pub struct UserRow {
    pub id: UserId,
    /// In lower case.
    pub email: String,
    /// When it was shown that the address is his.
    pub confirmed_at: Option<Time>,
    /// Argon2id in PHC form.
    pub password_hash: Option<String>,
    /// Sealed to the user's id.
    pub totp_secret: Option<String>,
    /// Of the last code taken.
    pub totp_step: Option<i64>,
    pub is_operator: bool,
    /// The language he chose.
    pub locale: Option<String>,
    pub created_at: Time,
    pub version: i64,
}

/// Without what guards the account.
impl std::fmt::Debug for UserRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserRow({})", self.id)
    }
}

/// False when somebody has this address already.
pub fn insert(tx: &Tx<'_>, user: &UserRow) -> Result<bool, StoreError> {
    let values = values![
        user.id.as_str(),
        &user.email,
        user.confirmed_at,
        user.password_hash.as_deref(),
        user.is_operator,
        user.locale.as_deref(),
        user.created_at,
    ];
    Ok(tx.execute(INSERT, values)? == 1)
}

fn read(row: &Row<'_>) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        id: row.parsed("users", "id", "?", |text| UserId::parse(text).ok())?,
        email: row.text("email")?,
        confirmed_at: row.opt_int("confirmed_at")?.map(Time),
        password_hash: row.opt_text("password_hash")?,
        totp_secret: row.opt_text("totp_secret")?,
        totp_step: row.opt_int("totp_step")?,
        is_operator: row.flag("is_operator")?,
        locale: row.opt_text("locale")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}

pub fn by_id(tx: &Tx<'_>, id: &UserId) -> Result<Option<UserRow>, StoreError> {
    tx.row(BY_ID, values![id.as_str()], read)
}

/// `email` in lower case.
pub fn by_email(tx: &Tx<'_>, email: &str) -> Result<Option<UserRow>, StoreError> {
    tx.row(BY_EMAIL, values![email], read)
}

pub fn operators(tx: &Tx<'_>) -> Result<Vec<UserRow>, StoreError> {
    tx.rows(OPERATORS, values![], read)
}

/// Up to `limit` after `email`, by address.
pub fn list(tx: &Tx<'_>, after: &str, limit: i64) -> Result<Vec<UserRow>, StoreError> {
    tx.rows(LIST, values![after, limit], read)
}

/// Writes what may change; the row must still be as it was read.
pub fn update(tx: &Tx<'_>, user: &UserRow) -> Result<(), StoreError> {
    let values = values![
        user.id.as_str(),
        user.version,
        user.confirmed_at,
        user.password_hash.as_deref(),
        user.totp_secret.as_deref(),
        user.totp_step,
        user.is_operator,
        user.locale.as_deref(),
    ];
    tx.execute_one(UPDATE, values)
}

/// Somebody as the operator's list has him.
#[derive(Debug, Clone)]
pub struct Listed {
    pub user: UserRow,
    pub disabled_at: Option<Time>,
}

/// Up to `limit` after `email` whose address begins with `part`, in lower case, by address.
pub fn beginning_with(tx: &Tx<'_>, part: &str, after: &str, limit: i64) -> Result<Vec<Listed>, StoreError> {
    // nothing in an address is above this
    let end = format!("{part}\u{10ffff}");
    let listed = |row: &Row<'_>| Ok(Listed { user: read(row)?, disabled_at: row.opt_int("disabled_at")?.map(Time) });
    tx.rows(BEGINNING_WITH, values![part, &end, after, limit], listed)
}

/// Who may sign in, and whose sessions count: unless he was disabled.
pub fn enabled(tx: &Tx<'_>, id: &UserId) -> Result<Option<UserRow>, StoreError> {
    tx.row(ENABLED, values![id.as_str()], read)
}

/// The language of his mails.
pub fn set_locale(tx: &Tx<'_>, id: &UserId, locale: &str) -> Result<(), StoreError> {
    tx.execute_one(SET_LOCALE, values![id.as_str(), locale])
}

pub fn set_disabled(tx: &Tx<'_>, id: &UserId, at: Option<Time>) -> Result<(), StoreError> {
    tx.execute_one(SET_DISABLED, values![id.as_str(), at])
}
