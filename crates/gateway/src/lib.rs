//! The gateway: use cases, storage, the contract's API, the hosted page, workers and the command line.

pub mod store;
