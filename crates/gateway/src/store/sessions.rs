//! Browsers that are signed in. A session is found by the hash of its cookie's token.

use domain::{MerchantId, Time, UserId};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO sessions (token_hash, id, user_id, is_complete, merchant_id, csrf, created_at, last_seen_at, expires_at, ip, user_agent)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    BY_TOKEN = "SELECT * FROM sessions WHERE token_hash = $1";
    OF_USER = "SELECT * FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, id";
    SEEN = "UPDATE sessions SET last_seen_at = $2, ip = $3 WHERE token_hash = $1";
    SET_MERCHANT = "UPDATE sessions SET merchant_id = $2 WHERE token_hash = $1";
    END = "DELETE FROM sessions WHERE token_hash = $1";
    END_BY_ID = "DELETE FROM sessions WHERE user_id = $1 AND id = $2";
    END_OTHERS = "DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2";
    END_ALL = "DELETE FROM sessions";
    FORGET = "DELETE FROM sessions WHERE expires_at < $1";
}

#[derive(Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub token_hash: String,
    /// Names it in lists.
    pub id: String,
    pub user_id: UserId,
    /// False between password and second factor.
    pub is_complete: bool,
    /// The merchant that is looked at.
    pub merchant_id: Option<MerchantId>,
    /// What a form of this session must hold.
    pub csrf: String,
    pub created_at: Time,
    pub last_seen_at: Time,
    pub expires_at: Time,
    pub ip: String,
    pub user_agent: String,
}

impl std::fmt::Debug for SessionRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionRow({} of {})", self.id, self.user_id)
    }
}

pub fn insert(tx: &Tx<'_>, session: &SessionRow) -> Result<(), StoreError> {
    let values = values![
        &session.token_hash,
        &session.id,
        session.user_id.as_str(),
        session.is_complete,
        session.merchant_id.as_ref().map(MerchantId::as_str),
        &session.csrf,
        session.created_at,
        session.last_seen_at,
        session.expires_at,
        &session.ip,
        &session.user_agent,
    ];
    tx.execute_one(INSERT, values)
}

fn read(row: &Row<'_>) -> Result<SessionRow, StoreError> {
    let id = row.text("id")?;
    let merchant = row.opt_text("merchant_id")?.map(|text| {
        MerchantId::parse(&text).map_err(|_| StoreError::Damaged {
            table: "sessions",
            column: "merchant_id",
            id: id.clone(),
            value: text,
        })
    });
    Ok(SessionRow {
        token_hash: row.text("token_hash")?,
        user_id: row.parsed("sessions", "user_id", &id, |text| UserId::parse(text).ok())?,
        is_complete: row.flag("is_complete")?,
        merchant_id: merchant.transpose()?,
        csrf: row.text("csrf")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
        expires_at: row.time("expires_at")?,
        ip: row.text("ip")?,
        user_agent: row.text("user_agent")?,
        id,
    })
}

pub fn by_token(tx: &Tx<'_>, token_hash: &str) -> Result<Option<SessionRow>, StoreError> {
    tx.row(BY_TOKEN, values![token_hash], read)
}

/// The last used first.
pub fn of_user(tx: &Tx<'_>, user: &UserId) -> Result<Vec<SessionRow>, StoreError> {
    tx.rows(OF_USER, values![user.as_str()], read)
}

pub fn seen(tx: &Tx<'_>, token_hash: &str, now: Time, ip: &str) -> Result<(), StoreError> {
    tx.execute(SEEN, values![token_hash, now, ip]).map(|_| ())
}

pub fn set_merchant(tx: &Tx<'_>, token_hash: &str, merchant: Option<&MerchantId>) -> Result<(), StoreError> {
    tx.execute(SET_MERCHANT, values![token_hash, merchant.map(MerchantId::as_str)]).map(|_| ())
}

pub fn end(tx: &Tx<'_>, token_hash: &str) -> Result<(), StoreError> {
    tx.execute(END, values![token_hash]).map(|_| ())
}

/// Ends one of a person's sessions; false when it is not his, or not there.
pub fn end_by_id(tx: &Tx<'_>, user: &UserId, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(END_BY_ID, values![user.as_str(), id])? == 1)
}

/// Ends all of a person's sessions but `keep` (none of that hash: all).
pub fn end_others(tx: &Tx<'_>, user: &UserId, keep: &str) -> Result<usize, StoreError> {
    tx.execute(END_OTHERS, values![user.as_str(), keep])
}

/// Ends everybody's.
pub fn end_all(tx: &Tx<'_>) -> Result<usize, StoreError> {
    tx.execute(END_ALL, values![])
}

/// Deletes what ran out.
pub fn forget(tx: &Tx<'_>, now: Time) -> Result<(), StoreError> {
    tx.execute(FORGET, values![now]).map(|_| ())
}
