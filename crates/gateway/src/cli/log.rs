//! `lockgate log`: what people did, and whether anybody changed it since.

use std::process::ExitCode;

use clap::Args;

use super::place::Place;
use super::{Outcome, say};
use crate::app::acts;
use crate::wire::time::written;

/// What people did that matters, oldest first; checks that nothing of it was changed since.
#[derive(Debug, Args)]
pub struct Log {
    #[command(flatten)]
    place: Place,
}

impl Log {
    pub async fn run(self) -> Outcome {
        let acts = self.place.store()?.read(acts::all).await?;
        let mut wrong = 0;
        for read in &acts {
            let act = &read.act;
            let detail = if act.detail.is_empty() { String::new() } else { format!(": {}", act.detail) };
            say(&format!("{} {} {} {} {}{detail}", read.seq, written(act.at.0), act.actor, act.act, act.about));
            if let Some(what) = read.wrong {
                say(&format!("WRONG: {}: {what}", read.seq));
                wrong += 1;
            }
        }
        say(&match wrong {
            0 => format!("{} acts, each chained to the one before", acts.len()),
            wrong => format!("{} acts, {wrong} findings", acts.len()),
        });
        Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
