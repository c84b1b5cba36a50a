//! The mails that a live gateway would have for people.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use super::Sandbox;
use super::acquirer::pages::HEADERS;
use super::controls::{Answer, Refused, answered};
use crate::store::mails;
use crate::wire::time::written;

pub const PATH: &str = "/sandbox/mails";
/// The same for people.
pub const PAGE_PATH: &str = "/sandbox/mailbox";

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

/// A piece of a mail's text.
enum Piece {
    Text(String),
    /// A link to this sandbox.
    Link(String),
}

struct Shown {
    at: String,
    to: String,
    subject: String,
    pieces: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "sandbox/mailbox.html")]
struct Mailbox {
    mails: Vec<Shown>,
}

/// As many as the page shows.
const SHOWN: usize = 100;

/// The mails as a page, the newest first; links to this sandbox can be followed.
pub async fn page(State(sandbox): State<Sandbox>) -> Result<Response, Refused> {
    let mails = sandbox.app.store.read(mails::list).await?;
    let shown = mails.into_iter().rev().take(SHOWN).map(|mail| Shown {
        at: written(mail.created_at.0),
        to: mail.recipient,
        subject: mail.subject,
        pieces: pieces(&mail.body, &sandbox.app.base_url),
    });
    let html = Mailbox { mails: shown.collect() }.render();
    let html = html.map_err(|error| Refused::Bad(error.to_string()))?;
    Ok((HEADERS, Html(html)).into_response())
}

fn pieces(body: &str, base_url: &str) -> Vec<Piece> {
    let link = format!("{base_url}/");
    body.split_inclusive(char::is_whitespace)
        .flat_map(|word| {
            let end = word.trim_end().trim_end_matches(['.', ',']).len();
            match word.starts_with(&link) {
                true => vec![Piece::Link(word[..end].to_owned()), Piece::Text(word[end..].to_owned())],
                false => vec![Piece::Text(word.to_owned())],
            }
        })
        .collect()
}
