//! Events: what merchants are told, in the words they are told it.

use domain::{EventId, MerchantId, Time};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO events (merchant_id, subject, number, seq, id, status, body, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    OF = "SELECT * FROM events WHERE merchant_id = $1 AND subject = $2 AND number = $3 ORDER BY seq";
    LAST = "SELECT * FROM events WHERE merchant_id = $1 AND subject = $2 AND number = $3 ORDER BY seq DESC LIMIT 1";
}

/// What kind of thing an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Invoice,
    Fund,
    /// A payment out, to a card.
    Payment,
}

impl Subject {
    pub const ALL: [Subject; 3] = [Subject::Invoice, Subject::Fund, Subject::Payment];

    pub fn name(self) -> &'static str {
        match self {
            Subject::Invoice => "invoice",
            Subject::Fund => "fund",
            Subject::Payment => "payment",
        }
    }

    pub fn from_name(name: &str) -> Option<Subject> {
        Subject::ALL.into_iter().find(|subject| subject.name() == name)
    }
}

/// What an event is about. Callbacks about one thing are sent in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct About {
    pub subject: Subject,
    pub number: i64,
}

impl About {
    pub fn invoice(number: i64) -> About {
        About { subject: Subject::Invoice, number }
    }

    pub fn fund(number: i64) -> About {
        About { subject: Subject::Fund, number }
    }

    pub fn payment(number: i64) -> About {
        About { subject: Subject::Payment, number }
    }
}

impl std::fmt::Display for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.subject.name(), self.number)
    }
}

/// `seq` counts from 1 in each invoice, fund and payment.
#[derive(Debug, Clone)]
pub struct EventRow {
    pub merchant_id: MerchantId,
    pub about: About,
    pub seq: i64,
    pub id: EventId,
    /// The wire's status.
    pub status: String,
    /// The callback's bytes.
    pub body: String,
    pub at: Time,
}

pub fn insert(tx: &Tx<'_>, event: &EventRow) -> Result<(), StoreError> {
    let (merchant, id, About { subject, number }) = (event.merchant_id.as_str(), event.id.as_str(), event.about);
    let values = values![merchant, subject.name(), number, event.seq, id, &event.status, &event.body, event.at];
    tx.execute_one(INSERT, values)
}

/// What a row of events or deliveries is about.
pub(super) fn about(row: &Row<'_>, id: &str) -> Result<About, StoreError> {
    Ok(About { subject: row.parsed("events", "subject", id, Subject::from_name)?, number: row.int("number")? })
}

fn read(row: &Row<'_>) -> Result<EventRow, StoreError> {
    let id = row.parsed("events", "id", "?", |text| EventId::parse(text).ok())?;
    Ok(EventRow {
        merchant_id: row.parsed("events", "merchant_id", id.as_str(), |text| MerchantId::parse(text).ok())?,
        about: about(row, id.as_str())?,
        seq: row.int("seq")?,
        status: row.text("status")?,
        body: row.text("body")?,
        at: row.time("at")?,
        id,
    })
}

pub fn of(tx: &Tx<'_>, merchant: &MerchantId, about: About) -> Result<Vec<EventRow>, StoreError> {
    tx.rows(OF, values![merchant.as_str(), about.subject.name(), about.number], read)
}

pub fn last(tx: &Tx<'_>, merchant: &MerchantId, about: About) -> Result<Option<EventRow>, StoreError> {
    tx.row(LAST, values![merchant.as_str(), about.subject.name(), about.number], read)
}
