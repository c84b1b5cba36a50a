//! `lockgate backup`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::place::Place;
use super::{Outcome, say};

#[derive(Debug, Args)]
pub struct Backup {
    /// The new file. To restore: stop the gateway, copy this file to DATA_DIR/lockgate.db (and remove lockgate.db-wal and
    /// lockgate.db-shm beside it), start again.
    #[arg(value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Backup {
    pub fn run(self) -> Outcome {
        self.place.database()?.backup(&self.to)?;
        say(&format!("{} is a complete, checked copy.", self.to.display()));
        Ok(ExitCode::SUCCESS)
    }
}
