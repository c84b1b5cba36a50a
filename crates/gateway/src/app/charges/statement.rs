//! A bank statement of a merchant's own VPA: each credit settles at most one charge, by reference number, amount and day. What settles
//! none is kept and shown.

use std::collections::HashMap;

use domain::charge::State;
use domain::time::DAY;
use domain::{AccountId, MerchantId, Time};
use rails::upi::rrn::Rrn;
use rails::upi::statement::{Line, Statement};
use sha2::{Digest, Sha256};

use super::own_vpa::{self, Refused};
use crate::app::acts::{Actor, record_for};
use crate::app::providers::{OWN_VPA, settings};
use crate::app::{App, SharedApp};
use crate::store::charges::{self, ChargeRow};
use crate::store::provider_events::{self, LineRow};
use crate::store::{StoreError, Tx, provider_accounts};

/// Lines of one transaction: others want to write too.
const BATCH: usize = 200;
/// How many days after a charge was made its credit may be booked: weekends and holidays.
const BOOKED_WITHIN_DAYS: i64 = 5;

/// What came of a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Credits that settled a charge now.
    pub settled: usize,
    /// Credits that had settled one before, by an earlier import or by hand.
    pub known: usize,
    /// Credits that settle nothing: kept, and looked at again by the next import.
    pub unmatched: usize,
    pub debits: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0} is no own VPA of this merchant")]
    NoAccount(String),
    #[error("the statement is of account {found}, the VPA's account is {wanted}")]
    OtherAccount { found: String, wanted: String },
    #[error("the statement is in {0}; UPI is in INR")]
    Currency(String),
}

/// Imports a statement that was read before. The same statement again changes nothing. What comes of it is written down as an act of whoever
/// sent it, if that is known.
pub async fn import(
    app: &SharedApp,
    merchant: &MerchantId,
    account: &AccountId,
    statement: Statement,
    by: Option<&Actor>,
) -> Result<Imported, ImportFailed> {
    check(app, merchant, account, &statement).await?;
    let (credits, debits): (Vec<Line>, Vec<Line>) = statement.lines.into_iter().partition(|line| line.credit);
    let mut imported = Imported { debits: debits.len(), ..Imported::default() };
    let mut seen: HashMap<String, u32> = HashMap::new();
    let keyed: Vec<(String, Line)> = credits
        .into_iter()
        .map(|line| {
            let text = fingerprint(&line);
            let nth = seen.entry(text.clone()).and_modify(|nth| *nth += 1).or_insert(1);
            (format!("{text}-{nth}"), line)
        })
        .collect();
    for lines in keyed.chunks(BATCH) {
        let (worker, merchant, account, lines) = (app.clone(), merchant.clone(), account.clone(), lines.to_vec());
        let by = by.cloned();
        let part = app
            .store
            .write(move |tx| {
                let mut part = Imported::default();
                for (key, line) in &lines {
                    place(&worker, tx, &merchant, &account, key, line, &mut part)?;
                }
                if let Some(actor) = by.as_ref().filter(|_| part.settled + part.unmatched > 0) {
                    let Imported { settled, known, unmatched, .. } = &part;
                    let detail = format!("{settled} credits confirmed, {known} known before, {unmatched} fit nothing");
                    let of = (format!("upi_statements {account}"), detail);
                    record_for(&worker, tx, actor, &merchant, "upi.import", of)?;
                }
                Ok::<_, StoreError>(part)
            })
            .await?;
        imported.settled += part.settled;
        imported.known += part.known;
        imported.unmatched += part.unmatched;
    }
    app.wake.deliveries.notify_one();
    app.wake.pages.notify_waiters();
    Ok(imported)
}

async fn check(
    app: &SharedApp,
    merchant: &MerchantId,
    account: &AccountId,
    statement: &Statement,
) -> Result<(), ImportFailed> {
    let row = app.store.read(|tx| provider_accounts::by_id(tx, account)).await?;
    let row = row.filter(|row| row.provider == OWN_VPA && row.merchant_id.as_ref() == Some(merchant));
    let row = row.ok_or_else(|| ImportFailed::NoAccount(account.to_string()))?;
    let wanted = settings(&row)?.get("bank_account").cloned().unwrap_or_default();
    let bare = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    if let Some(found) = statement.account.as_ref().filter(|_| !wanted.is_empty())
        && !bare(found).ends_with(&bare(&wanted))
    {
        return Err(ImportFailed::OtherAccount { found: found.to_owned(), wanted });
    }
    if statement.currency != "INR" {
        return Err(ImportFailed::Currency(statement.currency.clone()));
    }
    Ok(())
}

fn fingerprint(line: &Line) -> String {
    let rrn = line.rrn.as_ref().map(Rrn::as_str).unwrap_or_default();
    let text = format!("{}|{}|{rrn}|{}", line.day, line.amount, line.text);
    hex::encode(&Sha256::digest(text)[..16])
}

fn day_of(line: &Line) -> i64 {
    let midnight = line.day.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp().as_millisecond());
    Time(midnight.unwrap_or(0)).day()
}

fn place(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    account: &AccountId,
    key: &str,
    line: &Line,
    imported: &mut Imported,
) -> Result<(), StoreError> {
    let known = provider_events::line_by_key(tx, merchant, account, key)?;
    if known.as_ref().is_some_and(|row| row.charge_id.is_some()) {
        imported.known += 1;
        return Ok(());
    }
    let day = day_of(line);
    let (charge, note) = settle(app, tx, merchant, account, line, day, imported)?;
    let row = LineRow {
        merchant_id: merchant.clone(),
        account_id: account.clone(),
        line_key: key.to_owned(),
        day,
        units: line.amount,
        rrn: line.rrn.as_ref().map(ToString::to_string),
        text: line.text.clone(),
        charge_id: charge.map(|row| row.charge.id),
        note,
        imported_at: app.now(),
    };
    if known.is_some() { provider_events::match_line(tx, &row) } else { provider_events::insert_line(tx, &row) }
}

/// The line names a charge that is paid: it settles nothing else. Its number is kept with it, so that nobody can claim it.
fn known(tx: &Tx<'_>, row: &mut ChargeRow, line: &Line, imported: &mut Imported) -> Result<String, StoreError> {
    imported.known += 1;
    match (&row.rrn, &line.rrn) {
        (None, Some(rrn)) => {
            row.rrn = Some(rrn.to_string());
            charges::update(tx, row)?;
            Ok("confirmed before; its number is kept now".into())
        }
        (Some(kept), Some(rrn)) if kept != rrn.as_str() => Ok(format!("confirmed before, with the number {kept}")),
        _ => Ok("confirmed before; the statement agrees".into()),
    }
}

/// The charge this credit belongs to, and in words what came of it.
fn settle(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    account: &AccountId,
    line: &Line,
    day: i64,
    imported: &mut Imported,
) -> Result<(Option<ChargeRow>, String), StoreError> {
    if let Some(rrn) = &line.rrn
        && let Some(row) = charges::by_rrn(tx, merchant, account, rrn.as_str())?
    {
        if row.charge.received.as_ref().is_some_and(|money| money.units == line.amount) {
            imported.known += 1;
            return Ok((Some(row), "confirmed before; the statement agrees".into()));
        }
        imported.unmatched += 1;
        return Ok((None, format!("its reference number has settled charge {} over another amount", row.charge.id)));
    }
    let since = Time((day - BOOKED_WITHIN_DAYS) * DAY);
    let settled = charges::recent(tx, merchant, account, since)?.into_iter().find(|row| {
        let named = row.reference.as_ref().is_some_and(|reference| line.text.contains(reference.as_str()));
        row.charge.state == State::Paid && named
    });
    if let Some(mut row) = settled {
        return known(tx, &mut row, line, imported).map(|note| (Some(row), note));
    }
    let waiting = charges::to_confirm(tx, merchant, account, since)?;
    let named = |row: &&ChargeRow| {
        let by_rrn = line.rrn.as_ref().is_some_and(|rrn| row.claimed_rrn.as_deref() == Some(rrn.as_str()));
        let by_reference = row.reference.as_ref().is_some_and(|reference| line.text.contains(reference.as_str()));
        by_rrn || by_reference
    };
    let named: Vec<&ChargeRow> = waiting.iter().filter(named).collect();
    let fits = |row: &&&ChargeRow| {
        let made = row.charge.created_at.day();
        // a bank's day may begin before ours
        row.charge.asked.units == line.amount && (made - 1..=made + BOOKED_WITHIN_DAYS).contains(&day)
    };
    let fitting: Vec<&&ChargeRow> = named.iter().filter(fits).collect();
    match fitting[..] {
        [row] => match own_vpa::confirm(app, tx, merchant, &row.charge.id, line.rrn.clone()) {
            Ok(row) => {
                imported.settled += 1;
                Ok((Some(row), "settled by this line".into()))
            }
            Err(Refused::Store(error)) => Err(error),
            Err(refused) => {
                imported.unmatched += 1;
                Ok((None, refused.to_string()))
            }
        },
        [] => {
            imported.unmatched += 1;
            let why = match named.first() {
                Some(row) if row.charge.state == State::Claimed => {
                    format!("claimed for charge {}, but amount or day differ", row.charge.id)
                }
                Some(row) => format!("names charge {}, but amount or day differ", row.charge.id),
                None => "no charge claims it".into(),
            };
            Ok((None, why))
        }
        _ => {
            imported.unmatched += 1;
            Ok((None, "several charges claim it".into()))
        }
    }
}
