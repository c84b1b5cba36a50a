//! The command line. Hidden commands are the parts that run in processes of their own, so that memory is counted for one thing only.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use serde::Serialize;

/// Measures the gateway beside baselines.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Durable invoices a second over HTTP.
    CreateInvoice(Options),
    /// Invoice status, among 1,000 invoices and among many.
    Status(Options),
    /// Invoice history: first, deep and filtered pages, among 1,000 invoices and among many.
    History(Options),
    /// Starting, and durable invoices a second over HTTP, with many invoices in place.
    Among(Options),
    /// The dashboard's pages, among 1,000 invoices and among many.
    Pages(Options),
    /// Callbacks a second to a local server, with durable bookkeeping.
    Callbacks(Options),
    /// Blocks of 1,000 transfers a second, matched against many addresses.
    Watch(Options),
    #[command(hide = true)]
    ServeSandbox(Serve),
    #[command(hide = true)]
    ServeBare(Bare),
    #[command(hide = true)]
    Raw(Raw),
    #[command(hide = true)]
    Deliver(Deliver),
    #[command(hide = true)]
    Scan(Scan),
}

#[derive(Debug, Clone, ClapArgs, Serialize)]
pub struct Options {
    /// How long each line of the table is measured, after a second of warming up.
    #[arg(long)]
    pub seconds: Option<u64>,
    /// Requests under way at one time, each on a connection of its own.
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// Invoices in the larger database (status, history, among, pages), or callbacks to send.
    #[arg(long, default_value_t = 20_000)]
    pub invoices: i64,
    /// Deposit addresses that are watched.
    #[arg(long, default_value_t = 100_000)]
    pub addresses: u64,
    /// Where databases are made; they are deleted afterwards. It must be on a real disk for durable writes to mean anything.
    #[arg(long, default_value = "target/bench-data")]
    pub data: PathBuf,
    /// A PostgreSQL server to measure too: the address of its database `postgres`, by a user who may make others. Needs `psql`.
    #[arg(long, env = "LOCKGATE_BENCH_POSTGRES", hide_env_values = true)]
    #[serde(skip)]
    pub postgres: Option<String>,
    /// Prints one JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, ClapArgs)]
pub struct Serve {
    #[arg(long)]
    pub data: PathBuf,
}

#[derive(Debug, Clone, ClapArgs)]
pub struct Bare {
    /// What every request is answered.
    #[arg(long)]
    pub answer: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RawWork {
    UseCase,
    Rows,
    Status,
    History,
}

#[derive(Debug, Clone, ClapArgs)]
pub struct Raw {
    #[arg(long)]
    pub work: RawWork,
    #[arg(long)]
    pub data: PathBuf,
    #[arg(long)]
    pub seconds: u64,
    #[arg(long)]
    pub connections: usize,
    /// Rows before the page, of history.
    #[arg(long, default_value_t = 0)]
    pub skip: i64,
    #[arg(long, default_value_t = 0)]
    pub invoices: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeliverWork {
    /// The gateway's worker, sending.
    Worker,
    /// Leasing and recording as the worker does, without sending.
    Bookkeeping,
    /// Sending with the same client, without a database.
    Posting,
}

#[derive(Debug, Clone, ClapArgs)]
pub struct Deliver {
    #[arg(long)]
    pub work: DeliverWork,
    #[arg(long)]
    pub data: PathBuf,
    #[arg(long)]
    pub sink: String,
    #[arg(long)]
    pub callbacks: i64,
}

#[derive(Debug, Clone, ClapArgs)]
pub struct Scan {
    #[arg(long)]
    pub node: String,
    #[arg(long)]
    pub addresses: u64,
    #[arg(long)]
    pub seconds: u64,
}
