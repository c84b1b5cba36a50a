//! The mails that a live gateway would have for people.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
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
            "file": mail.file.as_ref().map(|file| &file.name),
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
    /// Its address and name.
    file: Option<(String, String)>,
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
        file: mail.file.map(|file| (format!("{PAGE_PATH}/{}", mail.seq), file.name)),
    });
    let html = Mailbox { mails: shown.collect() }.render();
    let html = html.map_err(|error| Refused::Bad(error.to_string()))?;
    Ok((HEADERS, Html(html)).into_response())
}

/// What was to be sent beside a mail's text.
pub async fn file(State(sandbox): State<Sandbox>, Path(seq): Path<i64>) -> Result<Response, Refused> {
    let mails = sandbox.app.store.read(mails::list).await?;
    let file = mails.into_iter().find(|mail| mail.seq == seq).and_then(|mail| mail.file);
    let Some((bytes, name)) = file.and_then(|file| Some((STANDARD.decode(file.base64).ok()?, file.name))) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let kind = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((HEADERS, kind, bytes).into_response())
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
