//! Deliveries: events on their way to a merchant's callback URL.

use domain::{EventId, MerchantId, Time};

use super::events::{self, About, Subject};
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    /// Order within an invoice, fund or payment: a delivery waits while an earlier one of it is on its way.
    INSERT = "INSERT INTO deliveries (merchant_id, subject, number, seq, url, signature, state, failed, due_at)
              VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN EXISTS (SELECT 1 FROM deliveries
                WHERE merchant_id = $1 AND subject = $2 AND number = $3 AND seq < $4 AND state IN ('due', 'waiting'))
                THEN 'waiting' ELSE 'due' END, 0, $7)";
    RELEASE = "UPDATE deliveries SET state = 'due', due_at = $4 WHERE merchant_id = $1 AND subject = $2 AND number = $3
               AND state = 'waiting' AND seq = (SELECT min(seq) FROM deliveries
                 WHERE merchant_id = $1 AND subject = $2 AND number = $3 AND state = 'waiting')
               AND NOT EXISTS (SELECT 1 FROM deliveries
                 WHERE merchant_id = $1 AND subject = $2 AND number = $3 AND state = 'due')";
    /// Waiting deliveries that wait for nothing: two nodes may pass each other by.
    STRANDED = "SELECT DISTINCT w.merchant_id, w.subject, w.number FROM deliveries w WHERE w.state = 'waiting' AND NOT EXISTS
                (SELECT 1 FROM deliveries d WHERE d.merchant_id = w.merchant_id
                 AND d.subject = w.subject AND d.number = w.number AND d.state = 'due') LIMIT 500";
    DUE = "SELECT d.*, e.id AS event_id, e.body AS body FROM deliveries d
           JOIN events e ON e.merchant_id = d.merchant_id AND e.subject = d.subject AND e.number = d.number AND e.seq = d.seq
           WHERE d.state = 'due' AND d.due_at <= $1 ORDER BY d.due_at LIMIT $2";
    NEXT_DUE = "SELECT min(due_at) AS due_at FROM deliveries WHERE state = 'due'";
    LEASE = "UPDATE deliveries SET due_at = $5 WHERE merchant_id = $1 AND subject = $2 AND number = $3 AND seq = $4
             AND state = 'due' AND due_at = $6";
    DONE = "UPDATE deliveries SET state = $5, failed = $6, due_at = $7
            WHERE merchant_id = $1 AND subject = $2 AND number = $3 AND seq = $4 AND state = 'due'";
    /// To where callbacks go now, if they go anywhere.
    RESEND = "UPDATE deliveries SET state = 'waiting', failed = 0, due_at = $5,
                url = coalesce((SELECT m.callback_url FROM merchants m WHERE m.id = $1), url)
              WHERE merchant_id = $1 AND subject = $2 AND number = $3 AND seq = $4 AND state IN ('delivered', 'parked')";
    MOVE = "UPDATE deliveries SET url = $3 WHERE merchant_id = $1 AND url = $2 AND state IN ('due', 'waiting')";
    LIST = "SELECT d.*, e.id AS event_id, e.body AS body FROM deliveries d
            JOIN events e ON e.merchant_id = d.merchant_id AND e.subject = d.subject AND e.number = d.number AND e.seq = d.seq
            WHERE d.merchant_id = $1 AND d.subject = $2 AND d.number = $3 ORDER BY d.seq";
    PARKED = "SELECT d.*, e.id AS event_id, e.body AS body FROM deliveries d
              JOIN events e ON e.merchant_id = d.merchant_id AND e.subject = d.subject AND e.number = d.number AND e.seq = d.seq
              WHERE d.merchant_id = $1 AND d.state = 'parked' ORDER BY d.due_at DESC LIMIT $2";
    /// Pages of the dashboard, the newest first; each begins after the row that the page before ended with.
    PAGE = "SELECT d.*, e.id AS event_id, e.body AS body, e.status AS status, e.at AS at FROM deliveries d
            JOIN events e ON e.merchant_id = d.merchant_id AND e.subject = d.subject AND e.number = d.number AND e.seq = d.seq
            WHERE d.merchant_id = $1 AND d.subject = $2 AND (d.number, d.seq) < ($3, $4) ORDER BY d.number DESC, d.seq DESC LIMIT $5";
    PARKED_PAGE = "SELECT d.*, e.id AS event_id, e.body AS body, e.status AS status, e.at AS at FROM deliveries d
                   JOIN events e ON e.merchant_id = d.merchant_id AND e.subject = d.subject AND e.number = d.number AND e.seq = d.seq
                   WHERE d.merchant_id = $1 AND d.state = 'parked' AND d.due_at <= $2
                   AND (d.due_at, d.subject, d.number, d.seq) < ($2, $3, $4, $5)
                   ORDER BY d.due_at DESC, d.subject DESC, d.number DESC, d.seq DESC LIMIT $6";
    FAILING_PAGE = "SELECT d.*, e.id AS event_id, e.body AS body, e.status AS status, e.at AS at FROM deliveries d
                    JOIN events e ON e.merchant_id = d.merchant_id AND e.subject = d.subject AND e.number = d.number AND e.seq = d.seq
                    WHERE d.merchant_id = $1 AND d.state = 'due' AND d.failed > 0 AND d.due_at >= $2
                    AND (d.due_at, d.subject, d.number, d.seq) > ($2, $3, $4, $5)
                    ORDER BY d.due_at, d.subject, d.number, d.seq LIMIT $6";
    ONE = "SELECT d.*, e.id AS event_id, e.body AS body, e.status AS status, e.at AS at FROM deliveries d
           JOIN events e ON e.merchant_id = d.merchant_id AND e.subject = d.subject AND e.number = d.number AND e.seq = d.seq
           WHERE d.merchant_id = $1 AND d.subject = $2 AND d.number = $3 AND d.seq = $4";
    TO_RESEND = "SELECT number, seq FROM deliveries WHERE merchant_id = $1 AND subject = $2 AND number >= $3 AND number <= $4
                 AND (state = 'parked' OR (state = 'delivered' AND $5 = 0)) ORDER BY number, seq LIMIT $6";
    INSERT_ATTEMPT = "INSERT INTO delivery_attempts (merchant_id, subject, number, seq, attempt, at, http_status, outcome, millis)
                      VALUES ($1, $2, $3, $4, 1 + (SELECT count(*) FROM delivery_attempts
                        WHERE merchant_id = $1 AND subject = $2 AND number = $3 AND seq = $4), $5, $6, $7, $8)";
    /// Of the attempt that was inserted last.
    INSERT_ANSWER = "INSERT INTO delivery_answers (merchant_id, subject, number, seq, attempt, body)
                     VALUES ($1, $2, $3, $4, (SELECT count(*) FROM delivery_attempts
                       WHERE merchant_id = $1 AND subject = $2 AND number = $3 AND seq = $4), $5)";
    ATTEMPTS = "SELECT a.*, (SELECT b.body FROM delivery_answers b WHERE b.merchant_id = $1 AND b.subject = $2 AND b.number = $3
                  AND b.seq = $4 AND b.attempt = a.attempt) AS answer FROM delivery_attempts a
                WHERE a.merchant_id = $1 AND a.subject = $2 AND a.number = $3 AND a.seq = $4 ORDER BY a.attempt";
}

#[derive(Debug, Clone)]
pub struct DeliveryRow {
    pub merchant_id: MerchantId,
    pub about: About,
    pub seq: i64,
    pub event_id: EventId,
    pub url: String,
    /// `X-Signature`.
    pub signature: String,
    pub body: String,
    /// `due`, `waiting` (for an earlier one about the same), `delivered` or `parked`.
    pub state: String,
    /// Failed attempts since it was made or resent.
    pub failed: u32,
    pub due_at: Time,
}

/// One try to deliver.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    pub attempt: i64,
    pub at: Time,
    pub http_status: Option<i64>,
    pub outcome: String,
    pub millis: i64,
    /// How the answer's body begins, as text; `None` if it has none.
    pub answer: Option<String>,
}

pub fn insert(tx: &Tx<'_>, row: &DeliveryRow) -> Result<(), StoreError> {
    let merchant = row.merchant_id.as_str();
    tx.execute_one(
        INSERT,
        values![merchant, row.about.subject.name(), row.about.number, row.seq, &row.url, &row.signature, row.due_at],
    )
}

fn read(row: &Row<'_>) -> Result<DeliveryRow, StoreError> {
    let event_id = row.parsed("events", "event_id", "?", |text| EventId::parse(text).ok())?;
    let id = event_id.as_str();
    Ok(DeliveryRow {
        merchant_id: row.parsed("deliveries", "merchant_id", id, |text| MerchantId::parse(text).ok())?,
        about: events::about(row, id)?,
        seq: row.int("seq")?,
        url: row.text("url")?,
        signature: row.text("signature")?,
        body: row.text("body")?,
        state: row.text("state")?,
        failed: u32::try_from(row.int("failed")?).unwrap_or(u32::MAX),
        due_at: row.time("due_at")?,
        event_id,
    })
}

/// What may be sent now, oldest first, at most one about each thing.
pub fn due(tx: &Tx<'_>, now: Time, limit: i64) -> Result<Vec<DeliveryRow>, StoreError> {
    tx.rows(DUE, values![now, limit], read)
}

/// When the next one is due.
pub fn next_due(tx: &Tx<'_>) -> Result<Option<Time>, StoreError> {
    Ok(tx.row(NEXT_DUE, values![], |row| row.opt_int("due_at"))?.flatten().map(Time))
}

/// Sends what is due for one URL to another.
pub fn move_due(tx: &Tx<'_>, merchant: &MerchantId, from: &str, to: &str) -> Result<(), StoreError> {
    tx.execute(MOVE, values![merchant.as_str(), from, to]).map(|_| ())
}

/// Takes a delivery until `until`, so that nobody else sends it meanwhile; false when somebody else has it.
/// A lease only saves work: merchants are told at least once in any case.
pub fn lease(tx: &Tx<'_>, row: &DeliveryRow, until: Time) -> Result<bool, StoreError> {
    let merchant = row.merchant_id.as_str();
    Ok(tx.execute(LEASE, values![merchant, row.about.subject.name(), row.about.number, row.seq, until, row.due_at])?
        == 1)
}

/// Records an attempt and what follows from it.
pub fn record(tx: &Tx<'_>, row: &DeliveryRow, attempt: &AttemptRow) -> Result<(), StoreError> {
    let merchant = row.merchant_id.as_str();
    tx.execute_one(
        INSERT_ATTEMPT,
        values![
            merchant,
            row.about.subject.name(),
            row.about.number,
            row.seq,
            attempt.at,
            attempt.http_status,
            &attempt.outcome,
            attempt.millis
        ],
    )?;
    if let Some(answer) = &attempt.answer {
        let about = row.about;
        tx.execute_one(INSERT_ANSWER, values![merchant, about.subject.name(), about.number, row.seq, answer])?;
    }
    let failed = i64::from(row.failed);
    let values =
        values![merchant, row.about.subject.name(), row.about.number, row.seq, row.state.as_str(), failed, row.due_at];
    tx.execute(DONE, values)?;
    if row.state != "due" {
        release(tx, &row.merchant_id, row.about, attempt.at)?;
    }
    Ok(())
}

/// Lets the next delivery about something go, if none is on its way.
fn release(tx: &Tx<'_>, merchant: &MerchantId, about: About, now: Time) -> Result<(), StoreError> {
    tx.execute(RELEASE, values![merchant.as_str(), about.subject.name(), about.number, now]).map(|_| ())
}

/// Lets deliveries go that wait for nothing. Answers how many.
pub fn release_stranded(tx: &Tx<'_>, now: Time) -> Result<usize, StoreError> {
    let stranded = tx.rows(STRANDED, values![], |row| {
        let merchant = row.parsed("deliveries", "merchant_id", "?", |text| MerchantId::parse(text).ok())?;
        Ok((merchant, events::about(row, "?")?))
    })?;
    for (merchant, about) in &stranded {
        release(tx, merchant, *about, now)?;
    }
    Ok(stranded.len())
}

/// Makes a delivered or parked delivery due again; false when there is none such.
pub fn resend(tx: &Tx<'_>, merchant: &MerchantId, about: About, seq: i64, now: Time) -> Result<bool, StoreError> {
    let resent = tx.execute(RESEND, values![merchant.as_str(), about.subject.name(), about.number, seq, now])? == 1;
    release(tx, merchant, about, now)?;
    Ok(resent)
}

pub fn of(tx: &Tx<'_>, merchant: &MerchantId, about: About) -> Result<Vec<DeliveryRow>, StoreError> {
    tx.rows(LIST, values![merchant.as_str(), about.subject.name(), about.number], read)
}

pub fn parked(tx: &Tx<'_>, merchant: &MerchantId, limit: i64) -> Result<Vec<DeliveryRow>, StoreError> {
    tx.rows(PARKED, values![merchant.as_str(), limit], read)
}

pub fn attempts(tx: &Tx<'_>, row: &DeliveryRow) -> Result<Vec<AttemptRow>, StoreError> {
    tx.rows(ATTEMPTS, values![row.merchant_id.as_str(), row.about.subject.name(), row.about.number, row.seq], |row| {
        Ok(AttemptRow {
            attempt: row.int("attempt")?,
            at: row.time("at")?,
            http_status: row.opt_int("http_status")?,
            outcome: row.text("outcome")?,
            millis: row.int("millis")?,
            answer: row.opt_text("answer")?,
        })
    })
}

/// A delivery with the event that it tells of.
#[derive(Debug, Clone)]
pub struct Listed {
    pub row: DeliveryRow,
    /// The wire's status.
    pub status: String,
    /// When the event was.
    pub at: Time,
}

fn listed(row: &Row<'_>) -> Result<Listed, StoreError> {
    Ok(Listed { row: read(row)?, status: row.text("status")?, at: row.time("at")? })
}

/// Deliveries about invoices, funds or payments, from before `(number, seq)` on.
pub fn page(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    subject: Subject,
    (number, seq): (i64, i64),
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    tx.rows(PAGE, values![merchant.as_str(), subject.name(), number, seq, limit], listed)
}

/// Those that were given up, from before `(due_at, about, seq)` on.
pub fn parked_page(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    (due_at, about, seq): (Time, About, i64),
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let values = values![merchant.as_str(), due_at, about.subject.name(), about.number, seq, limit];
    tx.rows(PARKED_PAGE, values, listed)
}

/// Those that were not accepted and are tried again, the next one first: from after `(due_at, about, seq)` on.
pub fn failing_page(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    (due_at, about, seq): (Time, About, i64),
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let values = values![merchant.as_str(), due_at, about.subject.name(), about.number, seq, limit];
    tx.rows(FAILING_PAGE, values, listed)
}

pub fn one(tx: &Tx<'_>, merchant: &MerchantId, about: About, seq: i64) -> Result<Option<Listed>, StoreError> {
    tx.row(ONE, values![merchant.as_str(), about.subject.name(), about.number, seq], listed)
}

/// What of a range of numbers may be sent again: number and `seq`, in order.
pub fn to_resend(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    subject: Subject,
    (first, last): (i64, i64),
    only_parked: bool,
    limit: i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let values = values![merchant.as_str(), subject.name(), first, last, only_parked, limit];
    tx.rows(TO_RESEND, values, |row| Ok((row.int("number")?, row.int("seq")?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A merchant with many deliveries turns the pages as fast as one with few.
    #[test]
    fn pages_are_found_by_an_index() {
        let path = std::env::temp_dir().join(format!("lockgate-deliveries-plan-{}.db", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let connection = crate::store::sqlite::open::writer_connection(&path).unwrap();
        let key = "USING INDEX sqlite_autoindex_deliveries_1 (merchant_id=? AND subject=? AND";
        for (sql, begins) in [
            (PAGE, format!("SEARCH d {key} (number,seq)<(?,?))")),
            (ONE, format!("SEARCH d {key} number=? AND seq=?)")),
            (TO_RESEND, format!("SEARCH deliveries {key} number>? AND number<?)")),
            (PARKED_PAGE, "SEARCH d USING INDEX deliveries_parked (merchant_id=? AND due_at<?)".to_owned()),
            (FAILING_PAGE, "SEARCH d USING INDEX deliveries_failing (merchant_id=? AND due_at>?)".to_owned()),
        ] {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.sqlite)).unwrap();
            let steps = plan.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>().unwrap();
            assert_eq!(steps[0], begins, "{sql}");
            // of what was given up or fails, only rows of the same instant are sorted
            assert!(!steps.iter().any(|step| step == "USE TEMP B-TREE FOR ORDER BY"), "{sql}: {steps:?}");
        }
        drop(connection);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", path.display()));
        }
    }
}
