//! Measures the gateway beside baselines, in one run, by one driver, on the machine it runs on: `docs/performance.md`.

mod among;
mod args;
mod bare;
mod callbacks;
mod callbacks_worker;
mod chain;
mod child;
mod create_invoice;
mod driver;
mod history;
mod http;
mod memory;
mod pages;
mod place;
mod preload;
mod raw;
mod report;
mod sandbox;
mod shop;
mod sink;
mod stats;
mod status;
mod watch;
mod watch_scan;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// What stops a benchmark: a message for the person who runs it. A wrong answer of the server is one.
type Fail = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(args.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn run(command: Command) -> Result<(), Fail> {
    match command {
        Command::CreateInvoice(options) => create_invoice::run(&options).await,
        Command::Status(options) => status::run(&options).await,
        Command::History(options) => history::run(&options).await,
        Command::Among(options) => among::run(&options).await,
        Command::Pages(options) => pages::run(&options).await,
        Command::Callbacks(options) => callbacks::run(&options).await,
        Command::Watch(options) => watch::run(&options).await,
        Command::ServeSandbox(part) => sandbox::serve(part).await,
        Command::ServeBare(part) => bare::serve(&part).await,
        Command::Raw(part) => raw::run(part).await,
        Command::Deliver(part) => callbacks_worker::run(part).await,
        Command::Scan(part) => watch_scan::run(part).await,
    }
}

#[expect(clippy::print_stderr, reason = "a command line speaks to people")]
fn failed(error: &Fail) -> ExitCode {
    eprintln!("bench: {error}");
    ExitCode::FAILURE
}
