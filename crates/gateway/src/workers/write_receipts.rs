//! Writes the receipts that go out by themselves.
//!
//! Each is due by a row that was written with the payment, and its mail goes into the outbox in the transaction that ends that row: whoever
//! crashes between leaves it due, and whoever comes second finds it ended.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Trouble, rest};
use crate::app::wake::Bell;
use crate::app::{SharedApp, payer_mails};
use crate::papers::{self, NoPaper};
use crate::store::payer_mails::{DueMail, due};
use crate::store::{StoreError, Tx, invoices, merchants, storefronts};

/// Nobody waits for a receipt at once.
const QUIET: Duration = Duration::from_secs(2);
/// After so many a round ends: the database, and not some row, is what fails.
const MOST_FAILED: i64 = 100;

pub async fn run(app: SharedApp, stop: CancellationToken) {
    let (trouble, nobody) = (Trouble::default(), Bell::default());
    loop {
        let written = round(&app, &stop).await;
        let more = matches!(written, Ok(count) if count > 0);
        trouble.report("Writing receipts", written.map(|_| ()).map_err(|error| error.to_string()));
        if stop.is_cancelled() || (!more && !rest(&nobody, QUIET, &stop).await) {
            return;
        }
    }
}

/// All that are due; how many. One that fails holds up no other: its error is the answer, once the rest is written. What is begun is
/// ended before we stop.
pub async fn round(app: &SharedApp, stop: &CancellationToken) -> Result<usize, NoPaper> {
    let (mut written, mut failed, mut first) = (0, 0, Ok(()));
    while failed < MOST_FAILED && !stop.is_cancelled() {
        let due = app.store.read(move |tx| due(tx, failed)).await?;
        if due.is_empty() {
            break;
        }
        for due in due {
            if stop.is_cancelled() {
                break;
            }
            match write(app, due).await {
                Ok(()) => written += 1,
                Err(error) => {
                    failed += 1;
                    first = first.and(Err(error));
                }
            }
        }
    }
    first.map(|()| written)
}

async fn write(app: &SharedApp, due: DueMail) -> Result<(), NoPaper> {
    let read = |tx: &Tx<'_>| {
        let merchant = merchants::existing(tx, &due.merchant_id)?;
        let row = invoices::by_number(tx, &merchant.id, due.invoice_number)?;
        let lang = papers::language(&storefronts::of(tx, &merchant.id)?);
        Ok::<_, StoreError>(row.map(|row| (merchant, row, lang)))
    };
    let letter = match app.store.read(read).await? {
        Some((merchant, row, lang)) => papers::letter(app, &merchant, &row, lang).await?.map(|(_, letter)| letter),
        None => None,
    };
    let worker = app.clone();
    Ok(app.store.write(move |tx| payer_mails::write(&worker, tx, &due, letter.as_ref())).await?)
}
