//! Before an invoice is paid another way, what was begun is closed at its provider: the payer may have paid it a moment ago.

use domain::MerchantId;
use domain::charge::{Method, State};

use super::ask;
use super::begin::{lapse, may_be_paid_now};
use crate::app::{SharedApp, invoices as invoice_cases};
use crate::store::StoreError;
use crate::store::charges::{self, ChargeRow};
use crate::telemetry::carried;

/// Closes the invoice's charges that wait for the payer, but for one of `keep`, which will be used again.
///
/// Each is asked about first; only one that is certainly not paid is given up and closed. What cannot be asked about stays as it is,
/// and nothing else may begin until its time is over.
pub async fn before_another(app: &SharedApp, token: &str, keep: Option<Method>) -> Result<(), StoreError> {
    let now = app.now();
    let waiting = app
        .store
        .read(|tx| {
            let Some((merchant, row)) = invoice_cases::by_token(app, tx, token)? else { return Ok(Vec::new()) };
            let rows = charges::of_invoice(tx, &merchant.id, row.invoice.number)?;
            let others = |row: &ChargeRow| may_be_paid_now(row, now) && Some(row.charge.method) != keep;
            Ok::<_, StoreError>(rows.into_iter().filter(others).collect())
        })
        .await?;
    for row in waiting {
        let worker = app.clone();
        // on to its end, even if the payer goes away
        let closing = tokio::spawn(carried(async move { close(&worker, &row.merchant_id, &row).await }));
        closing.await.map_err(|_| StoreError::Panicked)??;
    }
    Ok(())
}

async fn close(app: &SharedApp, merchant: &MerchantId, row: &ChargeRow) -> Result<(), StoreError> {
    let answered = ask::ask(app, merchant.clone(), row.charge.id.clone()).await?;
    if !answered {
        return Ok(());
    }
    let (worker, owner, id) = (app.clone(), merchant.clone(), row.charge.id.clone());
    let given_up = app
        .store
        .write(move |tx| {
            let mut row = charges::existing(tx, &owner, &id)?;
            let waits = row.charge.state == State::NeedsPayer;
            if waits {
                lapse(tx, &mut row, "the payer goes another way", worker.now())?;
            }
            Ok::<_, StoreError>(waits)
        })
        .await?;
    if given_up {
        // which closes it, and learns of a payment that came first
        ask::ask(app, merchant.clone(), row.charge.id.clone()).await?;
    }
    Ok(())
}
