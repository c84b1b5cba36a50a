//! What all tests share: the running program, a client, a callback receiver, the chain as a node shows it, the database.

mod acquirer;
mod chain;
mod client;
pub mod cluster;
mod database;
pub mod disk;
pub mod load;
mod merchants;
pub mod postgres;
mod process;
mod receiver;
mod sales;
mod signatures;
pub mod smtp;
mod story;
mod visitor;
mod waiting;

pub use acquirer::acquirer_signature;
pub use chain::{Chain, units};
pub use client::{Answer, Client, Pay, json, page_token, percent_encoded};
pub use database::{Database, contents, edit, owed_usd, prepared};
pub use merchants::{NewMerchant, WALLET};
pub use process::{Sandbox, Shared, quiet_port};
pub use receiver::{Received, Receiver, Reply};
pub use sales::*;
pub use signatures::{assert_signed, hmac};
pub use story::*;
pub use visitor::Visitor;
pub use waiting::{PATIENCE, wait_until};
