//! What leaves the database for an archive file: events, deliveries and their attempts of what is over; and the record of what left.

pub mod file;
#[cfg(test)]
mod tests;

use domain::{MerchantId, Time};
use sha2::{Digest, Sha256};

use super::copy::{Cell, feed};
use super::events::{About, Subject};
use super::sql::Sql;
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    /// What has events: the primary key leads through them.
    WITH_EVENTS = "SELECT number, max(at) AS at FROM events WHERE merchant_id = $1 AND subject = $2 AND number > $3
                   GROUP BY number ORDER BY number LIMIT $4";
    EVENTS = "SELECT * FROM events WHERE merchant_id = $1 AND subject = $2 AND number = $3 ORDER BY seq";
    DELIVERIES = "SELECT * FROM deliveries WHERE merchant_id = $1 AND subject = $2 AND number = $3 ORDER BY seq";
    ATTEMPTS = "SELECT * FROM delivery_attempts WHERE merchant_id = $1 AND subject = $2 AND number = $3 ORDER BY seq, attempt";
    DELETE_EVENTS = "DELETE FROM events WHERE merchant_id = $1 AND subject = $2 AND number = $3";
    DELETE_DELIVERIES = "DELETE FROM deliveries WHERE merchant_id = $1 AND subject = $2 AND number = $3";
    DELETE_ATTEMPTS = "DELETE FROM delivery_attempts WHERE merchant_id = $1 AND subject = $2 AND number = $3";
    DELETE_ANSWERS = "DELETE FROM delivery_answers WHERE merchant_id = $1 AND subject = $2 AND number = $3";
    LAST = "SELECT * FROM archived WHERE merchant_id = $1 ORDER BY seq DESC LIMIT 1";
    OF_MERCHANT = "SELECT * FROM archived WHERE merchant_id = $1 ORDER BY seq";
    OVERLAPPING = "SELECT * FROM archived WHERE merchant_id = $1 AND subject = $2 AND last_number >= $3 AND first_number <= $4 ORDER BY seq";
    INSERT = "INSERT INTO archived (merchant_id, seq, archive, subject, first_number, last_number, items, events, deliveries, attempts,
                rows_hash, at, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
}

/// A table whose rows are moved, with its columns: `true` for text.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, bool)],
    select: Sql,
    delete: Sql,
}

/// In the order in which they are read and hashed. A test compares the columns with the schema's.
pub const TABLES: [Table; 3] = [
    Table {
        name: "events",
        columns: &[
            ("merchant_id", true),
            ("subject", true),
            ("number", false),
            ("seq", false),
            ("id", true),
            ("status", true),
            ("body", true),
            ("at", false),
        ],
        select: EVENTS,
        delete: DELETE_EVENTS,
    },
    Table {
        name: "deliveries",
        columns: &[
            ("merchant_id", true),
            ("subject", true),
            ("number", false),
            ("seq", false),
            ("url", true),
            ("signature", true),
            ("state", true),
            ("failed", false),
            ("due_at", false),
        ],
        select: DELIVERIES,
        delete: DELETE_DELIVERIES,
    },
    Table {
        name: "delivery_attempts",
        columns: &[
            ("merchant_id", true),
            ("subject", true),
            ("number", false),
            ("seq", false),
            ("attempt", false),
            ("at", false),
            ("http_status", false),
            ("outcome", true),
            ("millis", false),
        ],
        select: ATTEMPTS,
        delete: DELETE_ATTEMPTS,
    },
];

/// All rows about one thing, by table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub number: i64,
    pub rows: [Vec<Vec<Cell>>; 3],
}

impl Item {
    /// The event that was the last.
    pub fn last_event(&self) -> Option<i64> {
        self.rows[0].last().and_then(|row| match row.get(3) {
            Some(Cell::Int(seq)) => Some(*seq),
            _ => None,
        })
    }

    /// The state that it told of, in the wire's words.
    pub fn last_status(&self) -> Option<&str> {
        self.rows[0].last().and_then(|row| match row.get(5) {
            Some(Cell::Text(status)) => Some(status.as_str()),
            _ => None,
        })
    }

    /// When the last event was.
    pub fn newest(&self) -> Option<Time> {
        let at = self.rows[0].iter().map(|row| match row.get(7) {
            Some(Cell::Int(at)) => Time(*at),
            _ => Time(i64::MAX),
        });
        at.max()
    }

    /// Whether a delivery of it is still on its way.
    pub fn is_on_its_way(&self) -> bool {
        let state = |row: &Vec<Cell>| match row.get(6) {
            Some(Cell::Text(state)) => matches!(state.as_str(), "delivered" | "parked"),
            _ => false,
        };
        !self.rows[1].iter().all(state)
    }
}

/// One step: what was, or is to be, moved together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub merchant_id: MerchantId,
    pub subject: Subject,
    pub first_number: i64,
    pub last_number: i64,
    pub items: i64,
    /// Rows of events, deliveries and attempts.
    pub rows: [i64; 3],
    /// SHA-256, in hex, over the rows.
    pub rows_hash: String,
}

impl Segment {
    /// Of these items, which are in the order of their numbers; `None` if there is none.
    pub fn of(merchant: &MerchantId, subject: Subject, items: &[Item]) -> Option<Segment> {
        let mut hasher = Sha256::new();
        let mut rows = [0; 3];
        for item in items {
            for (at, of_table) in item.rows.iter().enumerate() {
                for row in of_table {
                    hasher.update([u8::try_from(at).unwrap_or(u8::MAX)]);
                    feed(&mut hasher, row);
                    rows[at] += 1;
                }
            }
        }
        Some(Segment {
            merchant_id: merchant.clone(),
            subject,
            first_number: items.first()?.number,
            last_number: items.last()?.number,
            items: i64::try_from(items.len()).unwrap_or(i64::MAX),
            rows,
            rows_hash: hex::encode(hasher.finalize()),
        })
    }
}

impl Segment {
    /// Whether what left may be about this: it lies in the range.
    pub fn holds(&self, about: About) -> bool {
        self.subject == about.subject && (self.first_number..=self.last_number).contains(&about.number)
    }
}

/// A segment that left, as the database records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedRow {
    pub seq: i64,
    /// The file's id.
    pub archive: String,
    pub segment: Segment,
    pub at: Time,
    pub hash: String,
}

impl ArchivedRow {
    /// SHA-256, in hex, over every field, each preceded by its length, after the hash of the row before.
    pub fn computed_hash(&self, previous: &str) -> String {
        let Segment { merchant_id, subject, first_number, last_number, items, rows, rows_hash } = &self.segment;
        let numbers = [self.seq, *first_number, *last_number, *items, rows[0], rows[1], rows[2], self.at.0];
        let texts = [previous, merchant_id.as_str(), subject.name(), &self.archive, rows_hash];
        let mut cells: Vec<Cell> = texts.iter().map(|text| Cell::Text((*text).to_owned())).collect();
        cells.extend(numbers.map(Cell::Int));
        let mut hasher = Sha256::new();
        feed(&mut hasher, &cells);
        hex::encode(hasher.finalize())
    }
}

/// Numbers after `after` that have events, with the time of the newest.
pub fn with_events(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    subject: Subject,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Time)>, StoreError> {
    tx.rows(WITH_EVENTS, values![merchant.as_str(), subject.name(), after, limit], |row| {
        Ok((row.int("number")?, row.time("at")?))
    })
}

/// All rows about one thing, as they stand.
pub fn item(tx: &Tx<'_>, merchant: &MerchantId, about: About) -> Result<Item, StoreError> {
    let mut item = Item { number: about.number, rows: Default::default() };
    for (table, rows) in TABLES.iter().zip(&mut item.rows) {
        *rows = tx.rows(table.select, values![merchant.as_str(), about.subject.name(), about.number], |row| {
            cells(table, row)
        })?;
    }
    Ok(item)
}

fn cells(table: &Table, row: &Row<'_>) -> Result<Vec<Cell>, StoreError> {
    let cell = |(name, is_text): &(&str, bool)| {
        Ok(match is_text {
            true => row.opt_text(name)?.map_or(Cell::Null, Cell::Text),
            false => row.opt_int(name)?.map_or(Cell::Null, Cell::Int),
        })
    };
    table.columns.iter().map(cell).collect()
}

/// Takes out what is in the file, and writes down that it is there. The rows must have been compared in this transaction.
pub fn take_out(tx: &Tx<'_>, archive: &str, segment: &Segment, items: &[Item], now: Time) -> Result<(), StoreError> {
    let merchant = segment.merchant_id.as_str();
    for item in items {
        // bodies of answers are for looking into trouble: they go, and are in no file
        tx.execute(DELETE_ANSWERS, values![merchant, segment.subject.name(), item.number])?;
        for (table, rows) in TABLES.iter().zip(&item.rows) {
            let gone = tx.execute(table.delete, values![merchant, segment.subject.name(), item.number])?;
            if gone != rows.len() {
                let what = format!("{gone} {} of {} left instead of {}", table.name, item.number, rows.len());
                return Err(StoreError::Inconsistent(what));
            }
        }
    }
    let last = tx.row(LAST, values![merchant], archived)?;
    let (seq, previous) = last.map(|row| (row.seq, row.hash)).unwrap_or_default();
    let row = ArchivedRow {
        seq: seq + 1,
        archive: archive.to_owned(),
        segment: segment.clone(),
        at: now,
        hash: String::new(),
    };
    let hash = row.computed_hash(&previous);
    let Segment { subject, first_number, last_number, items, rows, rows_hash, .. } = segment;
    tx.execute_one(
        INSERT,
        values![
            merchant,
            row.seq,
            archive,
            subject.name(),
            *first_number,
            *last_number,
            *items,
            rows[0],
            rows[1],
            rows[2],
            rows_hash,
            now,
            &hash
        ],
    )
}

fn archived(row: &Row<'_>) -> Result<ArchivedRow, StoreError> {
    const TABLE: &str = "archived";
    let seq = row.int("seq")?;
    let id = seq.to_string();
    Ok(ArchivedRow {
        seq,
        archive: row.text("archive")?,
        segment: Segment {
            merchant_id: row.parsed(TABLE, "merchant_id", &id, |text| MerchantId::parse(text).ok())?,
            subject: row.parsed(TABLE, "subject", &id, Subject::from_name)?,
            first_number: row.int("first_number")?,
            last_number: row.int("last_number")?,
            items: row.int("items")?,
            rows: [row.int("events")?, row.int("deliveries")?, row.int("attempts")?],
            rows_hash: row.text("rows_hash")?,
        },
        at: row.time("at")?,
        hash: row.text("hash")?,
    })
}

/// What left of a merchant's, in order.
pub fn of_merchant(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<ArchivedRow>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str()], archived)
}

/// What left that may be about the same as this.
pub fn overlapping(tx: &Tx<'_>, segment: &Segment) -> Result<Vec<ArchivedRow>, StoreError> {
    let Segment { merchant_id, subject, first_number, last_number, .. } = segment;
    tx.rows(OVERLAPPING, values![merchant_id.as_str(), subject.name(), *first_number, *last_number], archived)
}
