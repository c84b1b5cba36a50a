//! Asking providers what became of charges. Only what they answer when we ask is a fact.

use std::sync::Arc;

use domain::charge::State;
use domain::invoice::EXPIRES_AFTER_MILLIS;
use domain::time::DAY;
use domain::{ChargeId, MerchantId};
use rails::provider::{Answer, Disputes, Outcome};

use super::begin::lapse;
use super::record::{self, Asked};
use super::{asked, disputes};
use crate::app::SharedApp;
use crate::app::invoices::UNDECIDED_MILLIS;
use crate::app::providers::OWN_VPA;
use crate::crash::crash_point;
use crate::net::provider::NoAnswer;
use crate::store::charges::{self, ChargeRow};
use crate::store::{StoreError, invoices, merchants, provider_accounts};

/// Charges looked at in one go.
const BATCH: i64 = 50;
/// Charges asked about at the same time.
const AT_ONCE: usize = 16;

/// Whether there is any to ask about now.
pub async fn is_due(app: &SharedApp) -> Result<bool, StoreError> {
    let now = app.now();
    Ok(!app.store.read(|tx| charges::due(tx, now, 1)).await?.is_empty())
}

/// Asks about every charge that is due, a bounded number of them. Answers how many there were.
pub async fn ask_due(app: &SharedApp) -> Result<usize, StoreError> {
    let now = app.now();
    let due = app.store.read(|tx| charges::due(tx, now, BATCH)).await?;
    let count = due.len();
    // one slow provider keeps only its own places busy
    let mut asking = tokio::task::JoinSet::new();
    let places = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    for row in due {
        let (app, places) = (app.clone(), places.clone());
        asking.spawn(async move {
            let _place = places.acquire().await;
            match ask_as(&app, row.merchant_id.clone(), row.charge.id.clone(), Why::Due).await {
                Ok(_) => Ok(()),
                Err(error) => {
                    tracing::error!(charge = %row.charge.id, %error, "A charge could not be asked about");
                    rest(&app, &row).await
                }
            }
        });
    }
    for asked in asking.join_all().await {
        asked?;
    }
    Ok(count)
}

/// One broken charge must not keep the others from being asked about.
async fn rest(app: &SharedApp, row: &ChargeRow) -> Result<(), StoreError> {
    let (worker, merchant, id) = (app.clone(), row.merchant_id.clone(), row.charge.id.clone());
    app.store
        .write(move |tx| {
            let mut row = charges::existing(tx, &merchant, &id)?;
            row.due_at = Some(worker.now().plus(300_000));
            charges::update(tx, &mut row)
        })
        .await
}

/// The payer is back from the provider's page, or a callback came: whatever it says, the provider is asked now.
pub async fn ask_invoice(app: &SharedApp, merchant: &MerchantId, invoice: i64) -> Result<(), StoreError> {
    let rows = app.store.read(|tx| charges::of_invoice(tx, merchant, invoice)).await?;
    let open = |row: &&ChargeRow| matches!(row.charge.state, State::NeedsPayer | State::Pending | State::Unknown);
    if let Some(row) = rows.iter().rev().find(open)
        && app.providers.may_ask(row.charge.id.as_str(), app.now())
    {
        ask(app, row.merchant_id.clone(), row.charge.id.clone()).await?;
    }
    Ok(())
}

/// Why a provider is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Its time has come: of several nodes one asks.
    Due,
    Wanted,
}

/// How long the other nodes leave a charge to the one that asks. Asked twice it is recorded once: this only spares the provider.
const LEASE_MILLIS: i64 = 10_000;

/// Asks about one charge and records the answer. Answers whether the provider said anything clear.
pub async fn ask(app: &SharedApp, merchant: MerchantId, charge: ChargeId) -> Result<bool, StoreError> {
    ask_as(app, merchant, charge, Why::Wanted).await
}

async fn ask_as(app: &SharedApp, merchant: MerchantId, charge: ChargeId, why: Why) -> Result<bool, StoreError> {
    let (worker, owner, id) = (app.clone(), merchant.clone(), charge.clone());
    let found = app.store.write(move |tx| prepare(&worker, tx, &owner, &id, why)).await?;
    let Some((mut row, operation, mut account)) = found else { return Ok(false) };
    let connector = account.connector;
    if row.charge.state == State::Lapsed
        && let Some(cancel) = &connector.cancel
        && !row.memory.contains_key(CLOSED)
    {
        let answer = account.ask(app, "cancel", |account| (cancel.request)(account, &operation)).await;
        let mut answer = heard(answer.map(|answer| (cancel.response)(&account.account, &operation, &answer)));
        if !matches!(answer.outcome, Outcome::Unknown(_)) {
            answer = answer.remember(CLOSED, "1");
        }
        row = keep(app, row, answer).await?;
    }
    let answer = account.ask(app, "sync", |account| (connector.sync.request)(account, &operation)).await;
    let mut answer = heard(answer.map(|answer| (connector.sync.response)(&account.account, &operation, &answer)));
    let mut asked_of = operation.clone();
    for _ in 0..MOST_QUESTIONS {
        let (Outcome::Next, Some(more)) = (&answer.outcome, &connector.sync_more) else { break };
        asked_of.reference = answer.reference.clone().or(asked_of.reference);
        asked_of.memory.extend(answer.memory.clone());
        let next = account.ask(app, "sync", |account| (more.request)(account, &asked_of)).await;
        let mut next = heard(next.map(|next| (more.response)(&account.account, &asked_of, &next)));
        next.reference = next.reference.or(answer.reference);
        answer.memory.extend(next.memory);
        answer = Answer { memory: answer.memory, ..next };
    }
    crash_point("after_provider_sync");
    let is_clear = !matches!(answer.outcome, Outcome::Unknown(_) | Outcome::Next);
    row = keep(app, row, answer).await?;
    let over = is_clear && row.charge.state == State::NeedsPayer && app.now() >= row.charge.expires_at;
    let stuck = matches!(row.charge.state, State::Unknown | State::Pending)
        && app.now() >= row.charge.created_at.plus(GIVEN_UP_MILLIS);
    if stuck {
        tracing::error!(charge = %row.charge.id, "A provider has not decided on a charge while its invoice lived: it is given up");
    }
    if over || stuck {
        row = give_up(app, row).await?;
    }
    if row.charge.state == State::Paid
        && let Some(disputes) = &connector.disputes
    {
        let mut operation = operation;
        operation.reference.clone_from(&row.reference);
        operation.memory.clone_from(&row.memory);
        let answer = account.ask(app, "disputes", |account| (disputes.request)(account, &operation)).await;
        if let Ok(Disputes::Seen(seen)) =
            answer.map(|answer| (disputes.response)(&account.account, &operation, &answer))
        {
            disputes::record(app, &row, seen).await?;
        }
    }
    Ok(is_clear)
}

/// Its time is over and it is not paid: the next look closes it at the provider.
async fn give_up(app: &SharedApp, row: ChargeRow) -> Result<ChargeRow, StoreError> {
    let worker = app.clone();
    app.store
        .write(move |tx| {
            let mut fresh = charges::existing(tx, &row.merchant_id, &row.charge.id)?;
            if matches!(fresh.charge.state, State::NeedsPayer | State::Unknown | State::Pending) {
                lapse(tx, &mut fresh, "its time is over", worker.now())?;
            }
            Ok::<_, StoreError>(fresh)
        })
        .await
}

/// A charge on which a provider does not decide for so long is given up; money that comes all the same is recorded as late. Its invoice
/// has expired by then, whenever it was begun: given up earlier, it would let a second charge begin after an unknown one.
const GIVEN_UP_MILLIS: i64 = EXPIRES_AFTER_MILLIS + UNDECIDED_MILLIS + DAY;

/// The most further questions of one look: a list is read page by page.
const MOST_QUESTIONS: usize = 20;

/// What a connector remembers of a charge that was closed at the provider.
const CLOSED: &str = "closed";

/// A question without an answer says nothing of the charge, whether or not it was sent.
fn heard(answer: Result<Answer, NoAnswer>) -> Answer {
    answer.unwrap_or_else(|error| Answer::of(Outcome::Unknown(error.to_string())))
}

type Prepared = (ChargeRow, rails::provider::Charge, crate::app::providers::Opened);

/// What is needed to ask; `None` when there is nothing to ask about, or nobody.
fn prepare(
    app: &crate::app::App,
    tx: &crate::store::Tx<'_>,
    merchant: &MerchantId,
    id: &ChargeId,
    why: Why,
) -> Result<Option<Prepared>, StoreError> {
    let mut row = charges::existing(tx, merchant, id)?;
    let now = app.now();
    if why == Why::Due && row.due_at.is_none_or(|due| due > now) {
        // somebody asks, or has asked
        return Ok(None);
    }
    if row.charge.state == State::Created {
        // never sent: what would have sent it has ended
        if row.due_at.is_some_and(|due| due <= now) {
            row.charge.state = State::NotSent;
            row.note = Some("the gateway stopped before it was sent".into());
            (row.changed_at, row.due_at) = (now, None);
            charges::update(tx, &mut row)?;
        }
        return Ok(None);
    }
    if row.charge.provider == OWN_VPA {
        if row.charge.state == State::NeedsPayer && now >= row.charge.expires_at {
            lapse(tx, &mut row, "its time is over", now)?;
        }
        return Ok(None);
    }
    let account = app.open_account(provider_accounts::existing(tx, &row.charge.account_id)?)?;
    let merchant = merchants::existing(tx, merchant)?;
    let invoice = invoices::existing(tx, &merchant.id, row.invoice_number)?;
    let operation = asked(app, &merchant, &invoice, &row)?;
    if why == Why::Due && app.store.is_shared() {
        row.due_at = Some(now.plus(LEASE_MILLIS));
        charges::update(tx, &mut row)?;
    }
    Ok(Some((row, operation, account)))
}

async fn keep(app: &SharedApp, row: ChargeRow, answer: Answer) -> Result<ChargeRow, StoreError> {
    let worker = app.clone();
    let (row, changed) = app
        .store
        .write(move |tx| {
            let mut fresh = charges::existing(tx, &row.merchant_id, &row.charge.id)?;
            let was = (fresh.charge.state, fresh.charge.held, fresh.decline);
            // a callback that came while we asked may be about what came after the answer
            let hinted = fresh.version != row.version && fresh.due_at.is_some_and(|due| due <= worker.now());
            record::answer(&worker, tx, &mut fresh, answer, Asked::Sync, worker.now())?;
            if hinted {
                fresh.due_at = Some(worker.now());
                charges::update(tx, &mut fresh)?;
            }
            let changed = was != (fresh.charge.state, fresh.charge.held, fresh.decline);
            Ok::<_, StoreError>((fresh, changed))
        })
        .await?;
    if changed {
        app.wake.deliveries.notify_one();
        app.wake.pages.notify_waiters();
    }
    Ok(row)
}
