//! This process among those on one database, and how it finds out whether a commit came to pass whose answer was lost: each commit writes
//! its number into the process's own row.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use super::connect::Address;
use super::session::Session;
use crate::store::error::StoreError;
use crate::store::tx::{Tx, values};

const ENTER: &str = "INSERT INTO nodes (id, last_group) VALUES ($1, 0)";
/// Enters the row again where it is gone: a standby that was behind when it took over may not have it.
const MARK: &str = "INSERT INTO nodes (id, last_group) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET last_group = excluded.last_group";
const LAST: &str = "SELECT last_group FROM nodes WHERE id = $1 FOR UPDATE";

/// How long a database that went away in the middle of a commit is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub struct Node {
    address: Address,
    id: String,
    groups: AtomicI64,
}

/// The number of a commit.
#[derive(Debug, Clone, Copy)]
pub struct Mark(i64);

impl Node {
    /// Enters a process under a name that no other has had.
    pub fn enter(address: Address, id: String) -> Result<(Node, Session), StoreError> {
        let session = address.session()?;
        Tx::postgres(&session).execute_one(ENTER, values![&id])?;
        Ok((Node { address, id, groups: AtomicI64::new(0) }, session))
    }

    pub fn session(&self) -> Result<Session, StoreError> {
        self.address.session()
    }

    /// Writes the number of the commit that is about to be made.
    pub fn mark(&self, session: &Session) -> Result<Mark, StoreError> {
        let number = self.groups.fetch_add(1, Ordering::Relaxed) + 1;
        Tx::postgres(session).execute_one(MARK, values![&self.id, number])?;
        Ok(Mark(number))
    }

    /// Whether a session is with the server that takes writes, as far as this process knows.
    pub fn is_current(&self, session: &Session) -> bool {
        session.server == self.address.current()
    }

    /// Asks, on a connection of its own, whether a commit was kept. The row is locked: while the server still works on the commit, it waits.
    /// A lock is written down, so this asking commits too, and, where a standby must confirm commits, is confirmed after that which it asks
    /// about: what it finds kept is kept there as well.
    pub fn was_kept(&self, mark: Mark) -> Result<(bool, Session), StoreError> {
        let began = Instant::now();
        loop {
            match self.ask() {
                Ok((last, session)) => return Ok((last == mark.0, session)),
                Err(error) if began.elapsed() > PATIENCE => return Err(error),
                Err(error) => tracing::debug!(%error, "The database cannot be asked yet"),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn ask(&self) -> Result<(i64, Session), StoreError> {
        let session = self.address.session()?;
        session.run("BEGIN")?;
        let last = Tx::postgres(&session).row(LAST, values![&self.id], |row| row.int("last_group"))?;
        session.run("COMMIT")?;
        // no row: another server took over, and had not heard of this process. It has none of its commits
        Ok((last.unwrap_or(0), session))
    }
}
