//! Frees reserves and settles merchants, as their schedules say.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Trouble, rest};
use crate::app::{SharedApp, settlements};

const QUIET: Duration = Duration::from_secs(5);

pub async fn run(app: SharedApp, stop: CancellationToken) {
    let trouble = Trouble::default();
    loop {
        let settled = settlements::settle_due(&app).await;
        trouble.report("Settling merchants", settled.as_ref().map(|_| ()).map_err(ToString::to_string));
        if settled.is_ok_and(|settled| settled > 0) {
            continue;
        }
        if !rest(&app.wake.settlements, QUIET, &stop).await {
            return;
        }
    }
}
