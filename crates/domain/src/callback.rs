//! When a callback is sent again. Source: contract, webhooks.md ("our choice").

use crate::time::{HOUR, MINUTE};

/// Waits after the first, second, … failed attempt, in milliseconds.
pub const RETRY_AFTER: [i64; 8] = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];

/// How long to wait after `failed` failed attempts; `None` when the delivery is parked until somebody resends it.
pub fn wait_after(failed: u32) -> Option<i64> {
    let index = usize::try_from(failed.checked_sub(1)?).ok()?;
    RETRY_AFTER.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_attempts_over_about_two_days_then_parked() {
        assert_eq!(wait_after(0), None);
        assert_eq!(wait_after(1), Some(MINUTE));
        assert_eq!(wait_after(8), Some(24 * HOUR));
        assert_eq!(wait_after(9), None);
    }
}
