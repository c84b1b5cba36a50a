//! Writes the receipts that go out by themselves.
//!
//! Each is due by a row that was written with the payment, and its mail goes into the outbox in the transaction that ends that row: whoever
//! crashes between leaves it due, and whoever comes second finds it ended.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Trouble, rest};
use crate::app::wake::Bell;
use crate::app::{SharedApp, payer_mails};
use crate::papers;
use crate::store::{StoreError, Tx, invoices, merchants, storefronts};

/// Nobody waits for a receipt at once.
const QUIET: Duration = Duration::from_secs(2);

pub async fn run(app: SharedApp, stop: CancellationToken) {
    let (trouble, nobody) = (Trouble::default(), Bell::default());
    loop {
        let written = round(&app).await;
        let more = matches!(written, Ok(count) if count > 0);
        trouble.report("Writing receipts", written.map(|_| ()).map_err(|error| error.to_string()));
        if stop.is_cancelled() || (!more && !rest(&nobody, QUIET, &stop).await) {
            return;
        }
    }
}

/// Some of those that are due; how many.
pub async fn round(app: &SharedApp) -> Result<usize, StoreError> {
    let due = app.store.read(crate::store::payer_mails::due).await?;
    let count = due.len();
    for due in due {
        let read = |tx: &Tx<'_>| {
            let merchant = merchants::existing(tx, &due.merchant_id)?;
            let row = invoices::by_number(tx, &merchant.id, due.invoice_number)?;
            let lang = papers::language(&storefronts::of(tx, &merchant.id)?);
            Ok::<_, StoreError>(row.map(|row| (merchant, row, lang)))
        };
        let letter = match app.store.read(read).await? {
            Some((merchant, row, lang)) => papers::letter(app, &merchant, &row, lang)?.map(|(_, letter)| letter),
            None => None,
        };
        let worker = app.clone();
        app.store.write(move |tx| payer_mails::write(&worker, tx, &due, letter.as_ref())).await?;
    }
    Ok(count)
}
