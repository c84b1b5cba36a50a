//! The operator's day, through HTTP.

mod leaks;
mod mails;
mod merchants;
mod people;
mod providers;
mod reports;
mod routes;
mod settlements;
mod transfers;
mod withheld;

use super::{Session, Site};
use crate::store::audit_log;

pub const BOSS: &str = "boss@lockgate.example";

/// A site, and its operator's session.
async fn operated(name: &str) -> (Site, Session) {
    let site = Site::new(name).await;
    let boss = site.person(BOSS, None, true, &[]).await;
    let session = site.session(&boss, None, true).await;
    (site, session)
}

/// The last act that was written down: who, what, detail.
async fn last_act(site: &Site) -> (String, String, String) {
    let acts = site.app.store.read(|tx| audit_log::after(tx, 0)).await.unwrap();
    acts.into_iter().next_back().map(|(_, act, _)| (act.actor, act.act, act.detail)).unwrap_or_default()
}

async fn mails(site: &Site) -> Vec<(String, String)> {
    let rows = site.app.store.read(crate::store::mails::list).await.unwrap();
    rows.into_iter().map(|row| (row.recipient, row.body)).collect()
}
