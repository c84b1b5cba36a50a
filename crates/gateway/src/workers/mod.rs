//! Work that nobody waits for. Each worker is idempotent, takes no input, looks for rows that are due, and is nudged.

pub mod archive_old;
pub mod ask_providers;
pub mod change_wallets;
pub mod deliver_callbacks;
mod duty;
pub mod expire_invoices;
pub mod fetch_rates;
pub mod flush_deposits;
pub mod follow_chain;
pub mod pass_invoices;
pub mod send_mails;
pub mod send_transfers;
pub mod settle_merchants;
pub mod share_news;
pub mod transactions;
pub mod watch_refunds;
pub mod write_receipts;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::SharedApp;
use crate::app::wake::Bell;
use crate::net::client::CallbackClient;

/// Starts every worker of a node. They stop between two pieces of work once `stop` is cancelled; `tasks` waits for them.
pub fn start(app: &SharedApp, node: &str, client: CallbackClient, stop: &CancellationToken, tasks: &TaskTracker) {
    for name in app.chains.keys() {
        tasks.spawn(follow_chain::run(app.clone(), name.clone(), node.to_owned(), stop.clone()));
        if app.chains[name].gas_key.is_some() {
            tasks.spawn(flush_deposits::run(app.clone(), name.clone(), node.to_owned(), stop.clone()));
        }
        // also without a treasury: what one that was there before has sent is seen to its end
        tasks.spawn(send_transfers::run(app.clone(), name.clone(), node.to_owned(), stop.clone()));
    }
    tasks.spawn(deliver_callbacks::run(app.clone(), client, stop.clone()));
    tasks.spawn(ask_providers::run(app.clone(), stop.clone()));
    tasks.spawn(expire_invoices::run(app.clone(), stop.clone()));
    tasks.spawn(settle_merchants::run(app.clone(), stop.clone()));
    tasks.spawn(change_wallets::run(app.clone(), stop.clone()));
    tasks.spawn(watch_refunds::run(app.clone(), stop.clone()));
    tasks.spawn(write_receipts::run(app.clone(), stop.clone()));
    tasks.spawn(pass_invoices::run(app.clone(), node.to_owned(), stop.clone()));
}

/// Waits for a nudge or for `at_most`; false when it is time to stop.
async fn rest(wake: &Bell, at_most: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = wake.notified() => !stop.is_cancelled(),
        () = tokio::time::sleep(at_most) => !stop.is_cancelled(),
    }
}

/// What workers share about failing: the trouble is logged when it begins and when it changes, not at each try.
#[derive(Debug, Default, Clone)]
struct Trouble(Arc<std::sync::Mutex<Option<String>>>);

impl Trouble {
    fn is_reported(&self) -> bool {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_some()
    }

    fn report(&self, what: &'static str, result: Result<(), String>) {
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match (&*last, result) {
            (Some(_), Ok(())) => {
                tracing::info!("{what} works again");
                *last = None;
            }
            (last_error, Err(error)) if last_error.as_ref() != Some(&error) => {
                tracing::warn!(error, "{what} failed and will be tried again");
                *last = Some(error);
            }
            _ => {}
        }
    }
}
