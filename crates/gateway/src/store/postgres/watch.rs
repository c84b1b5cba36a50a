//! A connection that is given up when nothing comes back on it. A server that stands still, or that a network keeps away without a word,
//! closes nothing: whoever waits would wait for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{TryStream, TryStreamExt};
use tokio::time::{MissedTickBehavior, interval};
use tokio_postgres::types::BorrowToSql;
use tokio_postgres::{Error, Row, Statement};

/// How long nothing may come back while something is waited for. More than the server itself lets a statement or a lock take, so that it is
/// the server who says what was wrong, if it can.
const SILENCE: Duration = Duration::from_secs(15);
/// Time is counted in looks, so that a process that stood still itself does not take that for the server's silence.
const LOOK: Duration = Duration::from_secs(1);

/// What is waited for on a connection, and how often something came.
#[derive(Debug, Default)]
struct Pace {
    awaited: AtomicUsize,
    came: AtomicU64,
}

/// Held while an answer is waited for.
#[derive(Debug)]
struct Awaited(Arc<Pace>);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.awaited.fetch_sub(1, Ordering::Relaxed);
        self.0.came.fetch_add(1, Ordering::Relaxed);
    }
}

/// A client whose connection is watched.
#[derive(Debug)]
pub struct Client {
    client: tokio_postgres::Client,
    pace: Arc<Pace>,
}

impl Client {
    /// Drives the connection on the runtime that this is called in, until it ends or is given up.
    pub fn start<C>(client: tokio_postgres::Client, connection: C) -> Client
    where
        C: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let pace = Arc::new(Pace::default());
        tokio::spawn(drive(connection, pace.clone()));
        Client { client, pace }
    }

    /// The client itself, for work that may take its time: nobody watches any more.
    pub fn unwatched(self) -> tokio_postgres::Client {
        self.client
    }

    fn awaited(&self) -> Awaited {
        self.pace.awaited.fetch_add(1, Ordering::Relaxed);
        Awaited(self.pace.clone())
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub async fn prepare(&self, sql: &str) -> Result<Statement, Error> {
        let _awaited = self.awaited();
        self.client.prepare(sql).await
    }

    pub async fn batch_execute(&self, sql: &str) -> Result<(), Error> {
        let _awaited = self.awaited();
        self.client.batch_execute(sql).await
    }

    pub async fn execute_raw<P, I>(&self, statement: &Statement, values: I) -> Result<u64, Error>
    where
        P: BorrowToSql,
        I: IntoIterator<Item = P>,
        I::IntoIter: ExactSizeIterator,
    {
        let _awaited = self.awaited();
        self.client.execute_raw(statement, values).await
    }

    pub async fn query_raw<P, I>(
        &self,
        statement: &Statement,
        values: I,
    ) -> Result<impl TryStream<Ok = Row, Error = Error>, Error>
    where
        P: BorrowToSql,
        I: IntoIterator<Item = P>,
        I::IntoIter: ExactSizeIterator,
    {
        let awaited = self.awaited();
        let rows = self.client.query_raw(statement, values).await?;
        Ok(rows.inspect_ok(move |_| {
            awaited.0.came.fetch_add(1, Ordering::Relaxed);
        }))
    }
}

async fn drive(connection: impl Future<Output = Result<(), Error>>, pace: Arc<Pace>) {
    let mut connection = std::pin::pin!(connection);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut silent, mut came) = (Duration::ZERO, 0);
    loop {
        tokio::select! {
            biased;
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "A connection to the database ended");
                }
                return;
            }
            _ = look.tick() => {}
        }
        let now = pace.came.load(Ordering::Relaxed);
        silent = if pace.awaited.load(Ordering::Relaxed) > 0 && now == came { silent + LOOK } else { Duration::ZERO };
        came = now;
        if silent >= SILENCE {
            tracing::warn!(seconds = SILENCE.as_secs(), "The database says nothing; a connection to it is given up");
            return;
        }
    }
}
