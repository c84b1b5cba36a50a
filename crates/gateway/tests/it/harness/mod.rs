//! What all tests share: the running program, a client, a callback receiver, the chain as a node shows it, the database.

mod chain;
mod client;
mod database;
mod merchants;
mod process;
mod receiver;
mod signatures;
mod waiting;

pub use chain::{Chain, units};
pub use client::{Answer, Client, Pay, json, page_token};
pub use database::Database;
pub use merchants::{NewMerchant, WALLET};
pub use process::{Sandbox, Shared};
pub use receiver::{Receiver, Reply};
pub use signatures::assert_signed;
pub use waiting::{PATIENCE, wait_until};
