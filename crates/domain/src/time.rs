//! Instants as values.

/// Milliseconds since 1970-01-01 UTC. Negative values (before 1970) are never produced by the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

impl Time {
    /// This instant moved by `millis`, stopping at the ends of the range instead of wrapping.
    pub fn plus(self, millis: i64) -> Time {
        Time(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; negative when `earlier` is later.
    pub fn since(self, earlier: Time) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole days since 1970-01-01 UTC: the bucket of dates and counters.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// Whole seconds since 1970-01-01 UTC, as chains write them.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }
}
