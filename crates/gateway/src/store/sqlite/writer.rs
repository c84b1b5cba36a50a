//! Group commit: one thread takes whatever writes are waiting, runs each under a savepoint, commits them together,
//! and only then answers. An answered write is on disk.

use std::sync::mpsc;

use rusqlite::Connection;

use crate::store::Tx;
use crate::store::error::in_words;
use crate::store::health::Health;
use crate::store::job::{Boxed, Ran, Unkept};

/// The most writes that share a commit: bounds how long the first of them waits.
const GROUP: usize = 256;

/// Starts the writer thread. It ends when the last handle is dropped and the queue is empty.
pub fn start(mut connection: Connection, health: Health) -> std::io::Result<mpsc::SyncSender<Boxed>> {
    let (queue, jobs) = mpsc::sync_channel::<Boxed>(4 * GROUP);
    std::thread::Builder::new().name("store-writer".into()).spawn(move || {
        while let Ok(first) = jobs.recv() {
            let group = std::iter::once(first).chain(std::iter::from_fn(|| jobs.try_recv().ok())).take(GROUP);
            commit_group(&mut connection, group, &health);
        }
    })?;
    Ok(queue)
}

fn commit_group(connection: &mut Connection, group: impl Iterator<Item = Boxed>, health: &Health) {
    let before = connection.total_changes();
    let mut done = Vec::new();
    let committed = run_group(connection, group, &mut done).map_err(|error| in_words(&error));
    match &committed {
        // a commit of nothing says nothing of the disk
        Ok(()) if connection.total_changes() == before => {}
        Ok(()) => health.kept(),
        Err(why) => health.refused(why, done.len()),
    }
    if committed.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    for job in done {
        job.answer(committed.clone().map_err(Unkept::No));
    }
}

fn run_group(
    connection: &mut Connection,
    group: impl Iterator<Item = Boxed>,
    done: &mut Vec<Boxed>,
) -> rusqlite::Result<()> {
    let began = connection.execute_batch("BEGIN IMMEDIATE");
    let mut went = Ok(());
    for mut job in group {
        if began.is_ok() && went.is_ok() {
            went = run_one(connection, &mut job);
        }
        done.push(job);
    }
    began?;
    went?;
    connection.execute_batch("COMMIT")
}

fn run_one(connection: &Connection, job: &mut Boxed) -> rusqlite::Result<()> {
    connection.prepare_cached("SAVEPOINT one")?.execute([])?;
    if job.run(&Tx::sqlite(connection), true) == Ran::Undo {
        connection.prepare_cached("ROLLBACK TO one")?.execute([])?;
    }
    connection.prepare_cached("RELEASE one")?.execute([]).map(|_| ())
}
