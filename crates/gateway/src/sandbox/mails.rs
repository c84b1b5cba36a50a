//! The mails that a live gateway would have for people.

use axum::extract::State;
use serde_json::{Value, json};

use super::Sandbox;
use super::controls::{Answer, answered};
use crate::store::mails;
use crate::wire::time::written;

pub const PATH: &str = "/sandbox/mails";

/// All of them, oldest first.
pub async fn list(State(sandbox): State<Sandbox>) -> Answer {
    let mails = sandbox.app.store.read(mails::list).await?;
    let shown = |mail: &mails::MailRow| {
        json!({
            "seq": mail.seq,
            "created_at": written(mail.created_at.0),
            "to": mail.recipient,
            "subject": mail.subject,
            "body": mail.body,
            "state": mail.state.name(),
        })
    };
    Ok(answered(&json!({ "mails": mails.iter().map(shown).collect::<Vec<Value>>() })))
}
