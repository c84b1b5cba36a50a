//! PostgreSQL, for more than one node.

mod connect;
mod gather;
mod line;
mod migrate;
mod node;
pub mod partitions;
mod readers;
mod servers;
pub mod session;
mod tls;
pub mod types;
mod watch;
mod writer;

use std::sync::mpsc;

pub use connect::Address;
pub use line::Line;
pub use migrate::migrate;
pub use readers::Readers;

use super::error::StoreError;
use super::health::Health;
use super::job::Boxed;
use super::tx::{Tx, values};
use crate::random::Random;

/// Connects, brings the schema up to date, and starts the writer.
pub fn open(address: &Address, health: Health) -> Result<(mpsc::SyncSender<Boxed>, Readers), StoreError> {
    migrate(address)?;
    let id = hex::encode(Random::system().token_bytes::<16>());
    let (node, session) = node::Node::enter(address.clone(), id)?;
    let queue = writer::start(node, session, health).map_err(|error| StoreError::Unusable(error.to_string()))?;
    Ok((queue, Readers::new(address.clone())))
}

/// No other statement asks for the time: a decision's time comes in as a value.
const TIME: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";

/// The server's time, in milliseconds since 1970.
pub fn time(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.row(TIME, values![], |row| row.int("now"))?.ok_or(StoreError::Closed)
}
