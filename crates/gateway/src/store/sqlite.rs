//! SQLite, embedded: one thread writes, reads run where they are asked for.

pub mod open;
pub mod readers;
pub mod writer;
