//! The outbox: which mail is sent next, and what follows from a try.

use domain::Time;
use domain::time::{DAY, HOUR, MINUTE};

use super::acts::{self, Actor};
use super::{App, SharedApp};
use crate::random::Random;
use crate::store::mails::{self, MailRow, State};
use crate::store::{Store, StoreError, Tx, settings};

/// How long a mail is one sender's. Longer than a try may take, so that two never send at the same time.
pub const CLAIM_MILLIS: i64 = 5 * MINUTE;
/// The first pause; each is twice the one before, up to the second.
const AGAIN_MILLIS: i64 = MINUTE;
const AGAIN_AT_MOST_MILLIS: i64 = 6 * HOUR;
/// After so long a person passes it on.
const GIVEN_UP_MILLIS: i64 = 5 * DAY;

/// How a try ended; the words hold nothing of the mail's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    /// Perhaps later; also when the server may have it, since that is not known.
    Later(String),
    /// The server will never take it.
    Never(String),
}

/// Claims the next mail that is due. One that became too old while nothing was sent is given up here.
pub async fn claim_due(app: &SharedApp) -> Result<Option<MailRow>, StoreError> {
    loop {
        let now = app.now();
        if app.store.read(|tx| mails::first_due(tx, now)).await?.is_none() {
            return Ok(None);
        }
        // looked at again: another process may have been quicker
        let claim = move |tx: &Tx<'_>| {
            let Some(mut row) = mails::first_due(tx, now)? else { return Ok(None) };
            let taken = mails::claim(tx, &mut row, now.plus(CLAIM_MILLIS))?;
            let old = taken && now.since(row.since) >= GIVEN_UP_MILLIS;
            if old {
                let last = row.note.take().map_or_else(String::new, |note| format!(", at last: {note}"));
                give_up(&mut row, format!("it could not be sent for 5 days{last}"));
                mails::done(tx, &row)?;
            }
            Ok::<_, StoreError>(Some((taken && !old).then_some(row)))
        };
        match app.store.write(claim).await? {
            None => return Ok(None),
            Some(Some(row)) => return Ok(Some(row)),
            Some(None) => {}
        }
    }
}

fn give_up(row: &mut MailRow, why: String) {
    (row.state, row.due_at, row.note) = (State::Failed, None, Some(why));
}

/// Records a try. What is sent is erased: its recipient has it, and a link in it is a secret.
pub async fn record(app: &SharedApp, mut row: MailRow, outcome: Outcome) -> Result<(), StoreError> {
    let now = app.now();
    match outcome {
        Outcome::Sent => {
            (row.state, row.due_at, row.sent_at, row.note) = (State::Sent, None, Some(now), None);
            row.body.clear();
            row.file = None;
        }
        Outcome::Later(why) => (row.due_at, row.note) = (Some(now.plus(pause_after(row.attempts))), Some(why)),
        Outcome::Never(why) => give_up(&mut row, why),
    }
    app.store.write(move |tx| mails::done(tx, &row)).await.map(|_| ())
}

/// Milliseconds until the next try, after so many.
fn pause_after(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    (AGAIN_MILLIS << doublings).min(AGAIN_AT_MOST_MILLIS)
}

/// Lets a mail that failed be tried again; false when there is none of that number.
pub fn again(app: &App, tx: &Tx<'_>, seq: i64, actor: &Actor) -> Result<bool, StoreError> {
    if !mails::again(tx, seq, app.now())? {
        return Ok(false);
    }
    acts::record(app, tx, actor, "mail.again", format!("mails {seq}"), String::new())?;
    Ok(true)
}

const ID: &str = "mail_id";

/// What every Message-ID of this database ends with: made once, so that a repeat has the id of the first try.
pub async fn installation(store: &Store, random: &Random, domain: &str) -> Result<String, StoreError> {
    let fresh = format!("{}@{domain}", hex::encode(random.token_bytes::<8>()));
    let keep = move |tx: &Tx<'_>| match settings::get(tx, ID)? {
        Some(kept) => Ok(kept),
        None => settings::put(tx, ID, &fresh).map(|()| fresh),
    };
    store.write(keep).await
}

/// How many wait, how many failed, and since when the oldest of those waits.
pub fn standing(all: &[MailRow]) -> (usize, usize, Option<Time>) {
    let of = |state| all.iter().filter(move |row| row.state == state);
    (of(State::Waiting).count(), of(State::Failed).count(), of(State::Waiting).map(|row| row.since).min())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_a_minute_to_six_hours() {
        assert_eq!([1, 2, 3, 9, 10, 99, i64::MAX].map(|n| pause_after(n) / MINUTE), [1, 2, 4, 256, 360, 360, 360]);
    }
}
