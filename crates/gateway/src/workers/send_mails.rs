//! Sends the mails of the outbox.
//!
//! Claim → send → record. A crash between the last two sends the mail again once the claim runs out: at least once, and the
//! Message-ID is the same, so that a repeat can be recognised.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio_util::sync::CancellationToken;

use super::{Trouble, rest};
use crate::app::SharedApp;
use crate::app::mails::{self, Outcome};
use crate::app::wake::Bell;
use crate::crash::crash_point;
use crate::net::smtp::{Letter, NotSent, SmtpServer};
use crate::store::StoreError;
use crate::telemetry::metrics::{self, METRICS};

/// Commands of other processes write mails, too: nobody nudges.
const QUIET: Duration = Duration::from_secs(2);
/// In one round.
const AT_ONCE: usize = 20;

pub async fn run(app: SharedApp, server: SmtpServer, stop: CancellationToken) {
    let (trouble, nobody) = (Trouble::default(), Bell::default());
    loop {
        let sent = round(&app, &server, &stop).await;
        trouble.report("Sending mails", sent.map(|_| ()).map_err(|error| error.to_string()));
        if !rest(&nobody, QUIET, &stop).await {
            return;
        }
    }
}

/// Tries what is due, one after the other; how many were tried. What is begun is ended before we stop.
pub async fn round(app: &SharedApp, server: &SmtpServer, stop: &CancellationToken) -> Result<usize, StoreError> {
    for tried in 0..AT_ONCE {
        if stop.is_cancelled() {
            return Ok(tried);
        }
        let Some(row) = mails::claim_due(app).await? else { return Ok(tried) };
        let domain = server.from.email.domain();
        let message_id = format!("{}.{}", row.seq, mails::installation(&app.store, &app.random, domain).await?);
        let file = row.file.as_ref().and_then(|file| Some((file.name.as_str(), STANDARD.decode(&file.base64).ok()?)));
        let letter = Letter {
            recipient: &row.recipient,
            subject: &row.subject,
            body: &row.body,
            file: file.as_ref().map(|(name, bytes)| (*name, bytes.as_slice())),
            message_id: &message_id,
            written_at: row.created_at,
        };
        let sent = server.send(letter).await;
        crash_point("mail.after_send");
        let (seq, attempts) = (row.seq, row.attempts);
        let word = match &sent {
            Ok(()) => "sent",
            Err(NotSent::Later(_)) => "later",
            Err(NotSent::Never(_)) => "never",
        };
        METRICS.mails.get_or_create(&metrics::Outcome { outcome: word }).inc();
        let outcome = match sent {
            Ok(()) => {
                tracing::info!(seq, "A mail is sent");
                Outcome::Sent
            }
            Err(NotSent::Later(why)) => {
                tracing::warn!(seq, attempts, why, "A mail could not be sent and will be tried again");
                Outcome::Later(why)
            }
            Err(NotSent::Never(why)) => {
                tracing::warn!(seq, why, "A mail cannot be sent: see `lockgate mails`");
                Outcome::Never(why)
            }
        };
        mails::record(app, row, outcome).await?;
    }
    Ok(AT_ONCE)
}
