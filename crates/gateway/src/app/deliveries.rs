//! Callbacks: what is due, what came of it, and sending again.

use std::collections::BTreeMap;

use domain::callback::wait_after;
use domain::card::mask_numbers;
use domain::time::SECOND;
use domain::{MerchantId, Time};

use super::acts::{Actor, record_for};
use super::{App, SharedApp};
use crate::net::client::Outcome;
use crate::store::deliveries::{self, AttemptRow, DeliveryRow};
use crate::store::events::{About, Subject};
use crate::store::merchants::{self, WebhookSecrets};
use crate::store::{StoreError, Tx};
use crate::wire::field::has_forbidden;

/// How long a delivery is somebody's: longer than a call can take.
const LEASE_MILLIS: i64 = 15 * SECOND;

/// Lets deliveries go that wait for nothing.
pub async fn release_stranded(app: &SharedApp) -> Result<(), StoreError> {
    let now = app.now();
    let released = app.store.write(move |tx| deliveries::release_stranded(tx, now)).await?;
    if released > 0 {
        tracing::info!(released, "Deliveries that waited for nothing are due");
    }
    Ok(())
}

/// A delivery that is ours to send now.
#[derive(Debug, Clone)]
pub struct Leased {
    pub row: DeliveryRow,
    pub webhook_secrets: WebhookSecrets,
}

/// Takes up to `limit` due deliveries for sending, so that no merchant has more than `each` on their way, counting those
/// in `on_their_way`: a server that hangs holds up only its own.
pub async fn lease_due(
    app: &SharedApp,
    limit: usize,
    each: usize,
    mut on_their_way: BTreeMap<MerchantId, usize>,
) -> Result<Vec<Leased>, StoreError> {
    let now = app.now();
    if app.store.read(|tx| deliveries::due(tx, now, 1)).await?.is_empty() {
        return Ok(Vec::new());
    }
    app.store
        .write(move |tx| {
            let mut leased = Vec::new();
            for mut row in deliveries::due(tx, now, i64::try_from(4 * limit).unwrap_or(i64::MAX))? {
                let count = on_their_way.entry(row.merchant_id.clone()).or_default();
                if leased.len() == limit || *count == each {
                    continue;
                }
                *count += 1;
                let until = now.plus(LEASE_MILLIS);
                if deliveries::lease(tx, &row, until)? {
                    row.due_at = until;
                    let webhook_secrets = merchants::webhook_secrets(tx, &row.merchant_id)?;
                    leased.push(Leased { row, webhook_secrets });
                }
            }
            Ok(leased)
        })
        .await
}

/// So much of an answer's body is kept, in bytes.
const ANSWER_BYTES: usize = 2 * 1024;

/// What is kept of an answer's body: whatever a stranger's server sends, as text without card numbers and without characters that would
/// turn or end what stands around them.
fn kept_of(body: &str) -> Option<String> {
    let masked = mask_numbers(body.trim());
    let mut kept = String::new();
    for c in masked.chars().filter(|c| *c != '\r') {
        let plain = matches!(c, '\n' | '\t') || !has_forbidden(c.encode_utf8(&mut [0; 4]));
        let c = if plain { c } else { char::REPLACEMENT_CHARACTER };
        if kept.len() + c.len_utf8() > ANSWER_BYTES {
            break;
        }
        kept.push(c);
    }
    Some(kept).filter(|kept| !kept.is_empty())
}

/// Records what came of sending: delivered, to be tried again, or parked.
pub async fn record(app: &SharedApp, mut row: DeliveryRow, outcome: &Outcome, began: Time) -> Result<(), StoreError> {
    let (http_status, text, millis, answer) = match outcome {
        Outcome::Answered { status, ms, snippet } => {
            (Some(i64::from(*status)), format!("HTTP {status}"), *ms, kept_of(snippet))
        }
        Outcome::Failed { kind, ms } => (None, kind.to_string(), *ms, None),
    };
    let now = app.now();
    if matches!(http_status, Some(200..=299)) {
        row.state = "delivered".into();
        row.due_at = now;
    } else {
        row.failed = row.failed.saturating_add(1);
        match wait_after(row.failed) {
            Some(wait) => row.due_at = now.plus(wait),
            None => {
                row.state = "parked".into();
                row.due_at = now;
            }
        }
        tracing::warn!(
            about = %row.about,
            event = %row.event_id,
            failed = row.failed,
            state = row.state,
            outcome = text,
            "A callback was not accepted"
        );
    }
    let attempt = AttemptRow {
        attempt: 0,
        at: began,
        http_status,
        outcome: text,
        millis: i64::try_from(millis).unwrap_or(i64::MAX),
        answer,
    };
    app.store.write(move |tx| deliveries::record(tx, &row, &attempt)).await
}

/// Sends the callbacks about something again: all, or the one with number `seq`. Answers how many were not on their way already.
pub fn resend(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    about: About,
    seq: Option<i64>,
    now: Time,
) -> Result<usize, StoreError> {
    let mut resent = 0;
    for row in deliveries::of(tx, merchant, about)? {
        let wanted = seq.is_none_or(|seq| seq == row.seq);
        resent += usize::from(wanted && deliveries::resend(tx, merchant, about, row.seq, now)?);
    }
    Ok(resent)
}

/// As [`resend`], at somebody's wish.
pub fn resend_by(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    about: About,
    seq: Option<i64>,
    actor: &Actor,
) -> Result<usize, StoreError> {
    let resent = resend(tx, merchant, about, seq, app.now())?;
    if resent > 0 {
        let of = (format!("{}s {}", about.subject.name(), about.number), resent.to_string());
        record_for(app, tx, actor, merchant, "callbacks.resend", of)?;
    }
    Ok(resent)
}

/// How many deliveries are sent again at one wish.
pub const RESEND_AT_ONCE: i64 = 500;

/// Sends the callbacks of a range of numbers again; with `only_parked` those that were given up. Answers how many, or `None` if they are
/// more than [`RESEND_AT_ONCE`]: then nothing is sent.
pub async fn resend_range(
    app: &SharedApp,
    merchant: &MerchantId,
    subject: Subject,
    range: (i64, i64),
    only_parked: bool,
    actor: Actor,
) -> Result<Option<usize>, StoreError> {
    // looked for outside the writing transaction: a range may be long
    let find = |tx: &Tx<'_>| deliveries::to_resend(tx, merchant, subject, range, only_parked, RESEND_AT_ONCE + 1);
    let found = app.store.read(find).await?;
    if i64::try_from(found.len()).unwrap_or(i64::MAX) > RESEND_AT_ONCE {
        return Ok(None);
    }
    let (worker, merchant, now) = (app.clone(), merchant.clone(), app.now());
    let send = move |tx: &Tx<'_>| {
        let mut resent = 0_usize;
        for (number, seq) in &found {
            let about = About { subject, number: *number };
            resent += usize::from(deliveries::resend(tx, &merchant, about, *seq, now)?);
        }
        if resent > 0 {
            let of = (format!("{}s {} to {}", subject.name(), range.0, range.1), resent.to_string());
            record_for(&worker, tx, &actor, &merchant, "callbacks.resend", of)?;
        }
        Ok::<_, StoreError>(resent)
    };
    let resent = app.store.write(send).await?;
    app.wake.deliveries.notify_one();
    Ok(Some(resent))
}

#[cfg(test)]
mod tests {
    use super::{ANSWER_BYTES, kept_of};

    #[test]
    fn an_answer_is_kept_in_part_and_as_plain_text() {
        for (body, kept) in [
            ("", None),
            (" \r\n ", None),
            ("OK", Some("OK")),
            ("a\r\n\tb", Some("a\n\tb")),
            ("a\0\u{1b}[2J\u{202e}b", Some("a\u{fffd}\u{fffd}[2J\u{fffd}b")),
            ("card 4242 4242 4242 4242", Some("card **** **** **** 4242")),
        ] {
            assert_eq!(kept_of(body).as_deref(), kept, "{body:?}");
        }
        let long = kept_of(&"é".repeat(5_000)).unwrap();
        assert!(long.len() <= ANSWER_BYTES && long.len() > ANSWER_BYTES - 2 && long.chars().all(|c| c == 'é'));
    }
}
