//! Group commit: one thread takes whatever writes are waiting, runs them in one transaction, commits, and only then answers. An answered
//! write is on disk.
//!
//! Nearly all writes that begin to change rows go through, so they run without a savepoint each, which would copy every page they touch.
//! When one fails after it has changed something, the transaction is undone and all are run again, each under a savepoint.

use std::sync::mpsc;
use std::time::Instant;

use rusqlite::Connection;

use crate::store::group::Group;
use crate::store::health::Health;
use crate::store::job::{Boxed, Ran, Unkept};
use crate::store::{StoreError, Tx};
use crate::telemetry::metrics::METRICS;

/// The most writes that share a commit: bounds how long the first of them waits.
const GROUP: usize = 256;

/// Starts the writer thread. It ends when the last handle is dropped and the queue is empty.
pub fn start(connection: Connection, health: Health) -> std::io::Result<mpsc::SyncSender<Boxed>> {
    let (queue, jobs) = mpsc::sync_channel::<Boxed>(4 * GROUP);
    let mut writer = Writer { connection, health };
    std::thread::Builder::new().name("store-writer".into()).spawn(move || {
        while let Ok(first) = jobs.recv() {
            let group = std::iter::once(first).chain(std::iter::from_fn(|| jobs.try_recv().ok())).take(GROUP);
            writer.commit(group);
        }
    })?;
    Ok(queue)
}

struct Writer {
    connection: Connection,
    health: Health,
}

/// Whether a transaction is as it should be.
enum Stands {
    Yes,
    /// A write has failed halfway.
    No,
}

impl Writer {
    fn commit(&mut self, arriving: impl Iterator<Item = Boxed>) {
        let (mut jobs, mut began, before) = (Vec::new(), Instant::now(), self.connection.total_changes());
        let mut ended =
            |end, writes| METRICS.group_ended(end, writes, std::mem::replace(&mut began, Instant::now()).elapsed());
        let committed = match self.together(arriving, &mut jobs) {
            Ok(Stands::Yes) => Ok(()),
            Ok(Stands::No) => {
                ended("rerun", jobs.len());
                self.each_undoable(&mut jobs)
            }
            Err(error) => Err(error),
        };
        ended(if committed.is_ok() { "committed" } else { "failed" }, jobs.len());
        let committed = committed.map_err(|error| error.to_string());
        match &committed {
            // a commit of nothing says nothing of the disk
            Ok(()) if self.connection.total_changes() == before => {}
            Ok(()) => self.health.kept(),
            Err(why) => {
                self.health.refused(why, jobs.len());
                self.roll_back();
            }
        }
        for job in jobs {
            job.answer(committed.clone().map_err(Unkept::No));
        }
    }

    /// Runs the writes one after the other, and whatever arrives meanwhile.
    fn together(&self, arriving: impl Iterator<Item = Boxed>, jobs: &mut Vec<Boxed>) -> Result<Stands, StoreError> {
        let group = Group::default();
        if let Err(error) = self.run("BEGIN IMMEDIATE") {
            jobs.extend(arriving);
            return Err(error);
        }
        for mut job in arriving {
            group.begin();
            let ran = job.run(&Tx::sqlite(&self.connection).among(&group), false);
            jobs.push(job);
            if (ran == Ran::Undo && group.has_changed()) || self.connection.is_autocommit() {
                self.roll_back();
                return Ok(Stands::No);
            }
        }
        self.seal(&group).map(|()| Stands::Yes)
    }

    fn each_undoable(&self, jobs: &mut [Boxed]) -> Result<(), StoreError> {
        let group = Group::default();
        self.run("BEGIN IMMEDIATE")?;
        for job in jobs {
            group.begin();
            self.run("SAVEPOINT one")?;
            let ran = job.run(&Tx::sqlite(&self.connection).among(&group), true);
            self.under_way()?;
            if ran == Ran::Undo {
                self.run("ROLLBACK TO one")?;
                group.undo();
            }
            self.run("RELEASE one")?;
        }
        self.seal(&group)
    }

    /// SQLite ends a transaction by itself when it cannot write, and what comes after would be committed at once.
    fn under_way(&self) -> Result<(), StoreError> {
        match self.connection.is_autocommit() {
            true => Err(StoreError::NotCommitted("the database gave the transaction up".into())),
            false => Ok(()),
        }
    }

    fn seal(&self, group: &Group) -> Result<(), StoreError> {
        group.write(&Tx::sqlite(&self.connection))?;
        self.run("COMMIT")
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.connection.prepare_cached(sql)?.execute([]).map(|_| ())?)
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            let _ = self.run("ROLLBACK");
        }
    }
}
