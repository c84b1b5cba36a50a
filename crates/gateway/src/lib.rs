//! The program: use cases, storage, the contract's API, checkout, workers, command line.

pub mod app;
pub mod clock;
pub mod config;
pub mod net;
pub mod random;
pub mod secrets;
pub mod store;
pub mod wire;
pub mod workers;
