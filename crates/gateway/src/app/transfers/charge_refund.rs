//! Card and UPI money back to the payer: what is asked of the provider that took it. Our id of the transfer is its idempotency key.

use domain::charge::State;
use domain::{ChargeId, TransferId};
use rails::provider::{Refund, RefundAnswer, RefundOutcome};

use super::drive::{Answer, Ready, Said, hash_of};
use crate::app::charges::asked;
use crate::app::providers::Opened;
use crate::app::{App, SharedApp};
use crate::net::provider::NoAnswer;
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx, charges, invoices, merchants, provider_accounts};

/// What the connector is told, the account it is told at, and whether the charge is still paid.
fn prepare(app: &App, tx: &Tx<'_>, row: &TransferRow) -> Result<(Refund, Opened, bool), StoreError> {
    let id = ChargeId::parse(&row.subject).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let charge = charges::existing(tx, &row.merchant_id, &id)?;
    let merchant = merchants::existing(tx, &row.merchant_id)?;
    let invoice = invoices::existing(tx, &merchant.id, charge.invoice_number)?;
    let account = app.open_account(provider_accounts::existing(tx, &charge.charge.account_id)?)?;
    let refund = Refund {
        id: row.id.to_string(),
        amount: row.units,
        charge: asked(app, &merchant, &invoice, &charge)?,
        reference: row.reference.clone(),
    };
    Ok((refund, account, charge.charge.state == State::Paid))
}

fn no_flow(row: &TransferRow) -> Answer {
    Answer::of(Said::Unknown(format!("the provider of {} can give nothing back", row.subject)))
}

/// Builds the request; a charge that is not paid any more cannot be given back.
pub async fn ready(app: &SharedApp, row: &TransferRow) -> Result<Ready, Answer> {
    let prepared = app.store.read(|tx| prepare(app, tx, row)).await;
    let (refund, mut account, is_paid) = prepared.map_err(|error| unknown(&error))?;
    if !is_paid {
        return Err(Answer::of(Said::Declined("the charge is not paid any more".into())));
    }
    let flows = account.connector.refund.as_ref().ok_or_else(|| no_flow(row))?;
    let (hash, app) = (hash(&account, &refund, &row.id), app.clone());
    let send = async move {
        match account.ask(&app, "refund", |account| (flows.create.request)(account, &refund)).await {
            Ok(answer) => read((flows.create.response)(&account.account, &refund, &answer)),
            Err(NoAnswer::NotSent(why)) => Answer::of(Said::Nothing(why)),
            Err(NoAnswer::Unclear(why)) => Answer::of(Said::Unknown(why)),
        }
    };
    Ok(Ready { hash, send: Box::pin(send) })
}

/// Asks what became of it.
pub async fn ask(app: &SharedApp, row: &TransferRow) -> Answer {
    let (refund, mut account, _) = match app.store.read(|tx| prepare(app, tx, row)).await {
        Ok(prepared) => prepared,
        Err(error) => return unknown(&error),
    };
    let Some(flows) = &account.connector.refund else { return no_flow(row) };
    match account.ask(app, "refund", |account| (flows.sync.request)(account, &refund)).await {
        Ok(answer) => read((flows.sync.response)(&account.account, &refund, &answer)),
        Err(error) => Answer::of(Said::Unknown(error.to_string())),
    }
}

fn unknown(error: &StoreError) -> Answer {
    tracing::error!(%error, "A refund could not be prepared");
    Answer::of(Said::Unknown("it could not be prepared: see the log".into()))
}

fn read(answer: RefundAnswer) -> Answer {
    let said = match answer.outcome {
        RefundOutcome::Done { amount, currency } => Said::Done { units: amount, asset: currency },
        RefundOutcome::Pending => Said::Pending,
        RefundOutcome::Declined(why) => Said::Declined(why),
        RefundOutcome::NotSent(why) => Said::Nothing(why),
        RefundOutcome::Unknown(why) => Said::Unknown(why),
    };
    Answer { said, reference: answer.reference }
}

/// Over what decides what is sent: whom we ask, of what, how much, under which key.
fn hash(account: &Opened, refund: &Refund, id: &TransferId) -> String {
    let (amount, charge) = (refund.amount.to_string(), &refund.charge);
    let reference = charge.reference.as_deref().unwrap_or_default();
    hash_of(&[account.row.id.as_str(), id.as_str(), &charge.id, reference, &amount, &charge.currency])
}
