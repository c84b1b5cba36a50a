//! Why the store did not do what it was asked. No driver type leaves the store.

use tokio_postgres::error::SqlState;

/// Why a statement or a commit did not work.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database refused: {0}")]
    Database(#[from] Refusal),
    /// A row holds what the program never writes.
    #[error("damaged row: {table}.{column} of {id} holds {value:?}")]
    Damaged { table: &'static str, column: &'static str, id: String, value: String },
    /// A row that must be there, or a compare-and-set that must succeed inside one transaction, did not.
    #[error("{0}")]
    Inconsistent(String),
    /// The group's commit failed: nothing of it was kept.
    #[error("the commit failed, nothing was kept: {0}")]
    NotCommitted(String),
    /// The database went away while it was asked to commit, and cannot be asked whether it did.
    #[error("the database went away during the commit; whether it was kept is not known: {0}")]
    Unclear(String),
    /// It failed after an earlier part of the same request was kept.
    #[error("a part was kept; then {0}")]
    InPart(#[source] Box<StoreError>),
    #[error("the write was abandoned: its closure panicked")]
    Panicked,
    #[error("the store is closed")]
    Closed,
    /// No server of the database can be connected to, or none answers.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    #[error("{0}")]
    Unusable(String),
}

/// What a database said no with.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("{}", in_words(.0))]
    Sqlite(rusqlite::Error),
    #[error("{message}")]
    Postgres { code: Option<SqlState>, message: String },
    /// Nobody is at the other end of the connection any more, or the transaction is over.
    #[error("{0}")]
    Lost(String),
}

/// What SQLite says of a disk, as an operator would say it.
pub(super) fn in_words(error: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode;
    let what = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::ReadOnly) => "the disk, or the database's file or directory, is read-only",
        Some(ErrorCode::SystemIoFailure) => "the disk is full, read-only or failing",
        Some(ErrorCode::CannotOpen) => "the file cannot be opened or made",
        _ => return error.to_string(),
    };
    let code = error.sqlite_error().map_or(0, |error| error.extended_code);
    format!("{what} (SQLite says: {error}, {code})")
}

impl StoreError {
    /// Whether a row with that key was there already: somebody else was first.
    pub fn is_taken(&self) -> bool {
        match self {
            StoreError::Database(Refusal::Sqlite(error)) => {
                error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
            }
            StoreError::Database(Refusal::Postgres { code, .. }) => *code == Some(SqlState::UNIQUE_VIOLATION),
            _ => false,
        }
    }
}

impl StoreError {
    /// Whether it is the database as a whole that does not work now: the store has said so in the log, and other requests fare alike.
    pub fn is_outage(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
        match self {
            StoreError::NotCommitted(_) | StoreError::Unclear(_) | StoreError::Unreachable(_) => true,
            StoreError::InPart(error) => error.is_outage(),
            StoreError::Database(Refusal::Sqlite(error)) => {
                matches!(error.sqlite_error_code(), Some(DiskFull | ReadOnly | SystemIoFailure | CannotOpen))
            }
            StoreError::Database(Refusal::Lost(_)) => true,
            StoreError::Database(Refusal::Postgres { code, .. }) => *code == Some(SqlState::READ_ONLY_SQL_TRANSACTION),
            _ => false,
        }
    }

    /// As a failure of a later part of a request, of which an earlier one was kept.
    pub fn in_part(self) -> StoreError {
        StoreError::InPart(Box::new(self))
    }

    /// Writes it to the log: as an error, unless it is part of an outage, of which the log says enough.
    pub fn log(&self, what: &str) {
        match self.is_outage() {
            true => tracing::debug!(error = %self, "{what}"),
            false => tracing::error!(error = %self, "{what}"),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Refusal::Sqlite(error).into()
    }
}

impl From<&tokio_postgres::Error> for Refusal {
    /// Without the detail, which may hold the values of a row.
    fn from(error: &tokio_postgres::Error) -> Self {
        let message = match error.as_db_error() {
            Some(refused) => refused.message().to_owned(),
            None => {
                let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
                format!("{error}{cause}")
            }
        };
        match is_lost(error) {
            true => Refusal::Lost(message),
            false => Refusal::Postgres { code: error.code().cloned(), message },
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Refusal::from(&error).into()
    }
}

/// Whether it is the connection that failed, not what was to be sent.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
}
