//! `lockgate mails`: what people are told, and what became of it.

use std::process::ExitCode;

use clap::Args;

use super::place::Place;
use super::who::actor;
use super::{Outcome, say};
use crate::app::mails as outbox;
use crate::store::mails::{self, MailRow, State};
use crate::wire::time::written;

/// Notices to merchants and the operator, and links to payers. A mail's text is erased once it is sent.
///
/// With [smtp] in the configuration the running gateway sends them; without it they wait here, and the operator passes them on.
#[derive(Debug, Args)]
pub struct Mails {
    #[command(flatten)]
    place: Place,
    /// Let one that failed be tried again.
    #[arg(long, value_name = "NUMBER")]
    again: Option<i64>,
}

impl Mails {
    pub async fn run(self) -> Outcome {
        if let Some(seq) = self.again {
            let app = self.place.app().await?;
            let worker = app.clone();
            if !app.store.write(move |tx| outbox::again(&worker, tx, seq, &actor())).await? {
                return Err(format!("there is no mail {seq} that failed").into());
            }
            say(&format!("Mail {seq} {}", self.place.outbox()?));
            return Ok(ExitCode::SUCCESS);
        }
        let mails = self.place.store()?.read(mails::list).await?;
        mails.iter().for_each(show);
        let (waiting, failed, _) = outbox::standing(&mails);
        say(&match (mails.len(), waiting + failed) {
            (0, _) => "No mails.".to_owned(),
            (count, 0) => format!("{count} mails. All are sent."),
            (count, _) if self.place.sends_mail()? => {
                format!(
                    "{count} mails. {waiting} are for the running gateway to send; {failed} failed: pass them on, or `--again`."
                )
            }
            (count, _) => format!("{count} mails. Nothing here sends mail: pass them on yourself."),
        });
        Ok(ExitCode::SUCCESS)
    }
}

fn show(mail: &MailRow) {
    let state = mail.state.name();
    say(&format!("{} {} {state} to {}: {}", mail.seq, written(mail.created_at.0), mail.recipient, mail.subject));
    let note = mail.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    match (mail.state, mail.due_at, mail.sent_at) {
        (State::Waiting, Some(due), _) if mail.attempts > 0 => {
            say(&format!("    tried {} times, next at {} UTC{note}", mail.attempts, written(due.0)));
        }
        (State::Sent, _, Some(at)) => say(&format!("    sent at {} UTC", written(at.0))),
        (State::Failed, ..) => say(&format!("    given up after {} tries{note}", mail.attempts)),
        _ => {}
    }
    mail.body.trim_end().lines().for_each(|line| say(&format!("    {line}")));
}
