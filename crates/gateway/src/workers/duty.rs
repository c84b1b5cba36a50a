//! Work that only one node does at a time: following a chain, sending from a wallet. Whoever has it keeps it by renewing; when he is gone
//! or stands still, another takes it over, and what the first one still tries to write is refused.

use std::time::Duration;

use domain::time::SECOND;
use tokio_util::sync::CancellationToken;

use crate::app::SharedApp;
use crate::store::StoreError;
use crate::store::leases::{self, Lease};

/// How long others wait for one that has gone away.
const LEASE_MILLIS: i64 = 15 * SECOND;
/// Renewed when this much is left of it.
const RENEW_AT_MILLIS: i64 = 10 * SECOND;
/// Between two looks of one that has not got it.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// One node's part in a piece of work.
#[derive(Debug)]
pub struct Duty {
    name: String,
    node: String,
    held: Option<(Lease, domain::Time)>,
    /// It was this process's once. Before, a lease under its name is what was left by the process before it, and is taken over at once. After, it
    /// would be another's that works under the same name, in a copied directory: he is waited for like anybody, or the two would take it from
    /// each other without end.
    begun: bool,
}

impl Duty {
    pub fn new(node: &str, what: &str, of: &str) -> Duty {
        Duty { name: format!("{what} {of}"), node: node.to_owned(), held: None, begun: false }
    }

    /// The lease, if the work is this node's now.
    pub async fn take(&mut self, app: &SharedApp) -> Result<Option<Lease>, StoreError> {
        let now = app.now();
        let until = now.plus(LEASE_MILLIS);
        let (name, node, held) = (self.name.clone(), self.node.clone(), self.held.clone());
        if let Some((lease, until)) = &held
            && (RENEW_AT_MILLIS..=LEASE_MILLIS).contains(&until.since(now))
        {
            return Ok(Some(lease.clone()));
        }
        let (had, begun) = (held.is_some(), self.begun);
        let held = app
            .store
            .write(move |tx| match held {
                Some((lease, _)) if leases::renew(tx, &lease, until)? => Ok::<_, StoreError>(Some(lease)),
                _ => leases::take(tx, &name, &node, (!begun).then_some(&*node), now, until),
            })
            .await?;
        self.begun |= held.is_some();
        if had != held.is_some() {
            tracing::info!(work = self.name, mine = held.is_some(), "Work changed hands");
        }
        self.held = held.clone().map(|lease| (lease, until));
        Ok(held)
    }

    /// As [`Duty::take`]; that it cannot be known is said, and comes to the same as that it is not ours.
    pub async fn take_if_known(&mut self, app: &SharedApp) -> Option<Lease> {
        self.take(app).await.unwrap_or_else(|error| {
            match error.is_outage() {
                true => tracing::debug!(%error, work = self.name, "It is not known whose work it is"),
                false => tracing::warn!(%error, work = self.name, "It is not known whose work it is"),
            }
            None
        })
    }

    /// Waits until the work is this node's; `None` when it is time to stop.
    pub async fn wait(&mut self, app: &SharedApp, stop: &CancellationToken) -> Option<Lease> {
        loop {
            if let Some(lease) = self.take_if_known(app).await {
                return Some(lease);
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(PATIENCE) => {}
            }
        }
    }

    /// Lets another node have it at once: this one stops.
    pub async fn give_back(self, app: &SharedApp) {
        if let Some((lease, _)) = self.held
            && let Err(error) = app.store.write(move |tx| leases::give_back(tx, &lease)).await
        {
            tracing::warn!(%error, "Work was not given back; others wait until its time is over");
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::merchant::Wallet;

    use super::*;
    use crate::app::testing::app;

    /// A data directory was copied: two processes work under one name.
    #[tokio::test]
    async fn two_under_one_name_do_not_take_work_from_each_other() {
        let (app, _) = app("duty-twins", Wallet::Missing).await;
        let [mut first, mut second] = [(); 2].map(|()| Duty::new("node", "follow", "polygon"));
        assert!(first.take(&app).await.unwrap().is_some());
        assert!(second.take(&app).await.unwrap().is_some(), "what was left by a process before it is taken up at once");
        for _ in 0..3 {
            app.clock.advance(6_000);
            assert!(first.take(&app).await.unwrap().is_none(), "and then it waits like anybody");
            assert!(second.take(&app).await.unwrap().is_some());
        }
        app.clock.advance(16_000);
        assert!(first.take(&app).await.unwrap().is_some());
        assert!(second.take(&app).await.unwrap().is_none());
    }
}
