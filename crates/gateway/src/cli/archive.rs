//! `lockgate archive`: events and callbacks of what is long over leave the database for a file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use domain::Time;
use domain::time::DAY;

use super::place::Place;
use super::who::actor;
use super::{Outcome, say};
use crate::app::archive::archive;
use crate::wire::time::read_day;

/// Move events, callbacks and their attempts of what is over, and was last heard of before a day, into a file. The gateway may run meanwhile.
/// What may still be paid or told stays: an invoice with an address stays for 400 days. Interrupted, run it again with the same file. Keep the
/// file: `lockgate audit --archive FILE` proves it. The same file can be used again next time, or another.
#[derive(Debug, Args)]
pub struct Archive {
    /// UTC: what had its last event on this day, or later, stays.
    #[arg(long, value_name = "YYYY-MM-DD")]
    before: String,
    /// The file, made if it is not there.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Archive {
    pub async fn run(self) -> Outcome {
        let day = read_day(&self.before).ok_or_else(|| format!("{} is no day: YYYY-MM-DD", self.before))?;
        let before = Time(i64::from(day) * DAY);
        let (store, office) = self.place.office().await?;
        let now = Time(office.clock.now());
        let id = office.random.id("arc_", now.0);
        let moved = archive(&store, &self.to, &id, before, now, &actor()).await?;
        if moved.finished > 0 {
            say(&format!("{} steps of an interrupted run were finished.", moved.finished));
        }
        say(&format!(
            "{} events, {} callbacks and {} attempts of {} invoices, funds and payments are in {}, compared, and no longer in the database.",
            moved.rows[0],
            moved.rows[1],
            moved.rows[2],
            moved.items,
            self.to.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}
