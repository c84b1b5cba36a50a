//! A side that is a SQLite file.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::{Value, ValueRef};

use super::{Cell, See, Side, Table};
use crate::store::error::StoreError;

pub struct File(Connection);

impl File {
    pub fn open(path: &Path) -> Result<File, StoreError> {
        let connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA synchronous = FULL; BEGIN")?;
        Ok(File(connection))
    }
}

impl Side for File {
    fn tables(&mut self) -> Result<Vec<Table>, StoreError> {
        const NAMES: &str =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let mut names = self.0.prepare(NAMES)?;
        let names = names.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let mut tables = Vec::new();
        for name in names {
            let mut info = self.0.prepare("SELECT name, upper(type), pk FROM pragma_table_info(?1) ORDER BY cid")?;
            let columns = info.query_map([&name], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)? != "BIGINT", row.get::<_, i64>(2)?))
            })?;
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            let mut key: Vec<(i64, String)> =
                columns.iter().filter(|(_, _, at)| *at > 0).map(|(name, _, at)| (*at, name.clone())).collect();
            key.sort();
            tables.push(Table {
                name,
                columns: columns.into_iter().map(|(name, is_text, _)| (name, is_text)).collect(),
                key: key.into_iter().map(|(_, name)| name).collect(),
            });
        }
        Ok(tables)
    }

    fn each(&mut self, table: &Table, see: &mut See<'_>) -> Result<(), StoreError> {
        let sql = format!("SELECT {} FROM {} ORDER BY {}", table.columns(), table.name, table.key.join(", "));
        let mut statement = self.0.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let mut cells = Vec::new();
        while let Some(row) = rows.next()? {
            cells.clear();
            for (at, (column, _)) in table.columns.iter().enumerate() {
                cells.push(match row.get_ref(at)? {
                    ValueRef::Null => Cell::Null,
                    ValueRef::Integer(int) => Cell::Int(int),
                    ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
                    other => {
                        let what = format!("{}.{column} holds {}", table.name, other.data_type());
                        return Err(StoreError::Inconsistent(what));
                    }
                });
            }
            see(&cells)?;
        }
        Ok(())
    }

    fn insert(&mut self, table: &Table, row: &[Cell]) -> Result<(), StoreError> {
        let places = (1..=row.len()).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({places})", table.name, table.columns());
        let values = row.iter().map(|cell| match cell {
            Cell::Text(text) => Value::Text(text.clone()),
            Cell::Int(int) => Value::Integer(*int),
            Cell::Null => Value::Null,
        });
        self.0.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        Ok(self.0.execute_batch("COMMIT")?)
    }
}
