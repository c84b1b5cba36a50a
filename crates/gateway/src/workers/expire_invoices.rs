//! Lets invoices expire.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Trouble, rest};
use crate::app::{SharedApp, invoices};

const QUIET: Duration = Duration::from_secs(5);

pub async fn run(app: SharedApp, stop: CancellationToken) {
    let trouble = Trouble::default();
    loop {
        let expired = invoices::expire_due(&app).await;
        trouble.report("Expiring invoices", expired.as_ref().map(|_| ()).map_err(ToString::to_string));
        if expired.is_ok_and(|expired| expired > 0) {
            continue;
        }
        if !rest(&app.wake.expiry, QUIET, &stop).await {
            return;
        }
    }
}
