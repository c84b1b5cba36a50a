//! Follows each merchant's invoices: what they are searched by, and their amounts. One node does it; if two ever did, each invoice is passed
//! once all the same, since the cursor moves in the transaction that passes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Trouble;
use super::duty::Duty;
use crate::app::{SharedApp, search};
use crate::store::{self, StoreError, Tx, invoices, merchants, settings};

/// Between two looks whether invoices were made, and between two steps while there are more: whoever makes invoices goes first.
const QUIET: Duration = Duration::from_secs(1);
const BETWEEN_STEPS: Duration = Duration::from_millis(100);

pub async fn run(app: SharedApp, node: String, stop: CancellationToken) {
    let trouble = Trouble::default();
    let mut duty = Duty::new(&node, "pass", "invoices");
    let mut seen = None;
    while !stop.is_cancelled() {
        let mut pause = QUIET;
        match duty.take_if_known(&app).await {
            Some(_) => {
                let passed = once(&app, &mut seen, &stop).await;
                if matches!(passed, Ok(true)) {
                    pause = BETWEEN_STEPS;
                }
                trouble.report("Passing invoices", passed.map(|_| ()).map_err(|error| error.to_string()));
            }
            // what another node passes meanwhile is looked at anew
            None => seen = None,
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    duty.give_back(&app).await;
}

/// One step for each merchant in turn; answers whether there is more. `seen` is the last invoice's number when there was not.
async fn once(app: &SharedApp, seen: &mut Option<i64>, stop: &CancellationToken) -> Result<bool, StoreError> {
    let read = |tx: &Tx<'_>| Ok::<_, StoreError>((settings::last_number(tx, "invoice")?, merchants::list(tx)?));
    let last = app.store.read(|tx| settings::last_number(tx, "invoice")).await?;
    if *seen == Some(last) {
        return Ok(false);
    }
    let (last, merchants) = app.store.read(read).await?;
    let mut more = false;
    for merchant in merchants {
        if stop.is_cancelled() {
            return Ok(false);
        }
        let behind = {
            let id = &merchant.id;
            let read = |tx: &Tx<'_>| {
                let latest = invoices::latest_number(tx, id)?.unwrap_or(0);
                Ok::<_, StoreError>(latest > store::search::cursor(tx, id)?)
            };
            app.store.read(read).await?
        };
        if behind {
            more |= search::pass(app, merchant.id).await?;
        }
    }
    *seen = (!more).then_some(last);
    Ok(more)
}
