//! A transaction as the rest of the store sees it: SQL text, values, rows by column name.

use rusqlite::types::{ToSqlOutput, ValueRef};

pub use super::error::StoreError;
use super::group::Group;
use super::postgres::session::Session;
use super::postgres::types::Int;
use super::sql::Sql;
pub(crate) use super::sql::statements;

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

/// An open transaction (a write), or a consistent view (a read).
#[derive(Debug)]
pub struct Tx<'c> {
    on: On<'c>,
    /// What the writes of one commit have in common.
    group: Option<&'c Group>,
}

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
    Sqlite(&'r rusqlite::Row<'r>, &'r Columns),
    Postgres(&'r tokio_postgres::Row),
}

/// The names of an answer's columns, one after the other, and where each ends: SQLite itself tells them one by one, and slowly.
#[derive(Debug)]
struct Columns {
    names: String,
    ends: Vec<usize>,
}

impl Columns {
    fn of(statement: &rusqlite::Statement<'_>) -> Columns {
        let mut columns = Columns { names: String::with_capacity(256), ends: Vec::with_capacity(32) };
        for name in statement.column_names() {
            columns.names.push_str(name);
            columns.ends.push(columns.names.len());
        }
        columns
    }

    fn at(&self, column: &str) -> Result<usize, StoreError> {
        let mut begins = 0;
        for (index, ends) in self.ends.iter().enumerate() {
            if self.names.get(begins..*ends) == Some(column) {
                return Ok(index);
            }
            begins = *ends;
        }
        Err(rusqlite::Error::InvalidColumnName(column.to_owned()).into())
    }
}

impl Row<'_> {
    pub fn text(&self, column: &str) -> Result<String, StoreError> {
        match self.0 {
            Of::Sqlite(row, columns) => Ok(row.get(columns.at(column)?)?),
            Of::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub fn opt_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        match self.0 {
            Of::Sqlite(row, columns) => Ok(row.get(columns.at(column)?)?),
            Of::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub fn int(&self, column: &str) -> Result<i64, StoreError> {
        match self.0 {
            Of::Sqlite(row, columns) => Ok(row.get(columns.at(column)?)?),
            Of::Postgres(row) => Ok(row.try_get::<_, Int>(column)?.0),
        }
    }

    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        match self.0 {
            Of::Sqlite(row, columns) => Ok(row.get(columns.at(column)?)?),
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
        Self { on: On::Sqlite(connection), group: None }
    }

    pub(super) fn postgres(session: &'c Session) -> Self {
        Self { on: On::Postgres(session), group: None }
    }

    /// As one of the writes that share a commit.
    pub(super) fn among(self, group: &'c Group) -> Self {
        Self { group: Some(group), ..self }
    }

    /// What the writes of this commit count together; none in a read.
    pub(super) fn group(&self) -> Option<&'c Group> {
        self.group
    }

    fn note(&self, sql: Sql) {
        #[cfg(test)]
        super::testing::note(sql.sqlite);
        if let Some(group) = self.group
            && sql.writes()
        {
            group.note_change();
        }
    }

    /// Runs a statement that changes rows and answers how many.
    pub fn execute(&self, sql: impl Into<Sql>, values: &[Value<'_>]) -> Result<usize, StoreError> {
        let sql = sql.into();
        self.note(sql);
        match self.on {
            On::Sqlite(connection) => {
                // a full disk can end the transaction under a closure that goes on: what it writes then must not stand alone
                if connection.is_autocommit() {
                    return Err(StoreError::NotCommitted("the transaction was rolled back".into()));
                }
                let mut statement = connection.prepare_cached(sql.sqlite)?;
                Ok(statement.execute(rusqlite::params_from_iter(values))?)
            }
            On::Postgres(session) => session.execute(sql, values),
        }
    }

    /// Runs a statement that must change exactly one row.
    pub fn execute_one(&self, sql: impl Into<Sql>, values: &[Value<'_>]) -> Result<(), StoreError> {
        let sql = sql.into();
        if let On::Postgres(session) = self.on {
            self.note(sql);
            if session.defer_one(sql, values)? {
                return Ok(());
            }
        }
        match self.execute(sql, values)? {
            1 => Ok(()),
            n => Err(StoreError::Inconsistent(format!("{n} rows changed instead of one: {sql}"))),
        }
    }

    pub fn rows<T>(
        &self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let sql = sql.into();
        self.note(sql);
        match self.on {
            On::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql.sqlite)?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                let (mut found, mut columns) = (Vec::new(), None);
                while let Some(row) = rows.next()? {
                    let columns = columns.get_or_insert_with(|| Columns::of(row.as_ref()));
                    found.push(read(&Row(Of::Sqlite(row, columns)))?);
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
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let sql = sql.into();
        self.note(sql);
        match self.on {
            On::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql.sqlite)?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                rows.next()?.map(|row| read(&Row(Of::Sqlite(row, &Columns::of(row.as_ref()))))).transpose()
            }
            On::Postgres(session) => {
                session.query(sql, values)?.first().map(|row| read(&Row(Of::Postgres(row)))).transpose()
            }
        }
    }

    /// Checks that the database understands a statement.
    #[cfg(test)]
    pub(super) fn prepare(&self, sql: &'static str) -> Result<(), StoreError> {
        match self.on {
            On::Sqlite(connection) => connection.prepare(&sql.replace('$', "?")).map(|_| ()).map_err(StoreError::from),
            On::Postgres(session) => session.prepare(sql),
        }
    }
}
