//! `lockgate migrate`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::place::load;
use super::{Outcome, say};

#[derive(Debug, Args)]
pub struct Migrate {
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Migrate {
    pub fn run(self) -> Outcome {
        let config = load(&self.config)?;
        std::fs::create_dir_all(&config.data_dir)?;
        let version = config.database.migrate()?;
        say(&format!("{} has schema version {version}.", config.database.name()));
        Ok(ExitCode::SUCCESS)
    }
}
