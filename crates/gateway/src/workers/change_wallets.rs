//! Lets new settlement wallets take effect when their time has come.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Trouble, rest};
use crate::app::{SharedApp, wallets};

const QUIET: Duration = Duration::from_secs(5);

pub async fn run(app: SharedApp, stop: CancellationToken) {
    let trouble = Trouble::default();
    loop {
        let changed = wallets::take_effect_due(&app).await;
        trouble.report("Changing wallets", changed.as_ref().map(|_| ()).map_err(ToString::to_string));
        if changed.is_ok_and(|changed| changed > 0) {
            continue;
        }
        if !rest(&app.wake.payees, QUIET, &stop).await {
            return;
        }
    }
}
