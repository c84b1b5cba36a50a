//! Databases for tests: files, or on a PostgreSQL server when the suite runs under `tests/with-postgres`.

use std::path::Path;

use super::{Database, Store};

#[path = "../../tests/it/harness/postgres.rs"]
pub mod postgres;

thread_local! {
    /// Statements that were run on this thread: in a file, those of its reads.
    pub static ASKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The database of a data directory.
pub fn store(dir: &Path) -> Store {
    postgres::prepare(dir);
    Store::open(&Database::of(dir).unwrap()).unwrap()
}
