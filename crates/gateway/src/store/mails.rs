//! Mail that is to be sent, and what came of it.

use domain::Time;

use super::settings;
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO mails (seq, recipient, subject, body, state, created_at, since, due_at, attempts, file_name, file)
              VALUES ($1, $2, $3, $4, 'waiting', $5, $5, $5, 0, $6, $7)";
    LIST = "SELECT * FROM mails ORDER BY seq";
    /// Without the text: it may hold a link that is a secret.
    FAILED = "SELECT seq, recipient, subject, created_at, attempts, note FROM mails WHERE state = 'failed' AND seq < $1
              ORDER BY seq DESC LIMIT $2";
    DUE = "SELECT * FROM mails WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, seq LIMIT 1";
    /// The attempts are part of the claim: whoever counted on is the only one that sends.
    CLAIM = "UPDATE mails SET due_at = $3, attempts = $4 WHERE seq = $1 AND state = 'waiting' AND attempts = $2";
    DONE = "UPDATE mails SET state = $3, body = $4, due_at = $5, sent_at = $6, note = $7, file = $8
            WHERE seq = $1 AND state = 'waiting' AND attempts = $2";
    AGAIN = "UPDATE mails SET state = 'waiting', since = $2, due_at = $2, note = NULL WHERE seq = $1 AND state = 'failed'";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Waiting,
    Sent,
    /// Not sent by itself any more.
    Failed,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Sent => "sent",
            State::Failed => "failed",
        }
    }

    fn parse(name: &str) -> Option<State> {
        [State::Waiting, State::Sent, State::Failed].into_iter().find(|state| state.name() == name)
    }
}

/// A file beside a mail's text: PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub base64: String,
}

#[derive(Clone, PartialEq, Eq)]
pub struct MailRow {
    pub seq: i64,
    pub recipient: String,
    pub subject: String,
    /// Empty once it is sent.
    pub body: String,
    /// None any more once it is sent.
    pub file: Option<File>,
    pub state: State,
    pub created_at: Time,
    /// Written, or put back by a person.
    pub since: Time,
    /// Of a waiting one: when it is tried next, or when the claim of whoever sends it runs out.
    pub due_at: Option<Time>,
    /// Tries that were begun.
    pub attempts: i64,
    pub sent_at: Option<Time>,
    pub note: Option<String>,
}

/// The body may hold a link that is a secret.
impl std::fmt::Debug for MailRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MailRow({} {}, attempts {})", self.seq, self.state.name(), self.attempts)
    }
}

pub fn insert(tx: &Tx<'_>, recipient: &str, subject: &str, body: &str, now: Time) -> Result<(), StoreError> {
    insert_with(tx, recipient, (subject, body), None, now)
}

/// As [`insert`], with a file.
pub fn insert_with(
    tx: &Tx<'_>,
    recipient: &str,
    (subject, body): (&str, &str),
    file: Option<&File>,
    now: Time,
) -> Result<(), StoreError> {
    let seq = settings::next_number(tx, "mail")?;
    let (name, bytes) = (file.map(|file| file.name.as_str()), file.map(|file| file.base64.as_str()));
    tx.execute_one(INSERT, values![seq, recipient, subject, body, now, name, bytes])
}

fn read(row: &Row<'_>) -> Result<MailRow, StoreError> {
    let seq = row.int("seq")?;
    Ok(MailRow {
        seq,
        recipient: row.text("recipient")?,
        subject: row.text("subject")?,
        body: row.text("body")?,
        file: row.opt_text("file_name")?.zip(row.opt_text("file")?).map(|(name, base64)| File { name, base64 }),
        state: row.parsed("mails", "state", &seq.to_string(), State::parse)?,
        created_at: row.time("created_at")?,
        since: row.time("since")?,
        due_at: row.opt_int("due_at")?.map(Time),
        attempts: row.int("attempts")?,
        sent_at: row.opt_int("sent_at")?.map(Time),
        note: row.opt_text("note")?,
    })
}

/// All, oldest first.
pub fn list(tx: &Tx<'_>) -> Result<Vec<MailRow>, StoreError> {
    tx.rows(LIST, values![], read)
}

/// A mail that failed, as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub seq: i64,
    pub recipient: String,
    pub subject: String,
    pub created_at: Time,
    pub attempts: i64,
    pub note: Option<String>,
}

/// Those that failed, the newest first: those written before the one with this number.
pub fn failed(tx: &Tx<'_>, before: i64, limit: i64) -> Result<Vec<Failed>, StoreError> {
    tx.rows(FAILED, values![before, limit], |row| {
        Ok(Failed {
            seq: row.int("seq")?,
            recipient: row.text("recipient")?,
            subject: row.text("subject")?,
            created_at: row.time("created_at")?,
            attempts: row.int("attempts")?,
            note: row.opt_text("note")?,
        })
    })
}

/// The one that has been due for longest.
pub fn first_due(tx: &Tx<'_>, now: Time) -> Result<Option<MailRow>, StoreError> {
    tx.row(DUE, values![now], read)
}

/// Takes a mail until `until`, counting the try; false when somebody else was quicker.
pub fn claim(tx: &Tx<'_>, row: &mut MailRow, until: Time) -> Result<bool, StoreError> {
    let next = row.attempts.saturating_add(1);
    let taken = tx.execute(CLAIM, values![row.seq, row.attempts, until, next])? == 1;
    if taken {
        (row.attempts, row.due_at) = (next, Some(until));
    }
    Ok(taken)
}

/// Writes what came of the try that `row` counts; false when another try was begun since, which then has the say.
pub fn done(tx: &Tx<'_>, row: &MailRow) -> Result<bool, StoreError> {
    let state = row.state.name();
    let file = row.file.as_ref().map(|file| file.base64.as_str());
    let values = values![row.seq, row.attempts, state, &row.body, row.due_at, row.sent_at, row.note.as_deref(), file];
    Ok(tx.execute(DONE, values)? == 1)
}

/// Lets a failed one be tried again; false when it is not failed.
pub fn again(tx: &Tx<'_>, seq: i64, now: Time) -> Result<bool, StoreError> {
    Ok(tx.execute(AGAIN, values![seq, now])? == 1)
}
