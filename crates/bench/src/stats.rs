//! Latencies, and what a run comes to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Latencies in nanoseconds, counted in buckets at most 1.6 % wide: memory stays the same however long a run is.
#[derive(Debug, Clone)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max_ns: u64,
}

/// Buckets in each doubling, as a power of two.
const PRECISION: u32 = 6;
const STEPS: u64 = 1 << PRECISION;

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; bucket(u64::MAX) + 1], count: 0, max_ns: 0 }
    }
}

fn bucket(ns: u64) -> usize {
    let shift = u64::from((u64::BITS - ns.leading_zeros()).saturating_sub(PRECISION + 1));
    usize::try_from(STEPS * shift + (ns >> shift)).unwrap_or(usize::MAX)
}

/// The longest latency that falls in a bucket.
fn longest(bucket: usize) -> u64 {
    let bucket = u64::try_from(bucket).unwrap_or(u64::MAX);
    let shift = (bucket / STEPS).saturating_sub(1);
    ((bucket - STEPS * shift + 1) << shift).wrapping_sub(1)
}

impl Histogram {
    pub fn record(&mut self, took: Duration) {
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.buckets[bucket(ns)] += 1;
        self.count += 1;
        self.max_ns = self.max_ns.max(ns);
    }

    pub fn add(&mut self, other: &Histogram) {
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(sum, more)| *sum += more);
        self.count += other.count;
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// The latency that so many of a hundred do not exceed.
    fn percentile(&self, percent: u64) -> u64 {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let found = self.buckets.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        found.map_or(0, longest).min(self.max_ns)
    }

    pub fn row(&self, name: &str, measured: Duration) -> Row {
        Row {
            p50_ns: Some(self.percentile(50)),
            p99_ns: Some(self.percentile(99)),
            ..Row::new(name, self.count, measured)
        }
    }
}

/// A line of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    pub name: String,
    pub operations: u64,
    pub measured_ns: u64,
    pub per_second: u64,
    pub p50_ns: Option<u64>,
    pub p99_ns: Option<u64>,
    /// The most memory that was resident in the process that did the work.
    pub peak_kib: Option<u64>,
}

impl Row {
    pub fn new(name: &str, operations: u64, measured: Duration) -> Row {
        let ns = measured.as_nanos().max(1);
        let per_second = u128::from(operations) * 1_000_000_000 / ns;
        Row {
            name: name.to_owned(),
            operations,
            measured_ns: u64::try_from(ns).unwrap_or(u64::MAX),
            per_second: u64::try_from(per_second).unwrap_or(u64::MAX),
            p50_ns: None,
            p99_ns: None,
            peak_kib: None,
        }
    }

    pub fn called(mut self, name: &str) -> Row {
        name.clone_into(&mut self.name);
        self
    }

    pub fn with_peak(mut self, peak_kib: u64) -> Row {
        self.peak_kib = Some(peak_kib);
        self
    }
}

/// How many times `base` is in `ours`, to three places. The rates are rounded to whole operations a second first; slow ones are
/// compared by their counts.
#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a ratio of two measurements, not money")]
pub fn ratio(ours: &Row, base: &Row) -> f64 {
    let rate = |row: &Row| row.operations as f64 / row.measured_ns as f64;
    (rate(ours) / rate(base) * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_in_order_and_narrow() {
        let mut last = 0;
        for ns in (0..100_000).chain((17..63).map(|bits| (1 << bits) + 12_345)) {
            let bucket = bucket(ns);
            assert!(bucket >= last && longest(bucket) >= ns, "{ns}");
            assert!(longest(bucket) - ns <= ns / 64, "{ns} counts as {}", longest(bucket));
            last = bucket;
        }
    }

    #[test]
    fn percentiles_and_ratios() {
        let mut histogram = Histogram::default();
        (1..=100).for_each(|ms| histogram.record(Duration::from_millis(ms)));
        let row = histogram.row("x", Duration::from_secs(2));
        let near = |ns: Option<u64>, ms: u64| ns.is_some_and(|ns| (ms * 1_000_000..=ms * 1_016_000).contains(&ns));
        assert!(near(row.p50_ns, 50) && near(row.p99_ns, 99), "{row:?}");
        assert_eq!((row.operations, row.per_second), (100, 50));
        assert!((ratio(&row, &Row::new("y", 300, Duration::from_secs(2))) - 0.333).abs() < 1e-9);
    }
}
