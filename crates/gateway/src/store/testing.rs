//! Databases for tests: files, or on a PostgreSQL server when the suite runs under `tests/with-postgres`.

use std::path::Path;

use super::{Database, Store};

#[path = "../../tests/it/harness/postgres.rs"]
pub mod postgres;

/// The database of a data directory.
pub fn store(dir: &Path) -> Store {
    postgres::prepare(dir);
    Store::open(&Database::of(dir).unwrap()).unwrap()
}
