//! Waiting is looking again and again, never longer than [`PATIENCE`].

use std::fmt::Debug;
use std::time::Duration;

use tokio::time::Instant;

/// Far more than anything here takes, for machines that do other things meanwhile.
pub const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Looks until `enough` says yes, and answers what was seen last. `what` is named when that does not happen in time.
pub async fn wait_until<T, F>(what: &str, mut look: impl FnMut() -> F, enough: impl Fn(&T) -> bool) -> T
where
    T: Debug,
    F: Future<Output = T>,
{
    let began = Instant::now();
    loop {
        let seen = look().await;
        if enough(&seen) {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}; seen last: {seen:#?}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
