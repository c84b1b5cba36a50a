//! Follows each merchant's invoices: what they are searched by, and their amounts. One node does it; if two ever did, each invoice is passed
//! once all the same, since the cursor moves in the transaction that passes.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Trouble;
use super::duty::Duty;
use crate::app::{SharedApp, search};
use crate::store::{self, StoreError, Tx, invoices, merchants, settings};
use crate::telemetry::metrics::METRICS;

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
            None => {
                seen = None;
                METRICS.unpassed_since.store(0, Relaxed);
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    METRICS.unpassed_since.store(0, Relaxed);
    duty.give_back(&app).await;
}

/// One step for each merchant in turn; answers whether there is more. `seen` is the last invoice's number when there was not.
async fn once(app: &SharedApp, seen: &mut Option<i64>, stop: &CancellationToken) -> Result<bool, StoreError> {
    let read = |tx: &Tx<'_>| Ok::<_, StoreError>((settings::last_number(tx, "invoice")?, merchants::list(tx)?));
    let last = app.store.read(|tx| settings::last_number(tx, "invoice")).await?;
    if *seen == Some(last) {
        METRICS.unpassed_since.store(0, Relaxed);
        return Ok(false);
    }
    // it stays what it is until all are passed
    let _ = METRICS.unpassed_since.compare_exchange(0, app.now().0, Relaxed, Relaxed);
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
    if !more {
        METRICS.unpassed_since.store(0, Relaxed);
    }
    Ok(more)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::merchant::Wallet;

    use super::*;
    use crate::app::invoices::create;
    use crate::app::testing::{app, new_invoice};
    use crate::wire::create::Devise;

    #[tokio::test]
    async fn what_waits_has_an_age_until_all_is_passed() {
        let (app, merchant) = app("pass-metric", Wallet::Missing).await;
        let (stop, mut seen) = (CancellationToken::new(), None);
        while once(&app, &mut seen, &stop).await.unwrap() {}
        assert_eq!(METRICS.unpassed_since.load(Relaxed), 0, "nothing waits");
        for nth in 0..3 {
            let new = new_invoice(&format!("payer{nth}@example.com"), 1_504, Devise::Usd);
            create(&app, Arc::new(merchant.clone()), new).await.unwrap();
        }
        let before = METRICS.passed.get();
        // told to stop in the middle: the invoices go on waiting
        let stopped = CancellationToken::new();
        stopped.cancel();
        assert!(!once(&app, &mut seen, &stopped).await.unwrap());
        let since = METRICS.unpassed_since.load(Relaxed);
        assert_eq!(since, app.now().0);
        app.clock.advance(60_000);
        assert!(!once(&app, &mut seen, &stopped).await.unwrap());
        assert_eq!(METRICS.unpassed_since.load(Relaxed), since, "they wait since then");
        while once(&app, &mut seen, &stop).await.unwrap() {}
        assert_eq!((METRICS.passed.get() - before, METRICS.unpassed_since.load(Relaxed)), (3, 0));
    }
}
