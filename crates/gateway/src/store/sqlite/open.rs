//! Opening, checking, migrating and backing up the database file.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::store::error::in_words;
use crate::store::{StoreError, migrations};

/// Files up to this size are checked whole at every start (about a second per gigabyte); larger ones by `doctor`.
const CHECKED_AT_START: u64 = 256 << 20;

const STATEMENT_CACHE: usize = 256;

/// Opens the one connection that writes, after checking that the file is sound and bringing its schema up to date.
pub fn writer_connection(path: &Path) -> Result<Connection, StoreError> {
    let size = std::fs::metadata(path).map(|file| file.len()).unwrap_or(0);
    // used by one thread only: it needs no lock of its own
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(|error| unusable(path, &error))?;
    configure(&connection, path)?;
    if size > 0 && size <= CHECKED_AT_START {
        check(&connection, path)?;
    }
    migrations::runner()
        .run(&mut connection)
        .map_err(|error| StoreError::Unusable(format!("{}: migration failed: {error}", path.display())))?;
    version(&connection, path)?;
    Ok(connection)
}

/// The schema's version, if this release can work with it.
fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let applied =
        connection.prepare(migrations::APPLIED)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let floor: Option<String> = connection.query_row(migrations::FLOOR, [], |row| row.get(0)).optional()?;
    let checked = migrations::check(&applied, floor.as_deref());
    checked.map_err(|why| StoreError::Unusable(format!("{}: {why}", path.display())))
}

fn configure(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    set_up(connection)?;
    // WAL: readers do not wait. FULL: a commit is on disk before it is answered.
    // Pages that change often are copied from the log into the file once in 16 MiB of log, and stay in memory meanwhile.
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -16384;",
        )
        .map_err(|error| unusable(path, &error))
}

pub fn reader_connection(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| unusable(path, &error))?;
    set_up(&connection)?;
    Ok(connection)
}

/// What every connection has: patience, and statements that are compiled once. Without the stability guarantee SQLite plans a
/// statement with `LIMIT $n` anew each time a value is bound.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}

/// Reads the whole file and compares its pages and indexes with each other.
pub fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|error| unusable(path, &error))?;
    if verdict == "ok" { Ok(()) } else { Err(damaged(path, &verdict)) }
}

fn unusable(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            damaged(path, &error.to_string())
        }
        _ => StoreError::Unusable(format!("cannot use the database {}: {}", path.display(), in_words(error))),
    }
}

fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::Unusable(format!(
        "the database {} is damaged ({what}). Nothing was changed. Move it aside and restore a backup: \
         `cp BACKUP {}`, then start again",
        path.display(),
        path.display()
    ))
}

/// Opens and migrates, then closes: `lockgate migrate`. Answers the schema's version.
pub fn migrate(path: &Path) -> Result<i64, StoreError> {
    version(&writer_connection(path)?, path)
}

/// Copies a consistent snapshot of the database at `path` to the new file `to`, while others use it.
pub fn backup(path: &Path, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::Unusable(format!("{} exists; a backup never overwrites", to.display())));
    }
    let connection = reader_connection(path)?;
    connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    std::fs::File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::Unusable(format!("{}: {error}", to.display())))?;
    check(&reader_connection(to)?, to)
}

/// Checks the whole file, however large: `lockgate doctor`.
pub fn check_whole(path: &Path) -> Result<(), StoreError> {
    check(&reader_connection(path)?, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Database, Store, invoices};

    /// The table of invoices is made anew by the third migration: what earlier ones wrote is read as it was.
    #[tokio::test]
    async fn rows_of_the_first_schema_survive() {
        let dir = std::env::temp_dir().join(format!("lockgate-migration-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("lockgate.db");
        let merchant = domain::MerchantId::new(ulid::Ulid(7));
        let mut connection = Connection::open(&path).unwrap();
        migrations::runner().set_target(refinery::Target::Version(2)).run(&mut connection).unwrap();
        let id = domain::InvoiceId::new(ulid::Ulid(8));
        let insert = format!(
            "INSERT INTO invoices (merchant_id, number, id, token_secret, email, amount, devise, state, failure,
               callback_json, success_url, customer, paid, created_at, created_day, status_at, last_event, version)
             VALUES ('{merchant}', 5, '{id}', 'ab', 'a@b.example', '1504', 'USD', 'failed', 'canceled', '{{}}',
               'https://shop.example/', '{{\"name\":\"X\"}}', NULL, 86400000, 1, 86400001, 3, 9);
             INSERT INTO invoices (merchant_id, number, id, token_secret, email, amount, devise, state, paid,
               created_at, created_day, status_at, last_event, version)
             VALUES ('{merchant}', 6, 'inv_{other}', 'cd', 'c@d.example', '5', 'USD', 'settled',
               '{{\"asset\":\"USDT_polygon\",\"symbol\":\"USDT\",\"decimals\":6,\"units\":\"5\",\"merchant_units\":\"4\",\"fee_units\":\"1\"}}',
               1, 0, 2, 4, 10);",
            other = ulid::Ulid(9),
        );
        connection.execute_batch(&insert).unwrap();
        drop(connection);

        let store = Store::open(&Database::File(path)).unwrap();
        let read = |number| {
            let merchant = merchant.clone();
            let store = &store;
            async move { store.read(|tx| invoices::existing(tx, &merchant, number)).await.unwrap() }
        };
        let (first, second) = (read(5).await, read(6).await);
        assert_eq!(
            (first.invoice.id.clone(), first.invoice.state, first.version, first.solution, first.chosen),
            (id, domain::invoice::State::Failed(domain::invoice::Failure::Canceled), 9, None, None)
        );
        assert_eq!((first.email.as_str(), first.last_event, first.customer.is_some()), ("a@b.example", 3, true));
        let paid = second.paid.unwrap();
        assert_eq!((paid.units, paid.charged, second.invoice.created_at), (domain::Units(5), None, domain::Time(1)));
    }
}
