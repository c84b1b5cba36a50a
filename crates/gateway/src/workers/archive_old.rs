//! Moves what is long over into archive files, once a day, a file a month. One node does it; if two ever did, each step is in one file all
//! the same.

use std::time::Duration;

use domain::Time;
use domain::time::DAY;
use tokio_util::sync::CancellationToken;

use super::Trouble;
use super::duty::Duty;
use crate::app::SharedApp;
use crate::app::acts::Actor;
use crate::app::archive::{Moved, archive};
use crate::config::Retention;
use crate::store::StoreError;
use crate::wire::time::written;

/// Between two looks whether a day is over.
const QUIET: Duration = Duration::from_secs(60);

pub async fn run(app: SharedApp, retention: Retention, node: String, stop: CancellationToken) {
    let trouble = Trouble::default();
    let mut duty = Duty::new(&node, "archive", "old");
    let mut next = app.now();
    while !stop.is_cancelled() {
        if app.now() >= next && duty.wait(&app, &stop).await.is_some() {
            next = app.now().plus(DAY);
            let run = tokio::select! {
                () = stop.cancelled() => break,
                run = once(&app, &retention, &node) => run,
            };
            if let Ok(moved) = &run
                && moved.items > 0
            {
                tracing::info!(items = moved.items, events = moved.rows[0], "What is long over was archived");
            }
            trouble.report("Archiving", run.map(|_| ()).map_err(|error| error.to_string()));
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(QUIET) => {}
        }
    }
    duty.give_back(&app).await;
}

/// A run that stops at any await is gone on with by the next, with the same file.
async fn once(app: &SharedApp, retention: &Retention, node: &str) -> Result<Moved, StoreError> {
    let now = app.now();
    let unusable = |error| StoreError::Unusable(format!("{}: {error}", retention.directory.display()));
    std::fs::create_dir_all(&retention.directory).map_err(unusable)?;
    let month = written(now.0).get(..7).unwrap_or_default().to_owned();
    let path = retention.directory.join(format!("{month}-{}.archive", node.get(..8).unwrap_or(node)));
    let id = app.random.id("arc_", now.0);
    let before = Time(now.plus(-retention.days.saturating_mul(DAY)).day().saturating_mul(DAY));
    archive(&app.store, &path, &id, before, now, &Actor("retention".into())).await
}
