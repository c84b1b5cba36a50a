//! The only place that reads the system clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time in milliseconds since 1970, UTC. Clones tell the same time.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Source,
    /// Added to the system's time, or the whole time of a manual clock.
    ms: Arc<AtomicI64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    System,
    Manual,
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self::system_ahead_by(0)
    }

    /// The system's time, moved: a sandbox may be put ahead, and stores by how much.
    pub fn system_ahead_by(offset_ms: i64) -> Self {
        Self { source: Source::System, ms: Arc::new(AtomicI64::new(offset_ms)) }
    }

    /// Stands still until it is moved.
    pub fn manual(now_ms: i64) -> Self {
        Self { source: Source::Manual, ms: Arc::new(AtomicI64::new(now_ms)) }
    }

    /// Milliseconds since 1970, UTC.
    pub fn now(&self) -> i64 {
        let moved = self.ms.load(Ordering::SeqCst);
        match self.source {
            Source::System => system_ms().saturating_add(moved),
            Source::Manual => moved,
        }
    }

    /// Moves on by so many milliseconds, for all clones. Time does not go back.
    pub fn advance(&self, by_ms: u64) {
        let by_ms = i64::try_from(by_ms).unwrap_or(i64::MAX);
        // The closure never declines, so there is no error to look at.
        let _ = self.ms.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |ms| Some(ms.saturating_add(by_ms)));
    }

    /// Puts a system clock ahead of the machine's by so many milliseconds, or behind, for all clones.
    pub fn put(&self, ahead_ms: i64) {
        if self.source == Source::System {
            self.ms.store(ahead_ms, Ordering::SeqCst);
        }
    }

    /// What somebody who sets the machine's clock does to it.
    #[cfg(test)]
    pub fn set_back(&self, by_ms: i64) {
        self.ms.fetch_sub(by_ms, Ordering::SeqCst);
    }

    /// By how much a system clock is ahead, to be stored; `None` for a manual clock.
    pub fn offset_ms(&self) -> Option<i64> {
        (self.source == Source::System).then(|| self.ms.load(Ordering::SeqCst))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
fn system_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_when_told() {
        let clock = Clock::manual(1000);
        let clone = clock.clone();
        assert_eq!(clone.now(), 1000);
        clock.advance(500);
        assert_eq!((clone.now(), clone.offset_ms()), (1500, None));
        clock.advance(u64::MAX);
        assert_eq!(clone.now(), i64::MAX);
    }

    #[test]
    fn a_system_clock_can_be_put_ahead_and_resumed() {
        const DAY: u64 = 86_400_000;
        let (plain, ahead) = (Clock::system(), Clock::system());
        ahead.advance(14 * DAY);
        let resumed = Clock::system_ahead_by(ahead.offset_ms().expect("system"));
        let lead = resumed.now() - plain.now();
        assert!((0..1000).contains(&(lead - 14 * 86_400_000)), "{lead}");
        assert!(plain.now() > 1_577_836_800_000, "after 2020");
    }
}
