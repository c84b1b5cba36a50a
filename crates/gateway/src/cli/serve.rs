//! `lockgate serve`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use super::place::load;
use crate::server::stop_at_signal;

#[derive(Debug, Args)]
pub struct Serve {
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Serve {
    pub async fn run(self) -> Outcome {
        let stop = CancellationToken::new();
        tokio::spawn(stop_at_signal(stop.clone()));
        crate::live::run(load(&self.config)?, stop).await?;
        Ok(ExitCode::SUCCESS)
    }
}
