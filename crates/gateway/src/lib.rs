//! The program: use cases, storage, the contract's API, checkout, workers, command line.

pub mod api;
pub mod app;
pub mod aside;
pub mod checkout;
pub mod cli;
pub mod clock;
pub mod config;
mod crash;
pub mod dashboard;
pub mod live;
mod lock;
pub mod net;
pub mod papers;
pub mod process;
pub mod random;
pub mod sandbox;
pub mod scrape;
pub mod secrets;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod wire;
pub mod workers;

/// Much of what a request needs is made on one thread and freed on another, which the system's allocator is slow at (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
