//! PostgreSQL, for more than one node.

mod connect;
mod node;
pub mod partitions;
mod readers;
pub mod session;
mod tls;
pub mod types;
mod writer;

use std::sync::mpsc;

pub use connect::Address;
pub use readers::Readers;

use super::error::StoreError;
use super::job::Boxed;
use super::migrations;
use crate::random::Random;

/// Connects, brings the schema up to date, and starts the writer.
pub fn open(address: &Address) -> Result<(mpsc::SyncSender<Boxed>, Readers), StoreError> {
    migrate(address)?;
    let id = hex::encode(Random::system().token_bytes::<16>());
    let (node, session) = node::Node::enter(address.clone(), id)?;
    let queue = writer::start(node, session).map_err(|error| StoreError::Unusable(error.to_string()))?;
    Ok((queue, Readers::new(address.clone())))
}

/// Brings the schema up to date; of several nodes that start at once, one after the other. Answers the schema's version.
pub fn migrate(address: &Address) -> Result<i64, StoreError> {
    address.with(|mut client| async move {
        client.batch_execute("SET statement_timeout = 0; SELECT pg_advisory_lock(7010893400)").await?;
        migrations::runner()
            .run_async(&mut client)
            .await
            .map_err(|error| StoreError::Unusable(format!("migration failed: {error}")))?;
        let version = client.query_one("SELECT max(version) FROM refinery_schema_history", &[]).await?;
        Ok(i64::from(version.try_get::<_, i32>(0)?))
    })
}
