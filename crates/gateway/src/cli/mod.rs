//! The command line: one file a command.

mod archive;
mod audit;
mod backup;
mod callbacks;
mod chain;
mod chain_deploy;
mod config;
mod copy;
mod doctor;
mod log;
mod mails;
mod merchant;
mod merchant_payout;
mod merchant_setup;
mod migrate;
mod partition;
mod payments;
mod payments_claim;
mod place;
mod provider;
mod provider_payouts;
mod refund;
mod sandbox;
mod serve;
mod settlement;
mod sign;
mod transfers;
mod treasury;
mod treasury_offline;
mod upi;
mod user;
mod who;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::telemetry;

/// A self-hosted payment gateway.
#[derive(Debug, Parser)]
#[command(name = "lockgate", version, about = "A self-hosted payment gateway.", arg_required_else_help = true)]
struct Lockgate {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything simulated and embedded: no other process, no network, no real money.
    Sandbox(sandbox::Sandbox),
    /// Run live, as the configuration says.
    Serve(serve::Serve),
    /// Look at the configuration without running anything.
    #[command(subcommand)]
    Config(config::Config),
    /// Bring the database's schema up to date.
    Migrate(migrate::Migrate),
    /// Check everything a live gateway needs, and say what to do.
    Doctor(doctor::Doctor),
    /// Make and set up merchants.
    #[command(subcommand)]
    Merchant(merchant::Merchant),
    /// The forwarder factory on the configured chains.
    #[command(subcommand)]
    Chain(chain::Chain),
    /// Callbacks: what was sent, sending again, checking a signature.
    #[command(subcommand)]
    Callbacks(callbacks::Callbacks),
    /// Payments that need somebody's eyes.
    #[command(subcommand)]
    Payments(payments::Payments),
    /// Accounts at payment providers.
    #[command(subcommand)]
    Provider(provider::ProviderCommand),
    /// Payments to a merchant's own VPA.
    #[command(subcommand)]
    Upi(upi::Upi),
    /// People who sign in.
    #[command(subcommand)]
    User(user::User),
    Refund(refund::Refund),
    /// The operator's wallets from which merchants and payers are paid.
    #[command(subcommand)]
    Treasury(treasury::TreasuryCommand),
    Sign(sign::Sign),
    /// What merchants are settled for card and UPI money, and on which terms.
    #[command(subcommand)]
    Settlement(settlement::Settlement),
    /// Money on its way out: look at it, and act where somebody has to.
    #[command(subcommand)]
    Transfers(transfers::Transfers),
    Log(log::Log),
    Mails(mails::Mails),
    Archive(archive::Archive),
    Partition(partition::Partition),
    /// Prove the books from the rows alone.
    Audit(audit::Audit),
    /// Copy the database while it is in use.
    Backup(backup::Backup),
    Copy(copy::Copy),
}

pub fn main() -> ExitCode {
    if let Err(error) = crate::process::forbid_core_dumps() {
        say_error(&format!("core dumps cannot be forbidden: {error}"));
        return ExitCode::FAILURE;
    }
    let command = Lockgate::parse().command;
    // those that run for long start it themselves: they may have a collector for spans
    if !matches!(command, Command::Serve(_) | Command::Sandbox(_)) {
        telemetry::log::start(None);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let result = runtime.block_on(async {
        crate::process::outlive_file_limits();
        match command {
            Command::Sandbox(command) => command.run().await,
            Command::Serve(command) => command.run().await,
            Command::Config(command) => command.run(),
            Command::Migrate(command) => command.run(),
            Command::Doctor(command) => command.run().await,
            Command::Merchant(command) => command.run().await,
            Command::Chain(command) => command.run().await,
            Command::Callbacks(command) => command.run().await,
            Command::Payments(command) => command.run().await,
            Command::Provider(command) => command.run().await,
            Command::Upi(command) => command.run().await,
            Command::User(command) => command.run().await,
            Command::Refund(command) => command.run().await,
            Command::Treasury(command) => command.run().await,
            Command::Sign(command) => command.run(),
            Command::Settlement(command) => command.run().await,
            Command::Transfers(command) => command.run().await,
            Command::Log(command) => command.run().await,
            Command::Mails(command) => command.run().await,
            Command::Archive(command) => command.run().await,
            Command::Partition(command) => command.run().await,
            Command::Audit(command) => command.run().await,
            Command::Backup(command) => command.run(),
            Command::Copy(command) => command.run(),
        }
    });
    crate::store::merchants::let_all_see();
    match result {
        Ok(code) => code,
        Err(error) => failed(error.as_ref()),
    }
}

/// What a command ends with.
type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// Says what went wrong, with its causes, once.
fn failed(error: &dyn std::error::Error) -> ExitCode {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    say_error(&text);
    ExitCode::FAILURE
}

#[expect(clippy::print_stderr, reason = "the command line speaks to people")]
fn say_error(text: &str) {
    eprintln!("lockgate: {text}");
}

/// A line for the person at the keyboard.
#[expect(clippy::print_stdout, reason = "the command line speaks to people")]
fn say(text: &str) {
    println!("{text}");
}
