//! A transaction as the rest of the store sees it: SQL text, values, rows by column name.

use rusqlite::types::{ToSqlOutput, ValueRef};

pub use super::error::StoreError;
use super::postgres::session::Session;
use super::postgres::types::Int;

/// A value bound to `$1`, `$2`, …
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    Text(&'a str),
    Int(i64),
    Null,
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(int: i64) -> Self {
        Value::Int(int)
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Value::Int(i64::from(flag))
    }
}

impl From<domain::Time> for Value<'_> {
    fn from(time: domain::Time) -> Self {
        Value::Int(time.0)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Int(int) => ValueRef::Integer(*int),
            Value::Null => ValueRef::Null,
        }))
    }
}

/// Values for a statement, in the order of `$1`, `$2`, …
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::store::tx::Value::from($value)),*] };
}
pub(crate) use values;

/// A file's statements: constants, and the list from which a test prepares every one.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: &str = $sql;)*
        #[cfg(test)]
        pub(in crate::store) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $sql)),*];
    };
}
pub(crate) use statements;

/// An open transaction (a write), or a consistent view (a read).
#[derive(Debug)]
pub struct Tx<'c>(On<'c>);

#[derive(Debug)]
enum On<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c Session),
}

/// A row of an answer; columns are read by name.
#[derive(Debug)]
pub struct Row<'r>(Of<'r>);

#[derive(Debug)]
enum Of<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    pub fn text(&self, column: &str) -> Result<String, StoreError> {
        match self.0 {
            Of::Sqlite(row) => Ok(row.get(column)?),
            Of::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub fn opt_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        match self.0 {
            Of::Sqlite(row) => Ok(row.get(column)?),
            Of::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub fn int(&self, column: &str) -> Result<i64, StoreError> {
        match self.0 {
            Of::Sqlite(row) => Ok(row.get(column)?),
            Of::Postgres(row) => Ok(row.try_get::<_, Int>(column)?.0),
        }
    }

    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        match self.0 {
            Of::Sqlite(row) => Ok(row.get(column)?),
            Of::Postgres(row) => Ok(row.try_get::<_, Option<Int>>(column)?.map(|int| int.0)),
        }
    }

    pub fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    pub fn time(&self, column: &str) -> Result<domain::Time, StoreError> {
        Ok(domain::Time(self.int(column)?))
    }

    /// A column whose text must be understood by `read`; a damaged one is named by table, column and id.
    pub fn parsed<T>(
        &self,
        table: &'static str,
        column: &'static str,
        id: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let value = self.text(column)?;
        read(&value).ok_or_else(|| StoreError::Damaged { table, column, id: id.to_owned(), value })
    }
}

impl<'c> Tx<'c> {
    pub(super) fn sqlite(connection: &'c rusqlite::Connection) -> Self {
        Self(On::Sqlite(connection))
    }

    pub(super) fn postgres(session: &'c Session) -> Self {
        Self(On::Postgres(session))
    }

    /// Runs a statement that changes rows and answers how many.
    pub fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<usize, StoreError> {
        match self.0 {
            On::Sqlite(connection) => {
                // a full disk can end the transaction under a closure that goes on: what it writes then must not stand alone
                if connection.is_autocommit() {
                    return Err(StoreError::NotCommitted("the transaction was rolled back".into()));
                }
                let mut statement = connection.prepare_cached(&numbered(sql))?;
                Ok(statement.execute(rusqlite::params_from_iter(values))?)
            }
            On::Postgres(session) => session.execute(sql, values),
        }
    }

    /// Runs a statement that must change exactly one row.
    pub fn execute_one(&self, sql: &'static str, values: &[Value<'_>]) -> Result<(), StoreError> {
        if let On::Postgres(session) = self.0
            && session.defer_one(sql, values)?
        {
            return Ok(());
        }
        match self.execute(sql, values)? {
            1 => Ok(()),
            n => Err(StoreError::Inconsistent(format!("{n} rows changed instead of one: {sql}"))),
        }
    }

    pub fn rows<T>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        match self.0 {
            On::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(&numbered(sql))?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(read(&Row(Of::Sqlite(row)))?);
                }
                Ok(found)
            }
            On::Postgres(session) => {
                session.query(sql, values)?.iter().map(|row| read(&Row(Of::Postgres(row)))).collect()
            }
        }
    }

    pub fn row<T>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match self.0 {
            On::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(&numbered(sql))?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                rows.next()?.map(|row| read(&Row(Of::Sqlite(row)))).transpose()
            }
            On::Postgres(session) => {
                session.query(sql, values)?.first().map(|row| read(&Row(Of::Postgres(row)))).transpose()
            }
        }
    }

    /// Checks that the database understands a statement.
    #[cfg(test)]
    pub(super) fn prepare(&self, sql: &'static str) -> Result<(), StoreError> {
        match self.0 {
            On::Sqlite(connection) => connection.prepare(&numbered(sql)).map(|_| ()).map_err(StoreError::from),
            On::Postgres(session) => session.prepare(sql),
        }
    }
}

/// `$1` as SQLite numbers parameters: its own `$1` is a *name*, bound in order of first appearance.
fn numbered(sql: &str) -> std::borrow::Cow<'_, str> {
    if sql.contains('$') { sql.replace('$', "?").into() } else { sql.into() }
}
