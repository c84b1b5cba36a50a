//! `lockgate sandbox`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::Outcome;
use crate::app::switch::Switch;
use crate::config::{SANDBOX_SECRET_ENV, apart, base_url, network};
use crate::sandbox::{Joined, Options, SandboxFile, TreasuryKey, run};
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
    /// Decides every key of a new sandbox: the merchant's API key, the wallets, the chain's accounts; 1 if none is named. Whoever knows it can
    /// compute them all, so with --live there is none to choose: it is random.
    #[arg(long, value_name = "N", conflicts_with = "live")]
    seed: Option<u64>,
    /// Who signs for the treasury: `hot`, or `offline` with the key in DIR/treasury-1.json. `hot:2` is another wallet, which waits.
    #[arg(long, value_name = "SIGNER")]
    treasury: Option<TreasuryKey>,
    /// Where to serve numbers for Prometheus, at /metrics. Spans go to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names, if any.
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
    /// What browsers see of this sandbox, with --live: https://sandbox.pay.example. On another host than the live gateway.
    #[arg(long, value_name = "URL", requires = "live", value_parser = base_url)]
    base_url: Option<String>,
    /// The live gateway whose merchants come in from their pages, and nobody else. Nothing of the sandbox is open to all then. The secret that
    /// joins the two is in LOCKGATE_SANDBOX_SECRET at both.
    #[arg(long, value_name = "URL", requires = "base_url", value_parser = base_url)]
    live: Option<String>,
    /// With --live: a proxy in front, whose X-Forwarded-For is believed; an address or a network.
    #[arg(long, value_name = "NET", requires = "live", value_parser = network)]
    trusted_proxy: Vec<ipnet::IpNet>,
}

impl Sandbox {
    /// The three together, or none of them.
    fn joined(&self) -> Result<Option<Joined>, String> {
        let secret = std::env::var(SANDBOX_SECRET_ENV).ok().map(Zeroizing::new).filter(|secret| !secret.is_empty());
        let (Some(base_url), Some(live)) = (&self.base_url, &self.live) else {
            let what = "is set, but not --live and --base-url: an open sandbox is not for a live gateway's merchants";
            return if secret.is_some() { Err(format!("{SANDBOX_SECRET_ENV} {what}")) } else { Ok(None) };
        };
        let secret = secret.ok_or_else(|| format!("{SANDBOX_SECRET_ENV} is not set in the environment"))?;
        let base_url = apart(base_url.clone(), live).map_err(|what| format!("--base-url {what}"))?;
        let live = Switch::new(live.clone(), &secret).map_err(|what| format!("{SANDBOX_SECRET_ENV} {what}"))?;
        Ok(Some(Joined { base_url, live, proxies: self.trusted_proxy.clone() }))
    }

    pub async fn run(self) -> Outcome {
        let joined = self.joined()?;
        let traces = log::start(Collector::of_environment(&|name| std::env::var(name).ok()));
        let stop = CancellationToken::new();
        tokio::spawn(stop_at_signal(stop.clone()));
        let (data, seed) = (self.data.clone(), self.seed);
        let database_url = std::env::var(DATABASE_URL_ENV).ok();
        let (listen, treasury, metrics) = (self.listen, self.treasury, self.metrics);
        let kept = joined.clone();
        let options = Options { listen, data: self.data, database_url, seed, treasury, metrics, joined };
        let announce = |file: Option<&SandboxFile>| match (file, kept) {
            (Some(file), _) => announce(file, &data),
            (None, Some(Joined { base_url, live, .. })) => super::say(&format!(
                "The sandbox serves on {listen}, and browsers see {base_url}. The merchants of {} come in from their pages.",
                live.url
            )),
            (None, None) => {}
        };
        let result = run(options, stop, announce).await;
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Sandbox;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        sandbox: Sandbox,
    }

    fn parsed(arguments: &str) -> Result<Sandbox, clap::error::ErrorKind> {
        let line = Line::try_parse_from(["lockgate"].into_iter().chain(arguments.split_whitespace()));
        line.map(|line| line.sandbox).map_err(|error| error.kind())
    }

    #[test]
    fn nobody_chooses_the_seed_of_a_sandbox_that_strangers_use() {
        let joined = "--live https://pay.example.com --base-url https://sandbox.pay.example.com";
        assert_eq!(parsed("--seed 7").unwrap().seed, Some(7));
        assert!(parsed(joined).unwrap().live.is_some());
        assert_eq!(parsed(&format!("{joined} --seed 7")).unwrap_err(), clap::error::ErrorKind::ArgumentConflict);
    }
}
