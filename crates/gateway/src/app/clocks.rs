//! One time for all nodes on a database: leases, due rows and "long enough ago" are compared with times that other nodes wrote.

use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// Closer than this, nothing is changed: the answer takes its time, too, and a clock that is put back and forth helps nobody.
const NEAR_MILLIS: i64 = 100;
/// An answer that took longer says too little.
const QUICK_MILLIS: i64 = 1_000;
/// What the log is told of.
const FAR_MILLIS: i64 = 2_000;
const TRIES: u32 = 3;

/// Puts a system clock by the database's; leaves a manual one.
pub async fn agree(store: &Store, clock: &Clock) -> Result<(), StoreError> {
    let Some(ahead) = clock.offset_ms() else { return Ok(()) };
    for _ in 0..TRIES {
        let asked = clock.now();
        let Some(server) = store.server_time().await? else { return Ok(()) };
        let took = clock.now().saturating_sub(asked);
        if !(0..QUICK_MILLIS).contains(&took) {
            continue;
        }
        let behind = server.saturating_sub(asked.saturating_add(took / 2));
        if behind.saturating_abs() >= FAR_MILLIS {
            let millis = behind;
            tracing::warn!(
                millis,
                "The database's clock is ahead of this machine's by so much: times are taken by the database's"
            );
        }
        if behind.saturating_abs() >= NEAR_MILLIS {
            clock.put(ahead.saturating_add(behind));
        }
        return Ok(());
    }
    tracing::warn!("The database takes too long to tell the time: the clock is left as it is");
    Ok(())
}
