//! A side that is a PostgreSQL database.

use std::collections::BTreeMap;
use std::pin::Pin;

use futures_executor::block_on;
use futures_util::StreamExt;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::{Cell, See, Side, Table};
use crate::store::error::StoreError;
use crate::store::postgres::Address;

pub struct Server {
    client: Client,
    copying: Option<Pin<Box<BinaryCopyInWriter>>>,
}

impl Server {
    pub fn open(address: &Address) -> Result<Server, StoreError> {
        let client = address.with(|client| async {
            client.batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0").await?;
            client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
            Ok(client)
        })?;
        Ok(Server { client, copying: None })
    }
}

fn cell(row: &Row, at: usize, is_text: bool) -> Result<Cell, StoreError> {
    Ok(match is_text {
        true => row.try_get::<_, Option<String>>(at)?.map_or(Cell::Null, Cell::Text),
        false => row.try_get::<_, Option<i64>>(at)?.map_or(Cell::Null, Cell::Int),
    })
}

impl Side for Server {
    fn tables(&mut self) -> Result<Vec<Table>, StoreError> {
        const COLUMNS: &str = "SELECT table_name::text, column_name::text, data_type <> 'bigint' AS is_text
             FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name COLLATE \"C\", ordinal_position";
        const KEYS: &str = "SELECT c.relname::text, a.attname::text FROM pg_index i
             JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, at)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
             WHERE i.indisprimary AND n.nspname = current_schema() ORDER BY c.relname, k.at";
        let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in block_on(self.client.query(KEYS, &[]))? {
            keys.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
        }
        let mut tables: Vec<Table> = Vec::new();
        for row in block_on(self.client.query(COLUMNS, &[]))? {
            let (name, column): (String, _) = (row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
            match tables.last_mut().filter(|table| table.name == name) {
                Some(table) => table.columns.push(column),
                None => {
                    let key = keys.remove(&name).unwrap_or_default();
                    tables.push(Table { name, columns: vec![column], key });
                }
            }
        }
        Ok(tables)
    }

    fn each(&mut self, table: &Table, see: &mut See<'_>) -> Result<(), StoreError> {
        let is_text = |key: &String| table.columns.iter().any(|(name, is_text)| name == key && *is_text);
        let order = table.key.iter().map(|key| if is_text(key) { format!("{key} COLLATE \"C\"") } else { key.clone() });
        let order = order.collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT {} FROM {} ORDER BY {order}", table.columns(), table.name);
        let rows = block_on(self.client.query_raw::<_, i64, _>(&sql, []))?;
        let mut rows = std::pin::pin!(rows);
        while let Some(row) = block_on(rows.next()) {
            let row = row?;
            let cells = table.columns.iter().enumerate().map(|(at, (_, is_text))| cell(&row, at, *is_text));
            see(&cells.collect::<Result<Vec<_>, _>>()?)?;
        }
        Ok(())
    }

    fn insert(&mut self, table: &Table, row: &[Cell]) -> Result<(), StoreError> {
        if self.copying.is_none() {
            let sql = format!("COPY {} ({}) FROM STDIN BINARY", table.name, table.columns());
            let types: Vec<Type> =
                table.columns.iter().map(|(_, is_text)| if *is_text { Type::TEXT } else { Type::INT8 }).collect();
            let sink = block_on(self.client.copy_in(&sql))?;
            self.copying = Some(Box::pin(BinaryCopyInWriter::new(sink, &types)));
        }
        let Some(copying) = &mut self.copying else { return Err(StoreError::Closed) };
        let (no_text, no_int) = (None::<&str>, None::<i64>);
        let values = row.iter().zip(&table.columns).map(|(cell, (_, is_text))| -> &(dyn ToSql + Sync) {
            match cell {
                Cell::Text(text) => text,
                Cell::Int(int) => int,
                Cell::Null if *is_text => &no_text,
                Cell::Null => &no_int,
            }
        });
        Ok(block_on(copying.as_mut().write(&values.collect::<Vec<_>>()))?)
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        if let Some(mut copying) = self.copying.take() {
            block_on(copying.as_mut().finish())?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        Ok(block_on(self.client.batch_execute("COMMIT"))?)
    }
}
