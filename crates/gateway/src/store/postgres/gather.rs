//! Rows gathered into one statement: the writes of a commit insert into the same tables, and a server takes many rows in one statement for
//! little more than it takes for one.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::Statement;
use tokio_postgres::types::{IsNull, ToSql, Type};

use super::types::Owned;
use crate::store::error::StoreError;
use crate::store::sql::Sql;
use crate::store::tx::Value;

/// Rows of one statement that wait to be sent.
#[derive(Debug)]
pub struct Gathered {
    pub sql: Sql,
    pub rows: Vec<Vec<Owned>>,
}

impl Gathered {
    pub fn push(&mut self, values: &[Value<'_>]) {
        self.rows.push(values.iter().map(Owned::from).collect());
    }
}

/// The same insert for any number of rows: `INSERT INTO t (a, b) VALUES ($1, $2)` as
/// `INSERT INTO t (a, b) SELECT g.p1, g.p2 FROM unnest($1::text[], $2::bigint[]) AS g (p1, p2)`. `None` of anything but a plain insert.
pub fn many(sql: Sql, types: &[Type]) -> Option<String> {
    let (into, values) = sql.text.split_once("VALUES (")?;
    let values = values.trim_end().strip_suffix(')')?;
    let is_plain = into.starts_with("INSERT INTO") && !values.contains("ON CONFLICT") && !values.contains("RETURNING");
    let arrays: Option<Vec<&str>> = types.iter().map(array).collect();
    let (arrays, is_plain) = (arrays?, is_plain && !types.is_empty());
    let numbered = |form: &dyn Fn(usize) -> String| (1..=arrays.len()).map(form).collect::<Vec<_>>().join(", ");
    let given = numbered(&|number| format!("${number}::{}[]", arrays[number - 1]));
    let names = numbered(&|number| format!("p{number}"));
    is_plain.then(|| format!("{into}SELECT {} FROM unnest({given}) AS g ({names})", values.replace('$', "g.p")))
}

fn array(ty: &Type) -> Option<&'static str> {
    match *ty {
        Type::TEXT => Some("text"),
        Type::INT8 => Some("bigint"),
        Type::INT4 => Some("integer"),
        _ => None,
    }
}

/// One parameter of all rows.
#[derive(Debug)]
pub enum Column {
    Text(Vec<Option<String>>),
    Int8(Vec<Option<i64>>),
    Int4(Vec<Option<i32>>),
}

/// What was given row by row, parameter by parameter.
///
/// # Errors
/// When a value is not of its parameter's type.
pub fn columns(one: &Statement, rows: Vec<Vec<Owned>>) -> Result<Vec<Column>, StoreError> {
    let empty = |ty: &Type| match *ty {
        Type::INT8 => Column::Int8(Vec::with_capacity(rows.len())),
        Type::INT4 => Column::Int4(Vec::with_capacity(rows.len())),
        _ => Column::Text(Vec::with_capacity(rows.len())),
    };
    let mut columns: Vec<Column> = one.params().iter().map(empty).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            match (column, value) {
                (Column::Text(column), Owned::Text(text)) => column.push(Some(text)),
                (Column::Text(column), Owned::Null) => column.push(None),
                (Column::Int8(column), Owned::Int(int)) => column.push(Some(int)),
                (Column::Int8(column), Owned::Null) => column.push(None),
                (Column::Int4(column), Owned::Int(int)) if i32::try_from(int).is_ok() => {
                    column.push(i32::try_from(int).ok());
                }
                (Column::Int4(column), Owned::Null) => column.push(None),
                (_, value) => return Err(StoreError::Inconsistent(format!("{value:?} is not of its column's type"))),
            }
        }
    }
    Ok(columns)
}

impl ToSql for Column {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Column::Text(column) => column.to_sql(ty, out),
            Column::Int8(column) => column.to_sql(ty, out),
            Column::Int4(column) => column.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::postgres::{Address, migrate};
    use crate::store::testing::postgres;

    #[test]
    fn only_plain_inserts_are_gathered() {
        let many = |text: &'static str, types: &[Type]| many(Sql::of(text, text), types);
        assert_eq!(
            many("INSERT INTO t (a, b, c, d) VALUES ($1, $2, $1, 0)", &[Type::TEXT, Type::INT8]).as_deref(),
            Some(
                "INSERT INTO t (a, b, c, d) SELECT g.p1, g.p2, g.p1, 0 FROM unnest($1::text[], $2::bigint[]) AS g (p1, p2)"
            )
        );
        for text in [
            "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO NOTHING",
            "INSERT INTO t (a) VALUES ($1) RETURNING a",
            "INSERT INTO t (a) SELECT $1",
            "UPDATE t SET a = $1",
        ] {
            assert_eq!(many(text, &[Type::TEXT]), None, "{text}");
        }
        assert_eq!(many("INSERT INTO t (a) VALUES ($1)", &[Type::NUMERIC]), None);
    }

    #[test]
    fn the_server_understands_every_insert_of_many_rows() {
        let Some(url) = postgres::fresh() else { return };
        let address = Address::parse(&url).unwrap();
        migrate(&address).unwrap();
        let gathered = address.with(|client| async move {
            let mut gathered = 0;
            for (file, statements) in crate::store::FILES {
                for (name, text) in *statements {
                    let one = client.prepare(text).await?;
                    let Some(all) = many(Sql::of(text, text), one.params()) else { continue };
                    let prepared = client.prepare(&all).await;
                    assert!(prepared.is_ok(), "{file}::{name}: {all}: {:?}", prepared.err());
                    gathered += 1;
                }
            }
            Ok(gathered)
        });
        assert!(gathered.unwrap() > 20);
    }
}
