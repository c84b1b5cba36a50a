//! `lockgate serve`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use super::place::load;
use crate::server::stop_at_signal;
use crate::telemetry::log;

#[derive(Debug, Args)]
pub struct Serve {
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Serve {
    pub async fn run(self) -> Outcome {
        let config = load(&self.config)?;
        let traces = log::start(config.operations.collector.clone());
        let stop = CancellationToken::new();
        tokio::spawn(stop_at_signal(stop.clone()));
        let result = crate::live::run(config, stop).await;
        traces.end().await;
        result?;
        Ok(ExitCode::SUCCESS)
    }
}
