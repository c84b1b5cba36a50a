//! Group commit: one thread takes whatever writes are waiting, runs each under a savepoint, commits them together,
//! and only then answers. An answered write is on disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::tx::{StoreError, Tx};

/// The most writes that share a commit: bounds how long the first of them waits.
const GROUP: usize = 256;

/// How a write ended before the commit: whether to keep it, and whom to tell how the commit went.
struct Outcome {
    keep: bool,
    answer: Box<dyn FnOnce(Result<(), String>) + Send>,
}

type Job = Box<dyn FnOnce(&Tx<'_>) -> Outcome + Send>;

/// A handle to the writer thread. The thread ends when the last handle is dropped and the queue is empty.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: mpsc::SyncSender<Job>,
}

impl Writer {
    pub fn start(mut connection: Connection) -> std::io::Result<(Writer, std::thread::JoinHandle<()>)> {
        let (queue, jobs) = mpsc::sync_channel::<Job>(4 * GROUP);
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || {
            while let Ok(first) = jobs.recv() {
                let group = std::iter::once(first).chain(std::iter::from_fn(|| jobs.try_recv().ok())).take(GROUP);
                commit_group(&mut connection, group);
            }
        })?;
        Ok((Writer { queue }, thread))
    }

    /// Runs `write` in a transaction and answers after the commit is durable.
    pub async fn write<T, E>(&self, write: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result = catch_unwind(AssertUnwindSafe(|| write(tx))).unwrap_or(Err(StoreError::Panicked.into()));
            let keep = result.is_ok();
            let answer = Box::new(move |commit: Result<(), String>| {
                let result = match (result, commit) {
                    (Ok(_), Err(why)) => Err(StoreError::NotCommitted(why).into()),
                    (result, _) => result,
                };
                // the caller may have gone away; the write stands all the same
                let _ = reply.send(result);
            });
            Outcome { keep, answer }
        });
        self.enqueue(job).await?;
        answer.await.unwrap_or(Err(StoreError::Closed.into()))
    }

    /// Waits for room in the queue without blocking the runtime's thread.
    async fn enqueue(&self, mut job: Job) -> Result<(), StoreError> {
        loop {
            match self.queue.try_send(job) {
                Ok(()) => return Ok(()),
                Err(mpsc::TrySendError::Disconnected(_)) => return Err(StoreError::Closed),
                Err(mpsc::TrySendError::Full(back)) => job = back,
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
}

fn commit_group(connection: &mut Connection, group: impl Iterator<Item = Job>) {
    let mut answers = Vec::new();
    let committed = run_group(connection, group, &mut answers).map_err(|error| error.to_string());
    if let Err(error) = &committed {
        tracing::error!(error, "A group of writes was not committed");
    }
    if committed.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    for answer in answers {
        answer(committed.clone());
    }
}

type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;

fn run_group(
    connection: &mut Connection,
    group: impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> rusqlite::Result<()> {
    let began = connection.execute_batch("BEGIN IMMEDIATE");
    for job in group {
        if began.is_err() {
            // the job is dropped unanswered: its caller sees a closed channel, and nothing was written
            continue;
        }
        connection.prepare_cached("SAVEPOINT one")?.execute([])?;
        let outcome = job(&Tx::new(connection));
        answers.push(outcome.answer);
        if !outcome.keep {
            connection.prepare_cached("ROLLBACK TO one")?.execute([])?;
        }
        connection.prepare_cached("RELEASE one")?.execute([])?;
    }
    began?;
    connection.execute_batch("COMMIT")
}
