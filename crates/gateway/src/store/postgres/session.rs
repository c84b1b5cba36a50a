//! One connection: statements prepared once, and, inside a shared commit, changes that are sent without waiting for each answer.
//!
//! PostgreSQL runs what it is sent in order, so a later question sees an earlier change whether or not its answer was waited for. A
//! change that is sent ahead may turn out to be refused: [`Session::settle`] says so before the commit, and the group is run again one
//! by one, where every answer is waited for.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_executor::block_on;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Row, Statement};

use super::gather::{self, Gathered};
use super::types::Owned;
use super::watch::Client;
use crate::store::error::{Refusal, StoreError, is_lost};
use crate::store::sql::Sql;
use crate::store::tx::Value;

type Answer = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>;

/// Something sent ahead.
struct Ahead {
    answer: Answer,
    /// How many rows it must change.
    rows: Option<usize>,
}

/// What went wrong with the connection or the transaction, beyond the statement itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The transaction is void; the connection is sound.
    Transaction,
    /// The connection is of no use any more.
    Connection,
}

pub struct Session {
    client: Arc<Client>,
    /// The number of its server among those of the address.
    pub server: usize,
    statements: RefCell<HashMap<(usize, usize), Statement>>,
    /// Statements for many rows at a time; `None` of those that there are none for.
    many: RefCell<HashMap<(usize, usize), Option<Statement>>>,
    ahead: RefCell<Vec<Ahead>>,
    gathered: RefCell<Vec<Gathered>>,
    sends_ahead: Cell<bool>,
    broken: Cell<Option<Broken>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("broken", &self.broken).finish_non_exhaustive()
    }
}

impl Session {
    pub fn new(client: Client, server: usize) -> Session {
        Session {
            client: Arc::new(client),
            server,
            statements: RefCell::default(),
            many: RefCell::default(),
            ahead: RefCell::default(),
            gathered: RefCell::default(),
            sends_ahead: Cell::new(false),
            broken: Cell::new(None),
        }
    }

    /// From now on changes of one row are sent ahead, or not.
    pub fn send_ahead(&self, ahead: bool) {
        self.sends_ahead.set(ahead);
    }

    pub fn broken(&self) -> Option<Broken> {
        if self.client.is_closed() { Some(Broken::Connection) } else { self.broken.get() }
    }

    /// Notes what an error means for the transaction and the connection.
    fn note(&self, error: tokio_postgres::Error) -> StoreError {
        let worse = match (severity(&error), self.broken.get()) {
            (Some(Broken::Connection), _) | (_, Some(Broken::Connection)) => Some(Broken::Connection),
            (new, old) => new.or(old),
        };
        self.broken.set(worse);
        error.into()
    }

    fn statement(&self, sql: Sql) -> Result<Statement, StoreError> {
        if let Some(known) = self.statements.borrow().get(&sql.place()) {
            return Ok(known.clone());
        }
        let new = block_on(self.client.prepare(sql.text)).map_err(|error| self.note(error))?;
        self.statements.borrow_mut().insert(sql.place(), new.clone());
        Ok(new)
    }

    /// The statement for many rows, if there is one.
    fn many(&self, sql: Sql) -> Result<Option<Statement>, StoreError> {
        if let Some(known) = self.many.borrow().get(&sql.place()) {
            return Ok(known.clone());
        }
        let text = gather::many(sql, self.statement(sql)?.params());
        let new =
            text.map(|text| block_on(self.client.prepare(&text))).transpose().map_err(|error| self.note(error))?;
        self.many.borrow_mut().insert(sql.place(), new.clone());
        Ok(new)
    }

    pub fn execute(&self, sql: Sql, values: &[Value<'_>]) -> Result<usize, StoreError> {
        self.send_gathered()?;
        let statement = self.statement(sql)?;
        let changed = block_on(self.client.execute_raw(&statement, values)).map_err(|error| self.note(error))?;
        usize::try_from(changed).map_err(|_| StoreError::Inconsistent(format!("{changed} rows changed: {sql}")))
    }

    pub fn query(&self, sql: Sql, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        use futures_util::TryStreamExt;
        self.send_gathered()?;
        let statement = self.statement(sql)?;
        let rows = async { self.client.query_raw(&statement, values).await?.try_collect().await };
        block_on(rows).map_err(|error| self.note(error))
    }

    /// Sends a change of one row ahead, or keeps a row to be inserted with others; false when this is not the time to. Whatever asks or
    /// changes something else sends first what was kept, so that it comes in its turn.
    pub fn defer_one(&self, sql: Sql, values: &[Value<'_>]) -> Result<bool, StoreError> {
        if !self.sends_ahead.get() {
            return Ok(false);
        }
        if self.many(sql)?.is_some() {
            let mut gathered = self.gathered.borrow_mut();
            match gathered.iter_mut().find(|gathered| gathered.sql.place() == sql.place()) {
                Some(gathered) => gathered.push(values),
                None => {
                    let mut new = Gathered { sql, rows: Vec::new() };
                    new.push(values);
                    gathered.push(new);
                }
            }
            return Ok(true);
        }
        self.send_gathered()?;
        let (client, statement) = (self.client.clone(), self.statement(sql)?);
        let values: Vec<Owned> = values.iter().map(Owned::from).collect();
        self.start(Some(1), async move { client.execute_raw(&statement, values).await });
        Ok(true)
    }

    /// Sends ahead what was kept: a statement each, in the order in which the first rows came.
    fn send_gathered(&self) -> Result<(), StoreError> {
        for Gathered { sql, rows } in self.gathered.take() {
            let (client, one, many, count) = (self.client.clone(), self.statement(sql)?, self.many(sql)?, rows.len());
            let columns = gather::columns(&one, rows)?;
            let Some(many) = many else { return Err(StoreError::Inconsistent(format!("not for many rows: {sql}"))) };
            self.start(Some(count), async move { client.execute_raw(&many, columns).await });
        }
        Ok(())
    }

    /// Sends a command that gives no rows and takes no values, ahead.
    pub fn command(&self, sql: &'static str) {
        if let Err(error) = self.send_gathered() {
            tracing::error!(%error, "Rows that were kept cannot be sent; the transaction is given up");
            self.broken.set(self.broken.get().or(Some(Broken::Transaction)));
        }
        let client = self.client.clone();
        self.start(None, async move { client.batch_execute(sql).await.map(|()| 0) });
    }

    fn start(
        &self,
        rows: Option<usize>,
        sending: impl Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'static,
    ) {
        let mut answer: Answer = Box::pin(sending);
        // the first look puts the message on its way
        let answer = match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answered) => Box::pin(std::future::ready(answered)),
            Poll::Pending => answer,
        };
        self.ahead.borrow_mut().push(Ahead { answer, rows });
    }

    /// Waits for the answers to all that was sent ahead: the first thing that went wrong, if any did.
    pub fn settle(&self) -> Result<(), StoreError> {
        let mut first = self.send_gathered();
        for Ahead { answer, rows } in self.ahead.take() {
            let answered = match (block_on(answer), rows) {
                (Ok(changed), Some(rows)) if u64::try_from(rows) != Ok(changed) => {
                    Err(StoreError::Inconsistent(format!("{changed} rows changed instead of {rows}")))
                }
                (Ok(_), _) => Ok(()),
                (Err(error), _) => Err(self.note(error)),
            };
            if first.is_ok() {
                first = answered;
            }
        }
        first
    }

    /// Lets go of what was sent ahead without waiting: for reads, which end whether or not somebody looks.
    pub fn forget(&self) {
        self.gathered.take();
        self.ahead.take();
    }

    /// A command whose answer is waited for.
    pub fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.send_gathered()?;
        block_on(self.client.batch_execute(sql)).map_err(|error| self.note(error))
    }

    /// Gives the transaction up; whether the connection can be used again.
    pub fn roll_back(&self) -> bool {
        self.send_ahead(false);
        self.forget();
        let done = self.run("ROLLBACK").is_ok() && self.broken() != Some(Broken::Connection);
        if done {
            self.broken.set(None);
        }
        done
    }

    #[cfg(test)]
    pub fn prepare(&self, sql: &'static str) -> Result<(), StoreError> {
        Ok(block_on(self.client.prepare(sql)).map(|_| ())?)
    }
}

/// What an error says of the transaction or the connection; nothing of a statement that was merely refused.
fn severity(error: &tokio_postgres::Error) -> Option<Broken> {
    let Some(code) = error.code() else { return is_lost(error).then_some(Broken::Connection) };
    let is_void = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::IN_FAILED_SQL_TRANSACTION,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::QUERY_CANCELED,
    ];
    // a node that was too slow, a server that stops, a primary that is one no longer, a statement planned before a migration
    let is_gone = [
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::FEATURE_NOT_SUPPORTED,
    ];
    if is_gone.contains(code) || code.code().starts_with("08") {
        Some(Broken::Connection)
    } else {
        is_void.contains(code).then_some(Broken::Transaction)
    }
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        let message = match broken {
            Broken::Transaction => "the transaction was given up",
            Broken::Connection => "the connection was lost",
        };
        Refusal::Lost(message.into())
    }
}
