//! Whether the database keeps what it is given: asked by `/readyz`, and said in the log when that changes, not at every request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines of the log about one outage.
const SAY_AGAIN: Duration = Duration::from_secs(30);

/// What the writer learns with each commit. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// When a commit was kept last.
    kept: Option<Instant>,
    /// Since when none was.
    down_since: Option<Instant>,
    /// Writes refused since the log spoke last.
    refused: usize,
    said: Option<Instant>,
    /// The log said that the database is down, and not yet that it is back.
    is_said: bool,
}

impl Health {
    /// A commit was kept.
    pub fn kept(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        state.kept = Some(now);
        let Some(since) = state.down_since.take() else { return };
        if state.is_said {
            let millis = now.duration_since(since).as_millis();
            tracing::info!(millis, refused = state.refused, "The database keeps what it is given again");
            (state.is_said, state.refused) = (false, 0);
        }
    }

    /// So many writes were not kept, for a reason that is the database's.
    pub fn refused(&self, why: &str, writes: usize) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        state.down_since.get_or_insert(now);
        state.refused += writes;
        if state.said.is_none_or(|said| now.duration_since(said) >= SAY_AGAIN) {
            let refused = state.refused;
            tracing::error!(why, refused, "The database keeps nothing now; requests are refused until it does");
            (state.said, state.is_said, state.refused) = (Some(now), true, 0);
        }
    }

    /// Whether it is known that the database keeps what it is given: it did, not longer ago than this, and nothing was refused since.
    pub fn is_known_good(&self, lately: Duration) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.down_since.is_none() && state.kept.is_some_and(|kept| kept.elapsed() < lately)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_is_what_was_kept_lately_and_not_refused_since() {
        let (health, lately) = (Health::default(), Duration::from_secs(60));
        assert!(!health.is_known_good(lately), "nothing is known yet");
        health.kept();
        assert!(health.is_known_good(lately));
        assert!(!health.is_known_good(Duration::ZERO), "that was too long ago");
        health.refused("the disk is full", 3);
        assert!(!health.is_known_good(lately));
        health.kept();
        assert!(health.is_known_good(lately));
    }
}
