//! The command line: one file a command.

mod sandbox;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A self-hosted payment gateway.
#[derive(Debug, Parser)]
#[command(name = "lockgate", version, about, arg_required_else_help = true)]
struct Lockgate {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything simulated and embedded: no other process, no network, no real money.
    Sandbox(sandbox::Sandbox),
}

pub fn main() -> ExitCode {
    let command = Lockgate::parse().command;
    log_to_stderr();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let result = runtime.block_on(async {
        match command {
            Command::Sandbox(command) => command.run().await,
        }
    });
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

/// `LOCKGATE_LOG` filters (`info` by default), `LOCKGATE_LOG_FORMAT=json` writes a JSON object a line.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LOCKGATE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let json = std::env::var("LOCKGATE_LOG_FORMAT").is_ok_and(|format| format == "json");
    let _ = if json { builder.json().try_init() } else { builder.with_target(false).try_init() };
}
