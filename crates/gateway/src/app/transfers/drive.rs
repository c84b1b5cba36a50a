//! Transfers over a provider or processor: sent once, under a lease, and then asked about.
//!
//! Order of steps, each safe to be cut off after: lease → *sending* is written with the hash of the request → send → record. After a crash
//! in between, or an unclear answer, the transfer is only asked about. It goes again, the very same, only when the other side says that it
//! has nothing under our id, long enough after it was sent.

use domain::transfer::State;
use domain::{Time, Units};
use sha2::{Digest, Sha256};

use super::{arrived, become_, ended, park};
use crate::app::SharedApp;
use crate::app::charges::next_look;
use crate::crash::crash_point;
use crate::store::StoreError;
use crate::store::transfers::{self, Approval, TransferRow};

/// Longer than any call can take, its time-out included.
const LEASE_MILLIS: i64 = 90_000;
/// What the other side does not know this long after it was sent, it will not know later.
const SURE_NOT_SENT_MILLIS: i64 = 600_000;
/// One that has no end so long after it was decided is shown to a person; it is driven on all the same.
const PARK_AFTER_MILLIS: i64 = 86_400_000;

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

/// Sends what is due and asks about what was sent. Answers how many there were.
pub async fn drive_due(app: &SharedApp) -> Result<usize, StoreError> {
    let now = app.now();
    let due = app.store.read(|tx| transfers::due(tx, now, 50)).await?;
    let count = due.len();
    for row in due {
        let id = row.id.clone();
        // one that cannot be driven on does not hold up the others
        if let Err(error) = drive(app, row).await {
            tracing::error!(transfer = %id, %error, "A transfer could not be driven on");
        }
    }
    Ok(count)
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
        State::Sending | State::Pending => {
            let answer = super::leg::ask(app, &row).await;
            record(app, row, answer, false).await
        }
        State::Signing | State::Done | State::Failed | State::Canceled => rest(app, row).await,
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
            let (mut row, now) = (row, worker.now());
            row.leased_until = Time(0);
            row.reference = answer.reference.or(row.reference.take());
            row.asked = row.asked.saturating_add(1);
            row.due_at = Some(next_look(now, row.asked));
            match answer.said {
                Said::Done { units, asset } if units == row.units && asset == row.asset => {
                    return arrived(&worker, tx, &mut row, now);
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
                Said::Declined(why) => return ended(&worker, tx, &mut row, State::Failed, &why, now),
                Said::Nothing(why) if sent => again(&mut row, why, now),
                Said::Nothing(why) => {
                    let sure = row.sent_at.is_some_and(|at| now.since(at) >= SURE_NOT_SENT_MILLIS);
                    match row.state {
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
        })
        .await?;
    app.wake.deliveries.notify_one();
    app.wake.pages.notify_waiters();
    Ok(())
}

/// Nothing was begun: the very same may be sent again, in a minute.
fn again(row: &mut TransferRow, why: String, now: Time) {
    become_(row, State::Reserved, now);
    row.due_at = Some(now.plus(60_000));
    row.note = Some(why);
}
