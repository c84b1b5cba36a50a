//! The real program, driven from outside: `lockgate sandbox` is started, spoken to over loopback HTTP as merchants, payers and
//! their servers speak to it, killed, and started again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and speaks to people"
)]

mod access;
mod anvil;
mod archive;
mod books;
mod browser;
mod callbacks;
mod cards;
mod coin_refunds;
mod core_dumps;
mod create_invoice;
mod dashboard;
mod durability;
mod faults;
mod harness;
mod lifecycle;
mod live;
mod lookups;
mod mails;
mod money_out;
mod nodes;
mod operations;
mod partitions;
mod payees;
mod payout;
mod postgres;
mod providers;
mod reads;
mod switch;
mod treasury;
mod upi;
