//! Databases for tests: files, or on a PostgreSQL server when the suite runs under `tests/with-postgres`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;

use super::{Database, Store};

#[path = "../../tests/it/harness/postgres.rs"]
pub mod postgres;

thread_local! {
    /// Statements that were run on this thread: in a file, those of its reads.
    pub static ASKED: Cell<usize> = const { Cell::new(0) };
    /// Whether their texts are kept.
    pub static KEEPS: Cell<bool> = const { Cell::new(false) };
    static TEXTS: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// A statement is run, with this text on SQLite.
pub(super) fn note(sql: &'static str) {
    ASKED.set(ASKED.get() + 1);
    if KEEPS.get() {
        TEXTS.with_borrow_mut(|texts| texts.insert(sql));
    }
}

/// The texts that were kept on this thread.
pub fn kept() -> BTreeSet<&'static str> {
    TEXTS.take()
}

/// The database of a data directory.
pub fn store(dir: &Path) -> Store {
    postgres::prepare(dir);
    Store::open(&Database::of(dir).unwrap()).unwrap()
}
