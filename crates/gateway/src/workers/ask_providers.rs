//! Asks providers about charges and transfers that are due, sends the transfers that are set aside, looks for funds that wait, and
//! for what providers paid out to merchants.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Trouble, rest};
use crate::app::SharedApp;
use crate::app::charges::ask;
use crate::app::funds;
use crate::app::provider_payouts;
use crate::app::transfers::drive;
use crate::store::StoreError;

/// How often the rows are looked at without a nudge.
const QUIET: Duration = Duration::from_secs(1);

pub async fn run(app: SharedApp, stop: CancellationToken) {
    let trouble = Trouble::default();
    loop {
        let result = look(&app).await;
        trouble.report("Asking providers", result.as_ref().map(|_| ()).map_err(ToString::to_string));
        if stop.is_cancelled() {
            return;
        }
        if result.is_ok_and(|worked| worked > 0) {
            continue;
        }
        if !rest(&app.wake.providers, QUIET, &stop).await {
            return;
        }
    }
}

async fn look(app: &SharedApp) -> Result<usize, StoreError> {
    let out = drive::drive_due(app).await?;
    Ok(out + funds::verify::look(app).await? + ask::ask_due(app).await? + provider_payouts::ask_due(app).await?)
}
