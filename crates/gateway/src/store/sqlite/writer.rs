//! Group commit: one thread takes whatever writes are waiting, runs them in one transaction, commits, and only then answers. An answered
//! write is on disk.
//!
//! Nearly all writes that begin to change rows go through, so they run without a savepoint each, which would copy every page they touch.
//! When one fails after it has changed something, the transaction is undone and all are run again, each under a savepoint.

use std::sync::mpsc;

use rusqlite::Connection;

use crate::store::group::Group;
use crate::store::job::{Boxed, Ran, Unkept};
use crate::store::version::MerchantsVersion;
use crate::store::{StoreError, Tx};

/// The most writes that share a commit: bounds how long the first of them waits.
const GROUP: usize = 256;

/// Starts the writer thread. It ends when the last handle is dropped and the queue is empty.
pub fn start(connection: Connection, version: MerchantsVersion) -> std::io::Result<mpsc::SyncSender<Boxed>> {
    let (queue, jobs) = mpsc::sync_channel::<Boxed>(4 * GROUP);
    let mut writer = Writer { connection, version };
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
    version: MerchantsVersion,
}

/// Whether a transaction is as it should be.
enum Stands {
    Yes,
    /// A write has failed halfway.
    No,
}

impl Writer {
    fn commit(&mut self, arriving: impl Iterator<Item = Boxed>) {
        let mut jobs = Vec::new();
        let committed = match self.together(arriving, &mut jobs) {
            Ok(Stands::Yes) => Ok(()),
            Ok(Stands::No) => self.each_undoable(&mut jobs),
            Err(error) => Err(error),
        };
        let committed = committed.map_err(|error| Unkept::No(error.to_string()));
        if let Err(error) = &committed {
            tracing::error!(?error, "A group of writes was not committed");
            self.roll_back();
        }
        for job in jobs {
            job.answer(committed.clone());
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
            if ran == Ran::Undo && group.has_changed() {
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
            if job.run(&Tx::sqlite(&self.connection).among(&group), true) == Ran::Undo {
                self.run("ROLLBACK TO one")?;
                group.undo();
            }
            self.run("RELEASE one")?;
        }
        self.seal(&group)
    }

    fn seal(&self, group: &Group) -> Result<(), StoreError> {
        group.write(&Tx::sqlite(&self.connection))?;
        self.run("COMMIT")?;
        self.version.committed(group);
        Ok(())
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
