//! The real program, driven from outside.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and speaks to people"
)]

mod anvil;
mod browser;
