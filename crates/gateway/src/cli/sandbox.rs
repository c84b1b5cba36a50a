//! `lockgate sandbox`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use crate::sandbox::{Options, SandboxFile, TreasuryKey, run};
use crate::server::stop_at_signal;
use crate::telemetry::log;
use crate::telemetry::traces::Collector;

/// Of its own: whoever exported a live gateway's would put a sandbox into its database.
const DATABASE_URL_ENV: &str = "LOCKGATE_SANDBOX_DATABASE_URL";

#[derive(Debug, Args)]
pub struct Sandbox {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
    /// Where everything is kept. Started again on the same directory, the sandbox goes on where it was.
    #[arg(long, default_value = "lockgate-sandbox", value_name = "DIR")]
    data: PathBuf,
    /// Decides the merchant's API key, the wallets and the chain's accounts.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Who signs for the treasury: `hot`, or `offline` with the key in DIR/treasury-1.json. `hot:2` is another wallet, which waits.
    #[arg(long, value_name = "SIGNER")]
    treasury: Option<TreasuryKey>,
    /// Where to serve numbers for Prometheus, at /metrics. Spans go to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names, if any.
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
}

impl Sandbox {
    pub async fn run(self) -> Outcome {
        let traces = log::start(Collector::of_environment(&|name| std::env::var(name).ok()));
        let stop = CancellationToken::new();
        tokio::spawn(stop_at_signal(stop.clone()));
        let (data, seed) = (self.data.clone(), self.seed);
        let database_url = std::env::var(DATABASE_URL_ENV).ok();
        let (listen, treasury, metrics) = (self.listen, self.treasury, self.metrics);
        let options = Options { listen, data: self.data, database_url, seed, treasury, metrics };
        let result = run(options, stop, |file| announce(file, &data)).await;
        traces.end().await;
        result?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What a newcomer wants to paste and to open.
#[expect(clippy::print_stdout, reason = "the command line speaks to people")]
fn announce(file: &SandboxFile, data: &std::path::Path) {
    let SandboxFile { base_url, api_key, controls_url, callback_inbox_url, rpc_url, .. } = file;
    println!(
        "The sandbox serves at {base_url}. No real money, no real chain.

Create an invoice:

  curl -s {base_url}/api/btn-create-invoice/get/ \\
    -H 'API-KEY: {api_key}' -H 'Content-Type: application/json' \\
    -d '{{\"email\":\"customer@example.com\",\"amount\":\"15.04\",\"devise\":\"USD\"}}'

Then open its redirectUrl in a browser, and press the buttons at
  {controls_url}
Callbacks that were sent:    {callback_inbox_url}
The simulated chain (RPC):   {rpc_url}
All of this for scripts:     {}
",
        data.join("sandbox.json").display()
    );
}
