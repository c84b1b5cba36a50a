//! Events are numbered without a gap and the last one says the state. Those that are missing here left for an archive: as many as was
//! written down then, and only of what lies in the ranges that were written down.

use std::collections::BTreeMap;

use domain::MerchantId;

use super::audit::Report;
use crate::store::archive::file::File;
use crate::store::archive::{self, Segment};
use crate::store::events::{self, About, Subject};
use crate::store::{StoreError, Tx, funds, invoices, ledger, payouts};
use crate::wire::status::{InvoiceStatus, words};

/// What left a book, and how much of it was missed so far.
#[derive(Debug, Clone, Default)]
pub struct Archived {
    /// Ranges of numbers, in order, without overlaps.
    ranges: BTreeMap<Subject, Vec<(i64, i64)>>,
    /// Events that left, less those that were missed.
    left: BTreeMap<Subject, i64>,
}

/// Reads what left a book; each row follows from the one before.
pub fn begin(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<(), StoreError> {
    let mut archived = Archived::default();
    let mut previous = String::new();
    for (expected, row) in (1..).zip(archive::of_merchant(tx, book)?) {
        if row.seq != expected || row.computed_hash(&previous) != row.hash {
            report.find(
                format!("archived {book} {}", row.seq),
                "does not follow from the row before: this row or one before it was changed",
            );
        }
        previous = row.hash;
        let Segment { subject, first_number, last_number, rows, .. } = row.segment;
        *archived.left.entry(subject).or_default() += rows[0];
        report.archived += u64::try_from(rows[0]).unwrap_or(0);
        archived.ranges.entry(subject).or_default().push((first_number, last_number));
    }
    for ranges in archived.ranges.values_mut() {
        ranges.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::new();
        for (first, last) in ranges.drain(..) {
            match merged.last_mut() {
                Some(before) if first <= before.1 => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        *ranges = merged;
    }
    report.book_archived = archived;
    Ok(())
}

/// The events about something of which the last is to have this number and to say this.
pub fn check_events(
    tx: &Tx<'_>,
    book: &MerchantId,
    about: About,
    last: i64,
    says: &str,
    report: &mut Report,
) -> Result<(), StoreError> {
    let events = events::of(tx, book, about)?;
    let missing = events.first().map_or(last, |event| event.seq - 1);
    let name = || format!("events {book} {about}");
    if missing > 0 {
        let ranges = report.book_archived.ranges.get(&about.subject).map_or([].as_slice(), Vec::as_slice);
        let at = ranges.partition_point(|(_, end)| *end < about.number);
        if ranges.get(at).is_none_or(|(first, _)| *first > about.number) {
            report.find(name(), format!("the first {missing} of {last} are missing, and no archive has them"));
            return Ok(());
        }
        *report.book_archived.left.entry(about.subject).or_default() -= missing;
    }
    let there = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let gap = (missing + 1..).zip(&events).any(|(seq, event)| event.seq != seq);
    if gap || missing.saturating_add(there) != last {
        report.find(name(), format!("{} events instead of {}", there, last - missing));
    }
    if let Some(event) = events.last().filter(|event| event.status != says) {
        report.find(name(), format!("the last event says {:?}, not {says:?}", event.status));
    }
    Ok(())
}

/// After all of a book's events.
pub fn end(book: &MerchantId, report: &mut Report) {
    for (subject, left) in std::mem::take(&mut report.book_archived).left {
        if left != 0 {
            let what = format!("{left} more events of its {}s are in archives than are missing here", subject.name());
            report.find(format!("archived {book}"), what);
        }
    }
}

/// What was looked at in archive files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Looked {
    pub segments: usize,
    pub events: i64,
    /// In a file, and not known to the database: a run that was interrupted before it took anything out.
    pub begun: usize,
    /// Known to the database, and in none of the files.
    pub elsewhere: usize,
}

/// Archive files against the database: every row as it left, and every event that is missing here is there.
pub fn check_files(tx: &Tx<'_>, files: &[&File], report: &mut Report) -> Result<Looked, StoreError> {
    let mut looked = Looked::default();
    let mut books = ledger::books(tx)?;
    books.extend(crate::store::merchants::list(tx)?.into_iter().map(|merchant| merchant.id));
    books.sort();
    books.dedup();
    let mut known = Vec::new();
    for book in &books {
        known.extend(archive::of_merchant(tx, book)?);
    }
    for file in files {
        for kept in file.segments()? {
            let row =
                known.iter().position(|row| row.archive == file.id && row.segment.rows_hash == kept.segment.rows_hash);
            let Some(row) = row.map(|at| known.swap_remove(at)) else {
                looked.begun += 1;
                continue;
            };
            looked.segments += 1;
            looked.events += row.segment.rows[0];
            let name = format!("archive {} segment {}", file.id, kept.number);
            let (_, items) = file.segment(kept.number)?;
            if Segment::of(&kept.segment.merchant_id, kept.segment.subject, &items) != Some(row.segment.clone()) {
                report.find(name, "its rows are not those that left the database");
                continue;
            }
            let (seq, hash) = &kept.ledger;
            if *seq > 0 && ledger::hash_of(tx, &kept.segment.merchant_id, *seq)?.as_ref() != Some(hash) {
                report.find(name.clone(), format!("entry {seq} of the ledger is not the one that it saw"));
            }
            for item in &items {
                check_item(tx, &kept.segment, item, &name, report)?;
            }
        }
    }
    looked.elsewhere = known.len();
    Ok(looked)
}

/// All events of what it is about are either in this item or, if some came later, in the database.
fn check_item(
    tx: &Tx<'_>,
    segment: &Segment,
    item: &archive::Item,
    name: &str,
    report: &mut Report,
) -> Result<(), StoreError> {
    let about = About { subject: segment.subject, number: item.number };
    let merchant = &segment.merchant_id;
    let is = match segment.subject {
        Subject::Invoice => invoices::by_number(tx, merchant, item.number)?
            .map(|row| (row.last_event, words(InvoiceStatus::from(row.invoice.state)).value)),
        Subject::Fund => funds::by_number(tx, merchant, item.number)?
            .map(|row| (row.last_event, super::funds::status(row.state).value())),
        Subject::Payment => payouts::by_number(tx, merchant, item.number)?
            .map(|row| (row.last_event, super::payouts::status(row.state).value())),
    };
    let Some((last, says)) = is else {
        report.find(name.to_owned(), format!("has events about {about}, which is not there"));
        return Ok(());
    };
    let kept = item.last_event();
    if kept == Some(last) && item.last_status() != Some(says) {
        report
            .find(name.to_owned(), format!("the last event about {about} says {:?}, not {says:?}", item.last_status()));
    }
    let next = events::of(tx, merchant, about)?.first().map_or(last, |event| event.seq - 1);
    if kept != Some(next) {
        report.find(
            name.to_owned(),
            format!("ends with event {kept:?} about {about}; {next} are missing in the database"),
        );
    }
    Ok(())
}
