//! Moving events and deliveries of what is long over into a file. A step is written to the file, read back, and only then taken out of the
//! database in one transaction that compares every row again and writes down what left: whatever is interrupted, each row is in the
//! database or in the file, and what was begun is finished by the next run with the same file.

use std::path::Path;
use std::sync::Arc;

use domain::invoice::State;
use domain::{MerchantId, Time};

use super::acts::Actor;
use super::attempts::WATCH_MILLIS;
use crate::crash::crash_point;
use crate::store::archive::file::{File, Kept};
use crate::store::archive::{self, ArchivedRow, Item, Segment};
use crate::store::audit_log::{self, ActRow};
use crate::store::events::{About, Subject};
use crate::store::funds::State as PaidState;
use crate::store::{Store, StoreError, Tx, attempts, charges, funds, invoices, ledger, merchants, payouts, transfers};

/// The most invoices, funds or payments that leave in one transaction: others wait for it.
const STEP: i64 = 100;

/// What a run moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    pub items: i64,
    /// Rows of events, deliveries and attempts.
    pub rows: [i64; 3],
    /// Steps of an interrupted run that this one finished.
    pub finished: i64,
}

impl Moved {
    fn add(&mut self, segment: &Segment) {
        self.items += segment.items;
        for (sum, rows) in self.rows.iter_mut().zip(segment.rows) {
            *sum += rows;
        }
    }
}

/// Moves what is over and was last heard of before `before` into the file, which is made, with `id`, if it is not there.
pub async fn archive(
    store: &Store,
    path: &Path,
    id: &str,
    before: Time,
    now: Time,
    actor: &Actor,
) -> Result<Moved, StoreError> {
    let file = File::open_or_make(path, id, now)?;
    let mut run = Run { store, file: &file, before, now, moved: Moved::default() };
    for kept in file.segments()?.into_iter().filter(|kept| !kept.moved) {
        // of a run that was interrupted: its rows may be out, or still in, or changed since
        let (Kept { number, segment, .. }, items) = file.segment(kept.number)?;
        run.moved.finished += i64::from(run.take_out(number, segment, items).await?);
    }
    for merchant in store.read(merchants::list).await? {
        for subject in Subject::ALL {
            run.of_subject(&merchant.id, subject).await?;
        }
    }
    let moved = run.moved;
    if moved != Moved::default() {
        let detail = format!(
            "{} events, {} deliveries, {} attempts of {} invoices, funds and payments",
            moved.rows[0], moved.rows[1], moved.rows[2], moved.items
        );
        let (actor, about) = (actor.0.clone(), format!("archive {}", file.id));
        let act = ActRow { at: now, actor, act: "archive".into(), about, detail };
        store.write(move |tx| audit_log::append(tx, &act)).await?;
    }
    Ok(moved)
}

struct Run<'r> {
    store: &'r Store,
    file: &'r File,
    before: Time,
    now: Time,
    moved: Moved,
}

enum Out {
    Now,
    /// By a run that was interrupted, or whose answer was lost.
    Before,
    /// It is not the same in the database any more, or not old enough for this run.
    Changed,
}

impl Run<'_> {
    async fn of_subject(&mut self, merchant: &MerchantId, subject: Subject) -> Result<(), StoreError> {
        let (before, now, mut after) = (self.before, self.now, 0);
        loop {
            let read = |tx: &Tx<'_>| {
                let found = archive::with_events(tx, merchant, subject, after, STEP)?;
                let Some((last, _)) = found.last() else { return Ok(None) };
                let last = *last;
                let mut items = Vec::new();
                for (number, _) in found.into_iter().filter(|(_, at)| *at < before) {
                    let about = About { subject, number };
                    let item = archive::item(tx, merchant, about)?;
                    if is_over(tx, merchant, about, &item, now)? {
                        items.push(item);
                    }
                }
                let head = ledger::head(tx, merchant)?.unwrap_or_default();
                Ok::<_, StoreError>(Some((last, items, head)))
            };
            let Some((last, items, head)) = self.store.read(read).await? else { return Ok(()) };
            after = last;
            let Some(segment) = Segment::of(merchant, subject, &items) else { continue };
            crash_point("before_archive_file");
            let number = self.file.add(&segment, &items, &head)?;
            crash_point("archive_file_written");
            self.take_out(number, segment, items).await?;
        }
    }

    /// Takes out of the database what is in the file. If it is not the same there any more, the file forgets it: false.
    async fn take_out(&mut self, number: i64, segment: Segment, items: Vec<Item>) -> Result<bool, StoreError> {
        let (id, before, now, items) = (self.file.id.clone(), self.before, self.now, Arc::new(items));
        let out = segment.clone();
        let ended = self
            .store
            .write(move |tx| {
                let known = archive::overlapping(tx, &out)?;
                if known.iter().any(|row| row.archive == id && row.segment == out) {
                    return Ok(Out::Before);
                }
                let mut same = true;
                for item in items.iter() {
                    let about = About { subject: out.subject, number: item.number };
                    let there = archive::item(tx, &out.merchant_id, about)?;
                    let left = |row: &ArchivedRow| row.segment.holds(about);
                    if there.last_event().is_none() && !known.iter().any(left) {
                        // the only copy is the one in the file: nothing there is touched
                        let whose = &out.merchant_id;
                        let what = format!("{about} of {whose} has no events here, and none is known to have left");
                        return Err(StoreError::Inconsistent(what));
                    }
                    same = same
                        && there == *item
                        && item.newest().is_some_and(|at| at < before)
                        && is_over(tx, &out.merchant_id, about, item, now)?;
                }
                if !same {
                    return Ok(Out::Changed);
                }
                archive::take_out(tx, &id, &out, &items, now)?;
                Ok::<_, StoreError>(Out::Now)
            })
            .await?;
        crash_point("archive_taken_out");
        match ended {
            Out::Now => {
                self.moved.add(&segment);
                self.file.moved(number)?;
            }
            Out::Before => self.file.moved(number)?,
            Out::Changed => {
                tracing::info!(number, "What was to be archived has changed meanwhile; it stays");
                self.file.forget(number)?;
            }
        }
        Ok(!matches!(ended, Out::Changed))
    }
}

/// Whether nothing can be told about it any more, and nothing of it is on its way: it is in a state that leads nowhere, no provider is asked
/// about its charges, no address of it is watched.
fn is_over(tx: &Tx<'_>, merchant: &MerchantId, about: About, item: &Item, now: Time) -> Result<bool, StoreError> {
    if item.is_on_its_way() {
        return Ok(false);
    }
    let number = about.number;
    let last_event = match about.subject {
        Subject::Invoice => {
            let row = invoices::existing(tx, merchant, number)?;
            let ended = match row.invoice.state {
                State::Settled | State::Failed(_) | State::Expired | State::Chargeback => true,
                State::Created | State::Opened | State::Received | State::Withheld => false,
            };
            let attempts = attempts::of_invoice(tx, merchant, number)?;
            let watched = attempts.iter().any(|attempt| now.since(attempt.created_at) <= WATCH_MILLIS);
            let asked = charges::of_invoice(tx, merchant, number)?.iter().any(|row| row.due_at.is_some());
            (ended && !watched && !asked).then_some(row.last_event)
        }
        Subject::Fund => {
            let row = funds::by_number(tx, merchant, number)?;
            row.filter(|row| row.state != PaidState::Pending && row.due_at.is_none()).map(|row| row.last_event)
        }
        Subject::Payment => match payouts::by_number(tx, merchant, number)? {
            Some(row) if row.state != PaidState::Pending => {
                let transfer = transfers::by_id(tx, merchant, &row.transfer_id)?;
                transfer.is_some_and(|transfer| transfer.due_at.is_none()).then_some(row.last_event)
            }
            _ => None,
        },
    };
    Ok(last_event.is_some() && last_event == item.last_event())
}

#[cfg(test)]
mod tests;
