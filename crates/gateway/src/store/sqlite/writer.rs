//! Group commit: one thread takes whatever writes are waiting, runs each under a savepoint, commits them together,
//! and only then answers. An answered write is on disk.

use std::sync::mpsc;
use std::time::Instant;

use rusqlite::Connection;

use crate::store::Tx;
use crate::store::job::{Boxed, Ran, Unkept};
use crate::telemetry::metrics::METRICS;

/// The most writes that share a commit: bounds how long the first of them waits.
const GROUP: usize = 256;

/// Starts the writer thread. It ends when the last handle is dropped and the queue is empty.
pub fn start(mut connection: Connection) -> std::io::Result<mpsc::SyncSender<Boxed>> {
    let (queue, jobs) = mpsc::sync_channel::<Boxed>(4 * GROUP);
    std::thread::Builder::new().name("store-writer".into()).spawn(move || {
        while let Ok(first) = jobs.recv() {
            let group = std::iter::once(first).chain(std::iter::from_fn(|| jobs.try_recv().ok())).take(GROUP);
            commit_group(&mut connection, group);
        }
    })?;
    Ok(queue)
}

fn commit_group(connection: &mut Connection, group: impl Iterator<Item = Boxed>) {
    let (mut done, began) = (Vec::new(), Instant::now());
    let committed = run_group(connection, group, &mut done).map_err(|error| error.to_string());
    if let Err(error) = &committed {
        tracing::error!(error, "A group of writes was not committed");
    }
    if committed.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    METRICS.group_ended(if committed.is_ok() { "committed" } else { "failed" }, done.len(), began.elapsed());
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
