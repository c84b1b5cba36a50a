//! `lockgate partition`: events and callbacks on PostgreSQL, divided by month.

use std::process::ExitCode;

use clap::Args;

use super::place::Place;
use super::{Outcome, say};
use crate::store::Database;
use crate::store::postgres::partitions::keep;
use crate::wire::time::written;

/// On PostgreSQL: divide events, callbacks and their attempts by the month in which their invoice was made, begin this month's partitions,
/// and drop those of past months that `lockgate archive` has emptied. Run it once a month, after `archive`; run twice, it does nothing. While it
/// runs, requests wait: the first time, and in a new month, the newest partition is read once.
#[derive(Debug, Args)]
pub struct Partition {
    #[command(flatten)]
    place: Place,
}

impl Partition {
    pub async fn run(self) -> Outcome {
        let Database::Server(address) = self.place.database()? else {
            return Err("a SQLite file has no partitions; `lockgate archive` keeps it small".into());
        };
        let (_, office) = self.place.office().await?;
        let month = written(office.clock.now()).get(..7).unwrap_or_default().replace('-', "_");
        let done = keep(&address, &month)?;
        for line in &done {
            say(&format!("{line}."));
        }
        if done.is_empty() {
            say("There is nothing to do.");
        }
        Ok(ExitCode::SUCCESS)
    }
}
