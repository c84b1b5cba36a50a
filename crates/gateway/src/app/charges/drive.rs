//! Sending a charge to its provider, once. A charge is marked *unknown* on disk before the first byte leaves; from then on it is only
//! asked about. What was surely not sent goes to the next provider.

use std::time::Duration;

use domain::card::Card;
use domain::charge::State;
use domain::{ChargeId, MerchantId};
use rails::provider::{Answer, Outcome};

use super::begin::{self, BeginFailed, Wanted};
use super::record::{self, Asked};
use super::{asked, own_vpa};
use crate::app::SharedApp;
use crate::app::providers::OWN_VPA;
use crate::crash::crash_point;
use crate::net::provider::NoAnswer;
use crate::store::charges::{self, ChargeRow};
use crate::store::{StoreError, invoices, merchants, provider_accounts};
use crate::telemetry::carried;

/// Between being marked and being sent.
const SENT_WITHIN: Duration = Duration::from_secs(20);

/// Sends a charge that was decided on, and those that follow when nothing could be sent. Runs to its end even if the caller goes away.
pub async fn send(
    app: &SharedApp,
    merchant: MerchantId,
    charge: ChargeId,
    card: Option<Card>,
) -> Result<ChargeRow, StoreError> {
    let worker = app.clone();
    let sending = tokio::spawn(carried(async move { send_all(&worker, merchant, charge, card).await }));
    sending.await.map_err(|_| StoreError::Panicked)?
}

async fn send_all(
    app: &SharedApp,
    merchant: MerchantId,
    mut charge: ChargeId,
    card: Option<Card>,
) -> Result<ChargeRow, StoreError> {
    loop {
        let row = send_one(app, &merchant, &charge, card.as_ref()).await?;
        app.wake.providers.notify_one();
        app.wake.deliveries.notify_one();
        app.wake.pages.notify_waiters();
        if row.charge.state != State::NotSent {
            return Ok(row);
        }
        tracing::warn!(charge = %charge, provider = row.charge.provider, why = row.note, "A charge could not be sent");
        match next(app, &row, card.is_some()).await {
            Ok(next) => charge = next,
            Err(BeginFailed::Store(error)) => return Err(error),
            Err(_) => return Ok(row),
        }
    }
}

/// Decides on the next provider's charge.
async fn next(app: &SharedApp, row: &ChargeRow, with_card: bool) -> Result<ChargeId, BeginFailed> {
    let (worker, merchant, number) = (app.clone(), row.merchant_id.clone(), row.invoice_number);
    let wanted = Wanted { method: row.charge.method, device: row.device, with_card };
    app.store
        .write(move |tx| {
            let merchant = merchants::existing(tx, &merchant)?;
            let invoice = invoices::existing(tx, &merchant.id, number)?;
            begin::begin_in(&worker, tx, &merchant, &invoice, wanted, worker.now()).map(|row| row.charge.id)
        })
        .await
}

async fn send_one(
    app: &SharedApp,
    merchant: &MerchantId,
    charge: &ChargeId,
    card: Option<&Card>,
) -> Result<ChargeRow, StoreError> {
    let _sending = app.providers.sending(charge.as_str());
    let began = tokio::time::Instant::now();
    let (worker, owner, id) = (app.clone(), merchant.clone(), charge.clone());
    let marked = app
        .store
        .write(move |tx| {
            let mut row = charges::existing(tx, &owner, &id)?;
            if row.charge.state != State::Created {
                return Ok::<_, StoreError>((row, None));
            }
            let now = worker.now();
            let account = provider_accounts::existing(tx, &row.charge.account_id)?;
            if row.charge.provider == OWN_VPA {
                own_vpa::show_link(tx, &mut row, &account, now)?;
                return Ok((row, None));
            }
            let merchant = merchants::existing(tx, &owner)?;
            let invoice = invoices::existing(tx, &owner, row.invoice_number)?;
            let operation = asked(&worker, &merchant, &invoice, &row)?;
            let account = worker.open_account(account)?;
            row.charge.state = State::Unknown;
            row.note = Some("sent, and not answered yet".into());
            row.changed_at = now;
            // should this process end now, another look at it finds it here
            row.due_at = Some(now.plus(60_000));
            charges::update(tx, &mut row)?;
            Ok((row, Some((operation, account))))
        })
        .await?;
    let (mut row, Some((mut operation, mut account))) = marked else { return Ok(marked.0) };
    crash_point("before_provider_send");
    if began.elapsed() > SENT_WITHIN {
        // the machine slept: others may have concluded that this was never sent
        return keep(app, row, Answer::of(Outcome::NotSent("it was not sent in time".into()))).await;
    }
    let connector = account.connector;
    if let Some(card) = card {
        let Some(flow) = &connector.create_with_card else {
            return keep(app, row, Answer::of(Outcome::NotSent("this provider takes no card data".into()))).await;
        };
        let shown = card.number.shown();
        let answer = account.ask(app, "create", |account| (flow.request)(account, &operation, card)).await;
        crash_point("after_provider_send");
        row.card = Some(shown);
        return keep(app, row, read(answer.map(|answer| (flow.response)(&account.account, &operation, &answer)))).await;
    }
    for (nth, step) in (1..).zip(connector.create) {
        let answer = account.ask(app, "create", |account| (step.request)(account, &operation)).await;
        crash_point("after_provider_send");
        let mut answer = read(answer.map(|answer| (step.response)(&account.account, &operation, &answer)));
        // an earlier step did arrive: there is something at the provider now, and no other one may be asked
        if nth > 1
            && let Outcome::NotSent(why) = answer.outcome
        {
            answer.outcome = Outcome::Unknown(why);
        }
        let more = answer.outcome == Outcome::Next && nth < connector.create.len();
        row = keep(app, row, answer).await?;
        if !more || row.charge.state != State::Unknown {
            break;
        }
        operation.reference.clone_from(&row.reference);
        operation.memory.clone_from(&row.memory);
    }
    Ok(row)
}

/// An answer, or what its lack means.
pub fn read(answer: Result<Answer, NoAnswer>) -> Answer {
    answer.unwrap_or_else(|error| {
        Answer::of(match error {
            NoAnswer::NotSent(why) => Outcome::NotSent(why),
            NoAnswer::Unclear(why) => Outcome::Unknown(why),
        })
    })
}

/// Writes down what came back. Somebody may have asked meanwhile and written first: then the row is read anew, and the answer
/// recorded over it.
async fn keep(app: &SharedApp, row: ChargeRow, answer: Answer) -> Result<ChargeRow, StoreError> {
    let worker = app.clone();
    app.store
        .write(move |tx| {
            let mut fresh = charges::existing(tx, &row.merchant_id, &row.charge.id)?;
            if fresh.card.is_none() {
                fresh.card.clone_from(&row.card);
            }
            record::answer(&worker, tx, &mut fresh, answer, Asked::Create, worker.now())?;
            Ok::<_, StoreError>(fresh)
        })
        .await
}
