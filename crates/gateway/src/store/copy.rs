//! A whole database from one place to another, whatever the two are: every row of every table, then compared row by row.

mod file;
mod server;

use sha2::{Digest, Sha256};

use super::database::Database;
use super::error::StoreError;

/// A table as both databases know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    /// Name, and whether it holds text rather than whole numbers.
    pub columns: Vec<(String, bool)>,
    /// The primary key's columns, in order.
    pub key: Vec<String>,
}

impl Table {
    fn columns(&self) -> String {
        self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// The tables that say something of a place, and nothing of the business.
const OF_THE_PLACE: &[&str] = &["nodes", "refinery_schema_history"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Int(i64),
    Null,
}

/// One side of a copy: a single view to read from, or a single transaction to write in.
trait Side {
    /// All tables, by name.
    fn tables(&mut self) -> Result<Vec<Table>, StoreError>;
    /// Every row in the order of the key, byte by byte; answers how many there were.
    fn each(&mut self, table: &Table, see: &mut See<'_>) -> Result<(), StoreError>;
    fn insert(&mut self, table: &Table, row: &[Cell]) -> Result<(), StoreError>;
    /// After the last row of a table.
    fn finish(&mut self) -> Result<(), StoreError>;
    fn commit(&mut self) -> Result<(), StoreError>;
}

type See<'s> = dyn FnMut(&[Cell]) -> Result<(), StoreError> + 's;

fn open(database: &Database) -> Result<Box<dyn Side>, StoreError> {
    Ok(match database {
        Database::File(path) => Box::new(file::File::open(path)?),
        Database::Server(address) => Box::new(server::Server::open(address)?),
    })
}

/// The tables of a database, by name.
#[cfg(test)]
pub(super) fn tables(database: &Database) -> Result<Vec<Table>, StoreError> {
    open(database)?.tables()
}

/// What was copied of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    pub table: String,
    pub rows: usize,
}

/// Copies all that is in `from` into `to`, which must be empty. Both are brought to this program's schema first. Everything is read from one
/// view and written in one transaction: an interrupted copy leaves nothing. What is written to `from` meanwhile is missing in `to`: stop its
/// gateway first.
///
/// # Errors
/// When `to` holds anything, the schemas differ, or any row reads differently afterwards: then nothing is kept.
pub fn copy(from: &Database, to: &Database) -> Result<Vec<Copied>, StoreError> {
    from.migrate()?;
    to.migrate()?;
    let (mut source, mut target) = (open(from)?, open(to)?);
    let tables = source.tables()?;
    if tables != target.tables()? {
        return Err(StoreError::Unusable("the two databases have different tables or columns".into()));
    }
    let tables: Vec<Table> = tables.into_iter().filter(|table| !OF_THE_PLACE.contains(&table.name.as_str())).collect();
    for table in &tables {
        target
            .each(table, &mut |_| Err(StoreError::Unusable(format!("{} is not empty: {}", to.name(), table.name))))?;
    }
    let mut copied = Vec::new();
    for table in &tables {
        let mut sums = Vec::new();
        source.each(table, &mut |row| {
            sums.push(sum(row));
            target.insert(table, row)
        })?;
        target.finish()?;
        compare(table, target.as_mut(), &sums)?;
        copied.push(Copied { table: table.name.clone(), rows: sums.len() });
    }
    target.commit()?;
    Ok(copied)
}

/// Reads what was written, and finds the first row that is not what was read.
fn compare(table: &Table, target: &mut dyn Side, sums: &[[u8; 16]]) -> Result<(), StoreError> {
    let wrong = |what: String| StoreError::Inconsistent(format!("{}: {what}; nothing was kept", table.name));
    let mut at = 0;
    target.each(table, &mut |row| {
        if sums.get(at) != Some(&sum(row)) {
            return Err(wrong(format!("row {} reads differently", at + 1)));
        }
        at += 1;
        Ok(())
    })?;
    if at == sums.len() { Ok(()) } else { Err(wrong(format!("{} rows went in and {at} are there", sums.len()))) }
}

fn sum(row: &[Cell]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    feed(&mut hasher, row);
    let mut short = [0; 16];
    short.copy_from_slice(&hasher.finalize()[..16]);
    short
}

/// A row, so that no two different rows give the same bytes.
pub(super) fn feed(hasher: &mut Sha256, row: &[Cell]) {
    for cell in row {
        match cell {
            Cell::Text(text) => {
                hasher.update([1]);
                hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                hasher.update(text);
            }
            Cell::Int(int) => {
                hasher.update([2]);
                hasher.update(int.to_be_bytes());
            }
            Cell::Null => hasher.update([0]),
        }
    }
}
