//! Asks providers about charges and transfers that are due, sends the transfers that are set aside, looks for funds that wait, and
//! for what providers paid out to merchants.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Trouble;
use crate::app::charges::ask;
use crate::app::funds::verify;
use crate::app::lanes::Lanes;
use crate::app::provider_payouts;
use crate::app::transfers::drive;
use crate::app::{SharedApp, payouts};
use crate::store::StoreError;

/// How often the rows are looked at without a nudge.
const QUIET: Duration = Duration::from_secs(1);

pub async fn run(app: SharedApp, stop: CancellationToken) {
    let trouble = Trouble::default();
    let mut places = Places {
        transfers: drive::lanes(),
        funds: verify::lanes(),
        charges: Lanes::new(1, 1),
        reports: provider_payouts::lanes(),
    };
    while !stop.is_cancelled() {
        let began = places.fill(&app).await;
        trouble.report("Asking providers", began.map_err(|error| error.to_string()));
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.wake.providers.notified() => {}
            () = places.ended() => {}
            () = tokio::time::sleep(QUIET) => {}
        }
    }
    places.drain().await;
}

/// What is worked on: each kind by itself, so that none waits for another's slow provider or node.
struct Places {
    transfers: Lanes,
    funds: Lanes,
    charges: Lanes,
    reports: Lanes,
}

impl Places {
    async fn fill(&mut self, app: &SharedApp) -> Result<(), StoreError> {
        drive::drive_due(app, &mut self.transfers).await?;
        verify::look(app, &mut self.funds).await?;
        payouts::cards::forget_old(app).await?;
        provider_payouts::look(app, &mut self.reports).await?;
        if self.charges.is_idle() && ask::is_due(app).await? {
            let app = app.clone();
            self.charges.start("charges", "charges", async move {
                if let Err(error) = ask::ask_due(&app).await {
                    tracing::warn!(%error, "Asking about charges failed and will be tried again");
                    tokio::time::sleep(QUIET).await;
                }
            });
        }
        Ok(())
    }

    async fn ended(&mut self) {
        tokio::select! {
            () = self.transfers.ended() => {}
            () = self.funds.ended() => {}
            () = self.charges.ended() => {}
            () = self.reports.ended() => {}
        }
    }

    async fn drain(&mut self) {
        self.transfers.drain().await;
        self.funds.drain().await;
        self.charges.drain().await;
        self.reports.drain().await;
    }
}
