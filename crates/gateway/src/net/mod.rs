//! The network at its edges: who calls us, and where we may call.

pub mod address;
pub mod client;
pub mod client_ip;
pub mod guard;
pub mod plain;
pub mod provider;
pub mod reach;
pub mod smtp;
