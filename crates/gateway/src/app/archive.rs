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
use crate::store::archive::{self, Item, Segment};
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
    let mut moved = Moved::default();
    for kept in file.segments()?.into_iter().filter(|kept| !kept.moved) {
        if finish(store, &file, kept, before, now, &mut moved).await? {
            moved.finished += 1;
        }
    }
    for merchant in store.read(merchants::list).await? {
        for subject in Subject::ALL {
            of_subject(store, &file, &merchant.id, subject, before, now, &mut moved).await?;
        }
    }
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

async fn of_subject(
    store: &Store,
    file: &File,
    merchant: &MerchantId,
    subject: Subject,
    before: Time,
    now: Time,
    moved: &mut Moved,
) -> Result<(), StoreError> {
    let mut after = 0;
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
        let Some((last, items, head)) = store.read(read).await? else { return Ok(()) };
        after = last;
        let Some(segment) = Segment::of(merchant, subject, &items) else { continue };
        crash_point("before_archive_file");
        let number = file.add(&segment, &items, &head)?;
        crash_point("archive_file_written");
        take_out(store, file, number, segment, items, now, moved).await?;
    }
}

/// A step of an interrupted run: its rows may be out, or still in, or changed since.
async fn finish(
    store: &Store,
    file: &File,
    kept: Kept,
    before: Time,
    now: Time,
    moved: &mut Moved,
) -> Result<bool, StoreError> {
    let (Kept { number, segment, .. }, items) = file.segment(kept.number)?;
    let known = store.read(|tx| archive::of_merchant(tx, &segment.merchant_id)).await?;
    if known.iter().any(|row| row.archive == file.id && row.segment == segment) {
        file.moved(number)?;
        return Ok(true);
    }
    let newest = |item: &Item| item.newest().is_some_and(|at| at < before);
    if !items.iter().all(newest) {
        // begun with a later limit than this run's
        file.forget(number)?;
        return Ok(false);
    }
    take_out(store, file, number, segment, items, now, moved).await
}

/// Takes out of the database what is in the file. If it is not the same there any more, the file forgets it: false.
async fn take_out(
    store: &Store,
    file: &File,
    number: i64,
    segment: Segment,
    items: Vec<Item>,
    now: Time,
    moved: &mut Moved,
) -> Result<bool, StoreError> {
    let (id, items) = (file.id.clone(), Arc::new(items));
    let out = segment.clone();
    let is_out = store
        .write(move |tx| {
            for item in items.iter() {
                let about = About { subject: out.subject, number: item.number };
                if archive::item(tx, &out.merchant_id, about)? != *item
                    || !is_over(tx, &out.merchant_id, about, item, now)?
                {
                    return Ok(false);
                }
            }
            archive::take_out(tx, &id, &out, &items, now)?;
            Ok::<_, StoreError>(true)
        })
        .await?;
    crash_point("archive_taken_out");
    if is_out {
        file.moved(number)?;
        moved.add(&segment);
    } else {
        tracing::info!(number, "What was to be archived has changed meanwhile; it stays");
        file.forget(number)?;
    }
    Ok(is_out)
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
