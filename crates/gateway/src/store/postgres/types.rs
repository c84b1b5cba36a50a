//! Values and columns as PostgreSQL's protocol carries them.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

use crate::store::tx::Value;

/// A whole number of whatever width.
#[derive(Debug)]
pub struct Int(pub i64);

impl<'a> FromSql<'a> for Int {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Int(match *ty {
            Type::INT8 => i64::from_sql(ty, raw)?,
            Type::BOOL => i64::from(bool::from_sql(ty, raw)?),
            _ => i64::from(i32::from_sql(ty, raw)?),
        }))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::BOOL)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Text(text), _) if <&str as ToSql>::accepts(ty) => text.to_sql(ty, out),
            (Value::Int(int), &Type::INT8) => int.to_sql(ty, out),
            (Value::Int(int), &Type::INT4) => i32::try_from(*int)?.to_sql(ty, out),
            (value, ty) => Err(format!("{value:?} is no {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// A value that outlives the statement's caller.
#[derive(Debug)]
pub enum Owned {
    Text(String),
    Int(i64),
    Null,
}

impl From<&Value<'_>> for Owned {
    fn from(value: &Value<'_>) -> Self {
        match value {
            Value::Text(text) => Owned::Text((*text).to_owned()),
            Value::Int(int) => Owned::Int(*int),
            Value::Null => Owned::Null,
        }
    }
}

impl ToSql for Owned {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Owned::Text(text) => Value::Text(text).to_sql(ty, out),
            Owned::Int(int) => Value::Int(*int).to_sql(ty, out),
            Owned::Null => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}
