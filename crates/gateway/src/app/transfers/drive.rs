//! Transfers over a provider or processor: sent once, under a lease, and then asked about.
//!
//! Order of steps, each safe to be cut off after: lease → *sending* is written with the hash of the request → send → record. After a crash
//! in between, or an unclear answer, the transfer is only asked about. It goes again, the very same, only when the other side says that it
//! has nothing under our id, long enough after it was sent. What arrived is asked about for some time more: it may come back.

use domain::time::DAY;
use domain::transfer::State;
use domain::{Time, Units};
use sha2::{Digest, Sha256};

use super::{arrived, become_, ended, park, returned};
use crate::app::charges::next_look;
use crate::app::lanes::Lanes;
use crate::app::providers::desk::changed_since;
use crate::app::{App, SharedApp};
use crate::crash::crash_point;
use crate::store::transfers::{self, Approval, TransferRow};
use crate::store::{StoreError, Tx};

/// Longer than any call can take, its time-out included.
const LEASE_MILLIS: i64 = 90_000;
/// What the other side does not know this long after it was sent, it will not know later.
const SURE_NOT_SENT_MILLIS: i64 = 600_000;
/// One that has no end so long after it was decided is shown to a person; it is driven on all the same.
const PARK_AFTER_MILLIS: i64 = DAY;
/// For so long after it arrived it is asked about, once a day: banks send money back.
const WATCHED_MILLIS: i64 = 30 * DAY;
/// How many are driven on at a time: in all, and at one account.
const AT_ONCE: usize = 16;
const AT_ONCE_AN_ACCOUNT: usize = 4;

/// What the other side says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It arrived: exactly so much of that currency or asset, under this id of theirs.
    Done {
        units: Units,
        asset: String,
    },
    Pending,
    /// It will not arrive.
    Declined(String),
    /// There is nothing under our id.
    Nothing(String),
    /// No telling.
    Unknown(String),
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub said: Said,
    pub reference: Option<String>,
}

impl Answer {
    pub fn of(said: Said) -> Answer {
        Answer { said, reference: None }
    }
}

/// A request that was built and not sent yet.
#[must_use = "nothing is sent unless `send` is awaited"]
pub struct Ready {
    /// Lower-case hex SHA-256 over all that decides what will be sent, without secrets and card numbers.
    pub hash: String,
    /// Sends it and reads the answer.
    pub send: std::pin::Pin<Box<dyn Future<Output = Answer> + Send>>,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready").field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// Lower-case hex SHA-256 over what decides a request, each field preceded by its length.
pub fn hash_of(fields: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(field);
    }
    hex::encode(hasher.finalize())
}

/// The places at which transfers are driven on.
pub fn lanes() -> Lanes {
    Lanes::new(AT_ONCE, AT_ONCE_AN_ACCOUNT)
}

/// Begins to send what is due, and to ask about what was sent, as far as there are places. Answers how many it began.
pub async fn drive_due(app: &SharedApp, lanes: &mut Lanes) -> Result<usize, StoreError> {
    let (now, mut began) = (app.now(), 0);
    let until = now.plus(LEASE_MILLIS + transfers::CLOCKS_APART_MILLIS);
    for account in app.store.read(|tx| transfers::accounts_due(tx, now, until)).await? {
        let free = lanes.free(account.as_str());
        if free == 0 {
            continue;
        }
        // those that work may not have their lease yet
        let most = i64::try_from(free + AT_ONCE_AN_ACCOUNT).unwrap_or(i64::MAX);
        let rows = app.store.read(|tx| transfers::due(tx, &account, now, until, most)).await?;
        for row in rows.into_iter().filter(|row| !lanes.works_on(row.id.as_str())).take(free).collect::<Vec<_>>() {
            let (app, id) = (app.clone(), row.id.clone());
            began += 1;
            lanes.start(account.as_str(), id.clone().as_str(), async move {
                // one that cannot be driven on does not hold up the others
                if let Err(error) = drive(&app, row).await {
                    tracing::error!(transfer = %id, %error, "A transfer could not be driven on");
                    tokio::time::sleep(crate::app::lanes::AFTER_AN_ERROR).await;
                }
            });
        }
    }
    Ok(began)
}

async fn lease(app: &SharedApp, mut row: TransferRow) -> Result<Option<TransferRow>, StoreError> {
    let now = app.now();
    app.store.write(move |tx| Ok(transfers::lease(tx, &mut row, now, now.plus(LEASE_MILLIS))?.then_some(row))).await
}

async fn drive(app: &SharedApp, row: TransferRow) -> Result<(), StoreError> {
    let Some(row) = lease(app, row).await? else { return Ok(()) };
    let began = tokio::time::Instant::now();
    match row.state {
        State::Reserved if row.approval == Approval::Wanted => rest(app, row).await,
        State::Reserved => match super::leg::ready(app, &row).await {
            Ok(ready) => send(app, row, ready, began).await,
            Err(answer) => record(app, row, answer, false).await,
        },
        State::Sending | State::Pending | State::Done => {
            let answer = super::leg::ask(app, &row).await;
            record(app, row, answer, false).await
        }
        State::Signing | State::Failed | State::Canceled => rest(app, row).await,
    }
}

/// Nothing to do now.
async fn rest(app: &SharedApp, mut row: TransferRow) -> Result<(), StoreError> {
    (row.due_at, row.leased_until) = (None, Time(0));
    app.store.write(move |tx| transfers::update(tx, &mut row)).await
}

async fn send(
    app: &SharedApp,
    mut row: TransferRow,
    ready: Ready,
    began: tokio::time::Instant,
) -> Result<(), StoreError> {
    if row.request_hash.as_ref().is_some_and(|sent| *sent != ready.hash) {
        park(&mut row, "the request is not the one that was sent before under this id".into());
        (row.due_at, row.leased_until) = (None, Time(0));
        return app.store.write(move |tx| transfers::update(tx, &mut row)).await;
    }
    let name = row.kind.name();
    crash_point(&format!("{name}.before_store"));
    let now = app.now();
    become_(&mut row, State::Sending, now);
    row.request_hash = Some(ready.hash);
    row.sent_at = Some(now);
    row.note = Some("sent, and not answered yet".into());
    row.due_at = Some(row.leased_until);
    let row = app.store.write(move |tx| transfers::update(tx, &mut row).map(|()| row)).await?;
    crash_point(&format!("{name}.before_send"));
    // stalled for so long that another may have taken it over: it is asked about instead
    if began.elapsed().as_millis() >= u128::try_from(LEASE_MILLIS / 2).unwrap_or(0) {
        return Ok(());
    }
    let answer = ready.send.await;
    crash_point(&format!("{name}.after_send"));
    record(app, row, answer, true).await?;
    crash_point(&format!("{name}.after_record"));
    Ok(())
}

/// Records what the other side says.
async fn record(app: &SharedApp, row: TransferRow, answer: Answer, sent: bool) -> Result<(), StoreError> {
    let worker = app.clone();
    app.store
        .write(move |tx| {
            let now = worker.now();
            // a callback that came while we asked may be about what came after the answer
            let due = transfers::existing(tx, &row.merchant_id, &row.id)?.due_at;
            let hinted = due != row.due_at && due.is_some_and(|due| due <= now);
            let (merchant, kind, subject) = (row.merchant_id.clone(), row.kind, row.subject.clone());
            heard(&worker, tx, row, answer, sent, now)?;
            if hinted { transfers::hurry(tx, &merchant, kind, &subject, now) } else { Ok(()) }
        })
        .await?;
    app.wake.deliveries.notify_one();
    app.wake.pages.notify_waiters();
    Ok(())
}

fn heard(
    app: &App,
    tx: &Tx<'_>,
    mut row: TransferRow,
    answer: Answer,
    sent: bool,
    now: Time,
) -> Result<(), StoreError> {
    row.leased_until = Time(0);
    row.reference = answer.reference.or(row.reference.take());
    row.asked = row.asked.saturating_add(1);
    if row.state == State::Done {
        return still_there(app, tx, &mut row, answer.said, now);
    }
    row.due_at = Some(next_look(now, row.asked));
    match answer.said {
        Said::Done { units, asset } if units == row.units && asset == row.asset => {
            return arrived(app, tx, &mut row, now);
        }
        Said::Done { units, asset } => {
            park(
                &mut row,
                format!("the other side says that {units} {asset} (smallest units) arrived, not what was sent"),
            );
        }
        Said::Pending => {
            become_(&mut row, State::Pending, now);
            row.note = None;
            super::under_way(tx, &row)?;
        }
        Said::Declined(why) => return ended(app, tx, &mut row, State::Failed, &why, now),
        Said::Nothing(why) if sent => again(&mut row, why, now),
        Said::Nothing(why) => {
            let sure = row.sent_at.is_some_and(|at| now.since(at) >= SURE_NOT_SENT_MILLIS);
            match row.state {
                State::Sending if sure && under_other_credentials(tx, &row)? => {
                    park(
                        &mut row,
                        format!("the account's credentials were replaced since it was sent; under the new ones: {why}"),
                    );
                }
                State::Sending if sure => again(&mut row, why, now),
                // it had it, and now it has not: nothing is sent anew on such a word
                State::Pending if sure => park(&mut row, format!("the other side had it, and now says: {why}")),
                _ => row.note = Some(why),
            }
        }
        Said::Unknown(why) => row.note = Some(why),
    }
    // not since its state changed: one that is turned away again and again changes all the time
    if row.parked.is_none() && now.since(row.created_at) >= PARK_AFTER_MILLIS {
        let why = format!("no end for a day: {}", row.note.as_deref().unwrap_or("it is on its way"));
        park(&mut row, why);
    }
    transfers::update(tx, &mut row)
}

/// The answer may be about another account than the one it was sent from: that it is not known there proves nothing.
fn under_other_credentials(tx: &Tx<'_>, row: &TransferRow) -> Result<bool, StoreError> {
    match (&row.account_id, row.sent_at) {
        (Some(account), Some(sent_at)) => changed_since(tx, account, sent_at),
        _ => Ok(false),
    }
}

/// When to ask again about what has arrived.
pub(super) fn watch(row: &TransferRow, now: Time) -> Option<Time> {
    (row.account_id.is_some() && now.since(row.changed_at) < WATCHED_MILLIS).then(|| now.plus(DAY))
}

/// It had arrived: is that still so? Only a clear word that it did not stay undoes anything.
fn still_there(app: &App, tx: &Tx<'_>, row: &mut TransferRow, said: Said, now: Time) -> Result<(), StoreError> {
    row.due_at = watch(row, now);
    match said {
        Said::Declined(why) => return returned(app, tx, row, &why, now),
        Said::Done { units, asset } if units != row.units || asset != row.asset => {
            park(
                row,
                format!("it had arrived whole, and the other side now says that {units} {asset} (smallest units) did"),
            );
        }
        Said::Done { .. } => row.parked = None,
        // other sides forget what is long over
        Said::Nothing(why) => {
            tracing::warn!(transfer = %row.id, why, "A transfer that had arrived is not known any more")
        }
        Said::Pending | Said::Unknown(_) => {}
    }
    transfers::update(tx, row)
}

/// Nothing was begun: the very same may be sent again, in a minute.
fn again(row: &mut TransferRow, why: String, now: Time) {
    become_(row, State::Reserved, now);
    row.due_at = Some(now.plus(60_000));
    row.note = Some(why);
}
