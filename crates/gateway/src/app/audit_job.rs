//! The audit, asked for by an operator: it runs beside everything else, one at a time, and its result is kept.

use domain::Time;
use domain::time::HOUR;
use serde::{Deserialize, Serialize};

use super::acts::{Actor, record};
use super::audit::{Report, audit};
use super::{App, SharedApp};
use crate::store::{StoreError, Tx, settings};

const BEGUN: &str = "audit_begun";
const RESULT: &str = "audit_result";
/// A process that ended in the middle leaves nothing but the time it began.
const GIVEN_UP_MILLIS: i64 = HOUR;
/// Of the findings so many are kept; the command line says them all.
const FINDINGS: usize = 50;

/// How an audit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub begun_at: i64,
    pub ended_at: i64,
    pub entries: u64,
    pub invoices: u64,
    pub transfers: u64,
    pub acts: u64,
    /// How many rows contradict another.
    pub findings: u64,
    /// The first of them: row, and what is wrong with it.
    pub first: Vec<(String, String)>,
    /// Why it did not come to its end.
    pub failed: Option<String>,
}

/// What is known of audits.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    pub running_since: Option<Time>,
    pub last: Option<Ended>,
}

fn damaged(name: &str, value: String) -> StoreError {
    StoreError::Damaged { table: "settings", column: "value", id: name.to_owned(), value }
}

pub fn standing(tx: &Tx<'_>, now: Time) -> Result<Standing, StoreError> {
    let begun = settings::get(tx, BEGUN)?.filter(|text| !text.is_empty());
    let begun = begun.map(|text| text.parse().map(Time).map_err(|_| damaged(BEGUN, text))).transpose()?;
    let last = settings::get(tx, RESULT)?;
    let last = last.map(|text| serde_json::from_str(&text).map_err(|_| damaged(RESULT, text))).transpose()?;
    Ok(Standing { running_since: begun.filter(|begun| now.since(*begun) < GIVEN_UP_MILLIS), last })
}

/// Marks one as begun, and answers when; `None` while another runs.
pub fn begin(app: &App, tx: &Tx<'_>, actor: &Actor) -> Result<Option<Time>, StoreError> {
    let now = app.now();
    if standing(tx, now)?.running_since.is_some() {
        return Ok(None);
    }
    settings::put(tx, BEGUN, &now.0.to_string())?;
    record(app, tx, actor, "audit.run", "settings audit_result".into(), String::new())?;
    Ok(Some(now))
}

/// Audits, and keeps what came of it. Reads one snapshot for as long as it takes: not on a thread that others wait for.
pub async fn run(app: &SharedApp, begun: Time) -> Result<(), StoreError> {
    let report = app.store.read(audit).await;
    let ended = ended(report, begun, app.now());
    let text = serde_json::to_string(&ended).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let keep = move |tx: &Tx<'_>| {
        settings::put(tx, RESULT, &text)?;
        // unless somebody took this one for dead and began another
        match settings::get(tx, BEGUN)? {
            Some(now) if now == begun.0.to_string() => settings::put(tx, BEGUN, ""),
            _ => Ok(()),
        }
    };
    app.store.write(keep).await
}

fn ended(report: Result<Report, StoreError>, begun: Time, now: Time) -> Ended {
    let (report, failed) = match report {
        Ok(report) => (report, None),
        Err(error) => (Report::default(), Some(error.to_string())),
    };
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Ended {
        begun_at: begun.0,
        ended_at: now.0,
        entries: report.entries,
        invoices: report.invoices,
        transfers: report.transfers,
        acts: report.acts,
        findings: count(report.findings.len()),
        first: report.findings.into_iter().take(FINDINGS).map(|finding| (finding.row, finding.what)).collect(),
        failed,
    }
}
