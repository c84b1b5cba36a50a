//! The simulated acquirer and UPI switch, kept: what changes is stored before the answer goes out.

pub mod controls;
pub mod http;
pub mod pages;
pub mod payouts;
#[cfg(test)]
pub(super) mod tests;
pub mod webhooks;

use domain::Time;
use rails::sim::acquirer::{
    Acquirer, Act, ActRefused, Order, Payment, Record, Reply, Settings, SimPayout, WireRequest,
};
use tokio::sync::{Mutex, Notify};
use zeroize::Zeroizing;

use super::{Reach, SandboxFailed};
use crate::clock::Clock;
use crate::random::Random;
use crate::store::{Store, StoreError, sandbox};

/// Where it is served: the `base_url` of its accounts, after that of the sandbox.
pub const PATH: &str = "/sandbox/acquirer";

/// What an account at it is set up with: the connectors' fields of these names.
pub fn fields(seed: u64) -> [(&'static str, Zeroizing<String>); 2] {
    let secret = |purpose| Zeroizing::new(hex::encode(Random::seeded(seed).for_purpose(purpose).token_bytes::<24>()));
    [("api_key", secret("sandbox acquirer key")), ("webhook_secret", secret("sandbox acquirer webhooks"))]
}

/// The page that stands in for the payer's UPI app.
pub fn upi_app_path(payment_id: &str) -> String {
    format!("{PATH}/upi/{payment_id}")
}

#[derive(Debug)]
pub struct SandboxAcquirer {
    state: Mutex<Acquirer>,
    store: Store,
    clock: Clock,
    /// Webhooks are posted to this sandbox and nowhere else.
    at: Reach,
    /// Something may be due.
    pub wake: Notify,
}

impl SandboxAcquirer {
    /// The acquirer as it was left, or a new one.
    pub async fn resume(store: &Store, clock: &Clock, seed: u64, at: &Reach) -> Result<Self, SandboxFailed> {
        let rows = store.read(sandbox::payments).await?;
        let records: Result<Vec<Record>, _> = rows.iter().map(|row| serde_json::from_str(row)).collect();
        let records = records.map_err(|error| SandboxFailed::Acquirer(error.to_string()))?;
        let [(_, api_key), (_, webhook_secret)] = fields(seed);
        let settings = Settings { base_url: format!("{}{PATH}", at.public), api_key, webhook_secret };
        Ok(Self {
            state: Mutex::new(Acquirer::resume(settings, records)),
            store: store.clone(),
            clock: clock.clone(),
            at: at.clone(),
            wake: Notify::new(),
        })
    }

    /// Does something and stores what it changed before anybody learns of it.
    async fn change<T>(&self, change: impl FnOnce(&mut Acquirer, Time) -> T) -> Result<T, StoreError> {
        let mut acquirer = self.state.lock().await;
        let result = change(&mut acquirer, Time(self.clock.now()));
        let changed = acquirer.changed();
        if !changed.is_empty() {
            let row = |record: &Record| Ok((record.id(), serde_json::to_string(record)?));
            let rows: Result<Vec<_>, serde_json::Error> = changed.iter().map(row).collect();
            let rows = rows.map_err(|error| StoreError::Inconsistent(error.to_string()))?;
            self.store
                .write(move |tx| rows.iter().try_for_each(|(id, row)| sandbox::keep_payment(tx, id, row)))
                .await?;
            acquirer.stored();
            self.wake.notify_one();
        }
        Ok(result)
    }

    /// Answers a request to its API.
    pub async fn handle(&self, request: &WireRequest) -> Result<Reply, StoreError> {
        self.change(|acquirer, now| acquirer.handle(request, now)).await
    }

    /// Orders how the next payment behaves that is about `about`: its reference (our charge id), its description, or
    /// [`rails::sim::acquirer::ANY`].
    pub async fn order_next(&self, about: &str, order: impl Into<Order>) -> Result<(), StoreError> {
        let order = order.into();
        self.change(|acquirer, _| acquirer.order_next(about, order)).await
    }

    /// Does something to a payment as its payer, a bank or the acquirer's staff would; named by reference or id.
    pub async fn act(&self, reference: &str, act: Act) -> Result<Result<Payment, ActRefused>, StoreError> {
        self.change(|acquirer, now| acquirer.act(reference, act, now).cloned()).await
    }

    /// Ends a payment out that is pending; false when there is none such.
    pub async fn end_payout(&self, reference: &str, decline: Option<&str>) -> Result<bool, StoreError> {
        self.change(|acquirer, _| acquirer.end_payout(reference, decline)).await
    }

    /// A payment out, and how many of them reached a card in all.
    pub async fn take_payout_back(&self, reference: &str, why: &str) -> Result<bool, StoreError> {
        self.change(|acquirer, _| acquirer.take_payout_back(reference, why)).await
    }

    pub async fn payout(&self, reference: &str) -> Result<(Option<SimPayout>, usize), StoreError> {
        self.look(|acquirer| (acquirer.payout(reference).cloned(), acquirer.payouts_paid())).await
    }

    /// The payment as it stands now, by reference or id.
    pub async fn payment(&self, reference: &str) -> Result<Option<Payment>, StoreError> {
        self.look(|acquirer| acquirer.payment(reference).cloned()).await
    }

    /// Looks at it, after all has happened that is due by now.
    async fn look<T>(&self, look: impl FnOnce(&Acquirer) -> T) -> Result<T, StoreError> {
        self.change(|acquirer, now| {
            acquirer.pass_time(now);
            look(acquirer)
        })
        .await
    }
}
