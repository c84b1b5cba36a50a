//! `lockgate mails`: what people are to be told.

use std::process::ExitCode;

use clap::Args;

use super::place::Place;
use super::{Outcome, say};
use crate::store::mails;
use crate::wire::time::written;

/// Notices to merchants, and links to payers. They are not sent yet: they wait here, and the operator passes them on.
#[derive(Debug, Args)]
pub struct Mails {
    #[command(flatten)]
    place: Place,
}

impl Mails {
    pub async fn run(self) -> Outcome {
        let mails = self.place.store()?.read(mails::list).await?;
        for mail in &mails {
            say(&format!(
                "{} {} {} to {}: {}",
                mail.seq,
                written(mail.created_at.0),
                mail.state,
                mail.recipient,
                mail.subject
            ));
            mail.body.trim_end().lines().for_each(|line| say(&format!("    {line}")));
        }
        say(&match mails.len() {
            0 => "No mails.".to_owned(),
            count => format!("{count} mails. Nothing here sends mail yet: pass them on yourself."),
        });
        Ok(ExitCode::SUCCESS)
    }
}
