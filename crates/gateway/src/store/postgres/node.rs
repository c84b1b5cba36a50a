//! This process among those on one database, and how it finds out whether a commit came to pass whose answer was lost: each commit writes
//! its number into the process's own row.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use super::connect::Address;
use super::session::Session;
use crate::store::error::StoreError;
use crate::store::tx::{Tx, values};

/// The database's time in milliseconds: this table is PostgreSQL's alone.
const ENTER: &str = "INSERT INTO nodes (id, last_group, seen_at)
    VALUES ($1, 0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)";
/// An upsert: a process that was quiet for so long that its row was deleted commits all the same.
const MARK: &str = "INSERT INTO nodes (id, last_group, seen_at)
    VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
    ON CONFLICT (id) DO UPDATE SET last_group = excluded.last_group, seen_at = excluded.seen_at";
/// Waits for a commit that the server still works on, whether it updates the row or makes it anew: a second row with this id waits for the first.
const LAST: &str = "INSERT INTO nodes (id, last_group, seen_at)
    VALUES ($1, -1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at RETURNING last_group";
/// A bounded number, and none in whose row a commit is being written. Rows without a time are those of a release before V18.
const FORGET: &str = "DELETE FROM nodes WHERE id IN (SELECT id FROM nodes
    WHERE seen_at > 0 AND seen_at < (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1
    ORDER BY seen_at LIMIT 500 FOR UPDATE SKIP LOCKED)";

/// Far longer than anybody asks about a lost commit.
const FORGOTTEN_AFTER_MILLIS: i64 = 7 * 24 * 3_600_000;

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
        let tx = Tx::postgres(&session);
        tx.execute_one(ENTER, values![&id])?;
        tx.execute(FORGET, values![FORGOTTEN_AFTER_MILLIS])?;
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

    /// Asks, on a connection of its own, whether a commit was kept. While the server still works on the commit, it waits. The question is
    /// written down, so this asking commits too, and, where a standby must confirm commits, is confirmed after that which it asks about:
    /// what it finds kept is kept there as well.
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
        // a row made anew has -1: another server took over, and had not heard of this process. It has none of its commits
        Ok((last.unwrap_or(-1), session))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::postgres::migrate;
    use crate::store::testing::postgres;

    fn names(session: &Session) -> Vec<String> {
        Tx::postgres(session).rows("SELECT id FROM nodes ORDER BY id", values![], |row| row.text("id")).unwrap()
    }

    /// Rows of processes long gone go; one that was only quiet commits all the same, and learns what became of its commits.
    #[test]
    fn processes_long_gone_are_forgotten_and_the_quiet_ones_are_not_harmed() {
        let Some(url) = postgres::fresh() else { return };
        let address = Address::parse(&url).unwrap();
        migrate(&address).unwrap();
        let (quiet, session) = Node::enter(address.clone(), "quiet".into()).unwrap();
        let (_, other) = Node::enter(address.clone(), "busy".into()).unwrap();
        other.run("UPDATE nodes SET seen_at = seen_at - 8 * 24 * 3600000 WHERE id = 'quiet'").unwrap();
        other.run("INSERT INTO nodes (id, last_group) VALUES ('of a release before', 3)").unwrap();
        Node::enter(address, "new".into()).unwrap();
        assert_eq!(names(&other), ["busy", "new", "of a release before"]);

        // a commit is at work, and somebody asks about it: he waits, though the row is not there yet
        session.run("BEGIN").unwrap();
        let mark = quiet.mark(&session).unwrap();
        let quiet = Arc::new(quiet);
        let asks = quiet.clone();
        let asking = std::thread::spawn(move || asks.was_kept(mark).map(|(kept, _)| kept));
        let waits = "SELECT count(*) AS waits FROM pg_locks WHERE NOT granted AND pid IN
                     (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
        let waiting = || Tx::postgres(&other).row(waits, values![], |row| row.int("waits")).unwrap();
        let began = Instant::now();
        while waiting() == Some(0) {
            assert!(began.elapsed() < PATIENCE && !asking.is_finished(), "it did not wait");
        }
        session.run("COMMIT").unwrap();
        assert!(asking.join().unwrap().unwrap());

        session.run("BEGIN").unwrap();
        let undone = quiet.mark(&session).unwrap();
        session.run("ROLLBACK").unwrap();
        assert!(!quiet.was_kept(undone).unwrap().0);
        // gone when asked for: a server that took over and had not heard of it has none of its commits
        session.run("DELETE FROM nodes WHERE id = 'quiet'").unwrap();
        assert!(!quiet.was_kept(mark).unwrap().0 && !quiet.was_kept(mark).unwrap().0);
    }
}
