//! The sandbox's clock: the system's, put ahead by what was ordered. The lead survives a restart.

use crate::clock::Clock;
use crate::store::{Store, StoreError, settings};

const LEAD: &str = "sandbox_clock_lead_ms";

pub async fn resume(store: &Store) -> Result<Clock, StoreError> {
    let lead = store.read(|tx| settings::get(tx, LEAD)).await?;
    Ok(Clock::system_ahead_by(lead.and_then(|lead| lead.parse().ok()).unwrap_or(0)))
}

/// Moves the clock on, and keeps it so.
pub async fn advance(store: &Store, clock: &Clock, by_ms: u64) -> Result<(), StoreError> {
    clock.advance(by_ms);
    let lead = clock.offset_ms().unwrap_or(0).to_string();
    store.write(move |tx| settings::put(tx, LEAD, &lead)).await
}
