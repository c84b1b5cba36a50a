//! An archive file: a SQLite database of its own, with the moved rows as they were, by segment, and what they are proven by.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{MerchantId, Time};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::{Item, Segment, TABLES, Table};
use crate::store::copy::Cell;
use crate::store::error::StoreError;
use crate::store::events::Subject;

/// What the file says of itself.
const FORMAT: &str = "lockgate archive 1";

/// EXTRA: a commit is on disk, and so is the journal's end.
const SET_UP: &str = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;";

/// `state`: `moving` from before its rows leave the database until that is known to have been done.
const TABLES_OF_ITS_OWN: &str = "
    CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE segments (
        segment INTEGER PRIMARY KEY,
        merchant_id TEXT NOT NULL,
        subject TEXT NOT NULL,
        first_number INTEGER NOT NULL,
        last_number INTEGER NOT NULL,
        items INTEGER NOT NULL,
        events INTEGER NOT NULL,
        deliveries INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        rows_hash TEXT NOT NULL,
        ledger_seq INTEGER NOT NULL,
        ledger_hash TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('moving', 'moved'))
    );";

#[derive(Debug)]
pub struct File {
    path: PathBuf,
    pub id: String,
    connection: Mutex<Connection>,
    /// Held by whoever writes: two runs on one file would each take the other's steps for their own.
    _lock: Option<std::fs::File>,
}

/// A segment in the file.
#[derive(Debug, Clone)]
pub struct Kept {
    pub number: i64,
    pub segment: Segment,
    /// The last entry of the merchant's ledger when the segment was written: number and hash; 0 for none.
    pub ledger: (i64, String),
    pub moved: bool,
}

impl File {
    /// Makes it, or goes on with one that is there. `id` is that of a new one.
    ///
    /// # Errors
    /// When it is there and no archive, or cannot be written.
    pub fn open_or_make(path: &Path, id: &str, now: Time) -> Result<File, StoreError> {
        // what merchants were told is in it
        use std::os::unix::fs::OpenOptionsExt;
        let unusable = |error: std::io::Error| StoreError::Unusable(format!("{}: {error}", path.display()));
        let lock = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(unusable)?;
        lock.try_lock().map_err(|_| StoreError::Unusable(format!("{} is being written to", path.display())))?;
        // one of no bytes was made by a run that was interrupted at once
        if lock.metadata().is_ok_and(|file| file.len() > 0) {
            let file = File::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            return Ok(File { _lock: Some(lock), ..file });
        }
        let connection = Connection::open(path)?;
        let tables = TABLES.iter().map(|table| {
            let columns = table.columns.iter().map(|(name, is_text)| format!("{name} {}", kind(*is_text)));
            let columns = columns.collect::<Vec<_>>().join(", ");
            let key = table.columns.iter().map(|(name, _)| *name).filter(|name| KEY.contains(name));
            let key = key.collect::<Vec<_>>().join(", ");
            format!("CREATE TABLE {} (segment INTEGER NOT NULL, {columns}, PRIMARY KEY ({key}));", table.name)
        });
        let tables = tables.collect::<String>();
        connection.execute_batch(&format!("{SET_UP} BEGIN; {TABLES_OF_ITS_OWN} {tables}"))?;
        for (name, value) in [("format", FORMAT), ("id", id), ("made_at", &now.0.to_string())] {
            connection.execute("INSERT INTO manifest (name, value) VALUES (?1, ?2)", [name, value])?;
        }
        connection.execute_batch("COMMIT")?;
        // the file's name is on disk, too
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(unusable)?;
        Ok(File { path: path.to_owned(), id: id.to_owned(), connection: Mutex::new(connection), _lock: Some(lock) })
    }

    /// To look at only.
    ///
    /// # Errors
    /// When it is not there, or no archive.
    pub fn look_at(path: &Path) -> Result<File, StoreError> {
        File::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    fn open(path: &Path, flags: OpenFlags) -> Result<File, StoreError> {
        let unusable = |what: &str| StoreError::Unusable(format!("{} is no archive: {what}", path.display()));
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| unusable(&error.to_string()))?;
        if flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
            connection.execute_batch(SET_UP).map_err(|error| unusable(&error.to_string()))?;
        }
        let said = |name: &str| {
            let value = connection.query_row("SELECT value FROM manifest WHERE name = ?1", [name], |row| row.get(0));
            value.map_err(|error| unusable(&error.to_string()))
        };
        let (format, id): (String, String) = (said("format")?, said("id")?);
        if format != FORMAT {
            return Err(unusable(&format!("it says it is \"{format}\"")));
        }
        Ok(File { path: path.to_owned(), id, connection: Mutex::new(connection), _lock: None })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a segment that is about to leave the database, and reads it again on another connection. Answers its number.
    ///
    /// # Errors
    /// When it cannot be written, or reads differently.
    pub fn add(&self, segment: &Segment, items: &[Item], ledger: &(i64, String)) -> Result<i64, StoreError> {
        let connection = self.connection();
        let tx = connection.unchecked_transaction()?;
        let Segment { merchant_id, subject, first_number, last_number, items: count, rows, rows_hash } = segment;
        tx.execute(
            "INSERT INTO segments (merchant_id, subject, first_number, last_number, items, events, deliveries, attempts, rows_hash,
               ledger_seq, ledger_hash, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'moving')",
            params![
                merchant_id.as_str(),
                subject.name(),
                first_number,
                last_number,
                count,
                rows[0],
                rows[1],
                rows[2],
                rows_hash,
                ledger.0,
                ledger.1
            ],
        )?;
        let number = tx.last_insert_rowid();
        for (at, table) in TABLES.iter().enumerate() {
            let names = names(table);
            let places = (2..=table.columns.len() + 1).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
            let mut insert =
                tx.prepare(&format!("INSERT INTO {} (segment, {names}) VALUES (?1, {places})", table.name))?;
            for row in items.iter().flat_map(|item| item.rows.get(at)).flatten() {
                let values = std::iter::once(Value::Integer(number)).chain(row.iter().map(value));
                insert.execute(rusqlite::params_from_iter(values))?;
            }
        }
        tx.commit()?;
        let again = File::look_at(&self.path)?;
        let (kept, read) = again.segment(number)?;
        if kept.segment != *segment || read != items {
            let what = format!("{}: segment {number} reads differently", self.path.display());
            return Err(StoreError::Inconsistent(what));
        }
        Ok(number)
    }

    /// Its rows have left the database.
    pub fn moved(&self, number: i64) -> Result<(), StoreError> {
        self.connection().execute("UPDATE segments SET state = 'moved' WHERE segment = ?1", [number])?;
        Ok(())
    }

    /// Its rows are in the database still, and have changed since.
    pub fn forget(&self, number: i64) -> Result<(), StoreError> {
        let connection = self.connection();
        let tx = connection.unchecked_transaction()?;
        for table in TABLES.iter().map(|table| table.name).chain(["segments"]) {
            tx.execute(&format!("DELETE FROM {table} WHERE segment = ?1"), [number])?;
        }
        tx.commit()?;
        Ok(())
    }

    /// All segments, in order.
    pub fn segments(&self) -> Result<Vec<Kept>, StoreError> {
        let connection = self.connection();
        let mut all = connection.prepare("SELECT * FROM segments ORDER BY segment")?;
        let rows = all.query_map([], |row| Ok(kept(row)))?;
        rows.map(|row| row?).collect()
    }

    /// A segment, and its rows computed from the file alone.
    pub fn segment(&self, number: i64) -> Result<(Kept, Vec<Item>), StoreError> {
        let one = "SELECT * FROM segments WHERE segment = ?1";
        let connection = self.connection();
        let kept = connection.query_row(one, [number], |row| Ok(kept(row))).optional()?;
        let kept = kept.ok_or_else(|| StoreError::Inconsistent(format!("segment {number} is missing")))??;
        let mut items: std::collections::BTreeMap<i64, Item> = std::collections::BTreeMap::new();
        for (at, table) in TABLES.iter().enumerate() {
            let order = table.columns.iter().map(|(name, _)| *name).filter(|name| KEY.contains(name));
            let order = order.collect::<Vec<_>>().join(", ");
            let sql = format!("SELECT {} FROM {} WHERE segment = ?1 ORDER BY {order}", names(table), table.name);
            let mut select = connection.prepare(&sql)?;
            let mut rows = select.query([number])?;
            while let Some(row) = rows.next()? {
                let cells = (0..table.columns.len()).map(|at| cell(row.get_ref(at)?)).collect::<Result<Vec<_>, _>>()?;
                let Some(Cell::Int(number)) = cells.get(2) else {
                    return Err(StoreError::Inconsistent(format!("{}: a row without a number", table.name)));
                };
                let item = items.entry(*number);
                let item = item.or_insert_with_key(|number| Item { number: *number, rows: Default::default() });
                item.rows[at].push(cells);
            }
        }
        Ok((kept, items.into_values().collect()))
    }
}

/// Columns of the primary keys, in order.
const KEY: [&str; 5] = ["merchant_id", "subject", "number", "seq", "attempt"];

fn names(table: &Table) -> String {
    table.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn kind(is_text: bool) -> &'static str {
    if is_text { "TEXT" } else { "INTEGER" }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => Value::Text(text.clone()),
        Cell::Int(int) => Value::Integer(*int),
        Cell::Null => Value::Null,
    }
}

fn cell(value: ValueRef<'_>) -> Result<Cell, StoreError> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(int) => Cell::Int(int),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        other => return Err(StoreError::Inconsistent(format!("an archive holds {}", other.data_type()))),
    })
}

fn kept(row: &rusqlite::Row<'_>) -> Result<Kept, StoreError> {
    let (merchant, subject): (String, String) = (row.get("merchant_id")?, row.get("subject")?);
    let damaged = |column, value: &str| StoreError::Damaged {
        table: "segments",
        column,
        id: "in an archive".into(),
        value: value.to_owned(),
    };
    Ok(Kept {
        number: row.get("segment")?,
        segment: Segment {
            merchant_id: MerchantId::parse(&merchant).map_err(|_| damaged("merchant_id", &merchant))?,
            subject: Subject::from_name(&subject).ok_or_else(|| damaged("subject", &subject))?,
            first_number: row.get("first_number")?,
            last_number: row.get("last_number")?,
            items: row.get("items")?,
            rows: [row.get("events")?, row.get("deliveries")?, row.get("attempts")?],
            rows_hash: row.get("rows_hash")?,
        },
        ledger: (row.get("ledger_seq")?, row.get("ledger_hash")?),
        moved: row.get::<_, String>("state")? == "moved",
    })
}
