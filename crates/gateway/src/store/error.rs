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
    #[error("the write was abandoned: its closure panicked")]
    Panicked,
    #[error("the store is closed")]
    Closed,
    #[error("{0}")]
    Unusable(String),
}

/// What a database said no with.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Sqlite(rusqlite::Error),
    #[error("{message}")]
    Postgres { code: Option<SqlState>, message: String },
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
        Refusal::Postgres { code: error.code().cloned(), message }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Refusal::from(&error).into()
    }
}
