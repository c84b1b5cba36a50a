//! Looks at the transactions by which merchants gave coins back from their own wallets.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Trouble, rest};
use crate::app::SharedApp;
use crate::app::coin_refunds::wallet;

const QUIET: Duration = Duration::from_secs(2);

pub async fn run(app: SharedApp, stop: CancellationToken) {
    let trouble = Trouble::default();
    loop {
        let looked = wallet::look_due(&app).await;
        trouble.report(
            "Looking at refunds from merchants' wallets",
            looked.map(|_| ()).map_err(|error| error.to_string()),
        );
        if !rest(&app.wake.refunds, QUIET, &stop).await {
            return;
        }
    }
}
