//! Who does what only one node may do at a time.

use domain::Time;

use super::tx::{StoreError, Tx, statements, values};

statements! {
    TAKE = "INSERT INTO leases (name, holder, fence, until) VALUES ($1, $2, 1, $3)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = leases.fence + 1, until = excluded.until
            WHERE leases.until <= $4 OR leases.holder = $5";
    FENCE = "SELECT fence FROM leases WHERE name = $1 AND holder = $2";
    RENEW = "UPDATE leases SET until = $4 WHERE name = $1 AND holder = $2 AND fence = $3";
    GIVE_BACK = "UPDATE leases SET until = 0 WHERE name = $1 AND holder = $2 AND fence = $3";
    LIST = "SELECT * FROM leases ORDER BY name";
}

/// A piece of work in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    pub holder: String,
    /// Counts up with each taking.
    pub fence: i64,
}

/// Takes it, if it is nobody's at the moment, or stands under the name `before` still: that of a process that has ended.
pub fn take(
    tx: &Tx<'_>,
    name: &str,
    holder: &str,
    before: Option<&str>,
    now: Time,
    until: Time,
) -> Result<Option<Lease>, StoreError> {
    if tx.execute(TAKE, values![name, holder, until, now, before.unwrap_or("")])? == 0 {
        return Ok(None);
    }
    let fence = tx.row(FENCE, values![name, holder], |row| row.int("fence"))?;
    Ok(fence.map(|fence| Lease { name: name.to_owned(), holder: holder.to_owned(), fence }))
}

/// Keeps it for longer; false when somebody else has taken it meanwhile.
pub fn renew(tx: &Tx<'_>, lease: &Lease, until: Time) -> Result<bool, StoreError> {
    Ok(tx.execute(RENEW, values![&lease.name, &lease.holder, lease.fence, until])? == 1)
}

/// Lets others have it at once.
pub fn give_back(tx: &Tx<'_>, lease: &Lease) -> Result<(), StoreError> {
    tx.execute(GIVE_BACK, values![&lease.name, &lease.holder, lease.fence]).map(|_| ())
}

/// Whether it is still in these hands: what is written under a lease asks this in the same transaction.
pub fn is_held(tx: &Tx<'_>, lease: &Lease) -> Result<bool, StoreError> {
    let fence = tx.row(FENCE, values![&lease.name, &lease.holder], |row| row.int("fence"))?;
    Ok(fence == Some(lease.fence))
}

/// All there are: name, holder, until when.
pub fn list(tx: &Tx<'_>) -> Result<Vec<(String, String, Time)>, StoreError> {
    tx.rows(LIST, values![], |row| Ok((row.text("name")?, row.text("holder")?, row.time("until")?)))
}
