//! How often a key and an address may call. Each node counts in memory; nodes on one database tell each other several times a second what they
//! let through (`workers::share_news`), and count that as if they had served it themselves.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Calls a minute, in bursts of at most as many.
#[derive(Debug, Clone, Copy)]
pub struct PerMinute {
    pub per_key: NonZeroU32,
    pub per_ip: NonZeroU32,
}

/// Called too often; how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany(pub Duration);

impl TooMany {
    pub fn seconds(self) -> u64 {
        self.0.as_secs() + 1
    }
}

#[derive(Debug)]
pub struct Limits {
    keys: Gate,
    ips: Gate,
    is_shared: AtomicBool,
}

/// Of a message between nodes: PostgreSQL takes less than 8,000.
const MOST_BYTES: usize = 7_900;
/// What one caller takes of it at most: a letter, 16 digits, a colon, a number, a space.
const CALLER_BYTES: usize = 30;
/// Callers that are told of at a time; the busiest first, the others the next time.
const MOST_CALLERS: usize = 8 * (MOST_BYTES / CALLER_BYTES);

impl Limits {
    pub fn new(limits: PerMinute) -> Self {
        let gate = |limit| Gate {
            limit,
            limiter: RateLimiter::keyed(Quota::per_minute(limit)),
            clock: DefaultClock::default(),
            passed: Mutex::default(),
            owed: Mutex::default(),
            owing: AtomicUsize::new(0),
        };
        Self { keys: gate(limits.per_key), ips: gate(limits.per_ip), is_shared: AtomicBool::new(false) }
    }

    pub fn check_ip(&self, ip: IpAddr) -> Result<(), TooMany> {
        self.ips.check(network(ip), self.is_shared.load(Ordering::Relaxed))
    }

    /// `key_hash` in hex, not the key.
    pub fn check_key(&self, key_hash: &str) -> Result<(), TooMany> {
        self.keys.check(short(key_hash), self.is_shared.load(Ordering::Relaxed))
    }

    /// Forgets callers that have been quiet.
    pub fn forget_quiet(&self) {
        self.keys.forget_quiet();
        self.ips.forget_quiet();
    }

    /// From now on what passes is counted for [`Limits::take_passed`]. What was counted before is nobody's business any more.
    pub fn share(&self) {
        self.is_shared.store(true, Ordering::Relaxed);
        lock(&self.keys.passed).clear();
        lock(&self.ips.passed).clear();
    }

    /// Who passed here since the last time and how often, as messages for other nodes.
    pub fn take_passed(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (letter, gate) in [("k", &self.keys), ("a", &self.ips)] {
            let passed = std::mem::take(&mut *lock(&gate.passed));
            all.extend(passed.into_iter().map(|(caller, times)| (times, letter, gate, caller)));
        }
        if all.len() > MOST_CALLERS {
            all.sort_unstable_by_key(|(times, ..)| std::cmp::Reverse(*times));
            for (times, _, gate, caller) in all.drain(MOST_CALLERS..) {
                add(&mut lock(&gate.passed), caller, times);
            }
        }
        let message = |part: &[(u32, &str, &Gate, u64)]| {
            part.iter().map(|(times, letter, _, caller)| format!("{letter}{caller:x}:{times}")).collect::<Vec<_>>()
        };
        all.chunks(MOST_BYTES / CALLER_BYTES).map(|part| message(part).join(" ")).collect()
    }

    /// What another node let through. What this release does not understand is left out.
    pub fn heard(&self, message: &str) {
        for word in message.split(' ') {
            let (gate, rest) = match word.split_at_checked(1) {
                Some(("k", rest)) => (&self.keys, rest),
                Some(("a", rest)) => (&self.ips, rest),
                _ => continue,
            };
            if let Some((caller, times)) = rest.split_once(':')
                && let (Ok(caller), Ok(times)) = (u64::from_str_radix(caller, 16), times.parse())
            {
                gate.charge(caller, times);
            }
        }
    }
}

/// The calls of keys, or of addresses.
struct Gate {
    limit: NonZeroU32,
    limiter: DefaultKeyedRateLimiter<u64>,
    clock: DefaultClock,
    /// What passed here and the other nodes were not told of.
    passed: Mutex<HashMap<u64, u32>>,
    /// What passed at other nodes beyond the limit: taken from what the caller may do later.
    owed: Mutex<HashMap<u64, u32>>,
    /// How many owe anything.
    owing: AtomicUsize,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("limit", &self.limit).finish_non_exhaustive()
    }
}

fn lock(map: &Mutex<HashMap<u64, u32>>) -> MutexGuard<'_, HashMap<u64, u32>> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

fn add(map: &mut HashMap<u64, u32>, caller: u64, times: u32) {
    let sum = map.entry(caller).or_default();
    *sum = sum.saturating_add(times);
}

impl Gate {
    fn check(&self, caller: u64, is_shared: bool) -> Result<(), TooMany> {
        if self.owing.load(Ordering::Relaxed) > 0 {
            self.still_owed(caller)?;
        }
        let checked = self.limiter.check_key(&caller);
        checked.map_err(|not_until| TooMany(not_until.wait_time_from(self.clock.now())))?;
        if is_shared {
            add(&mut lock(&self.passed), caller, 1);
        }
        Ok(())
    }

    /// Counts calls that passed elsewhere.
    fn charge(&self, caller: u64, times: u32) {
        let mut owed = lock(&self.owed);
        let before = owed.remove(&caller).unwrap_or(0);
        let left = self.pay(caller, before.saturating_add(times));
        if left > 0 {
            owed.insert(caller, left);
        }
        self.owing.store(owed.len(), Ordering::Relaxed);
    }

    fn still_owed(&self, caller: u64) -> Result<(), TooMany> {
        let mut owed = lock(&self.owed);
        let Some(before) = owed.remove(&caller) else { return Ok(()) };
        let left = self.pay(caller, before);
        if left > 0 {
            owed.insert(caller, left);
        }
        self.owing.store(owed.len(), Ordering::Relaxed);
        drop(owed);
        let each = Duration::from_secs(60) / self.limit.get();
        if left == 0 { Ok(()) } else { Err(TooMany(each.saturating_mul(left.saturating_add(1)))) }
    }

    /// Takes as many calls as the caller may do now; answers how many are left.
    fn pay(&self, caller: u64, mut times: u32) -> u32 {
        let mut part = times.min(self.limit.get());
        while let Some(some) = NonZeroU32::new(part.min(times)) {
            match self.limiter.check_key_n(&caller, some) {
                Ok(Ok(())) => times -= some.get(),
                _ => part = some.get() / 2,
            }
        }
        times
    }

    fn forget_quiet(&self) {
        let mut owed = lock(&self.owed);
        owed.retain(|caller, times| {
            *times = self.pay(*caller, *times);
            *times > 0
        });
        self.owing.store(owed.len(), Ordering::Relaxed);
        drop(owed);
        self.limiter.retain_recent();
    }
}

/// The first 16 digits: keys that share them would share a limit, and nothing else.
fn short(key_hash: &str) -> u64 {
    key_hash.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

/// One subscriber of IPv6 has a /64 at least: it counts as one caller. What IPv4 has is no network of IPv6.
fn network(ip: IpAddr) -> u64 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_bits().into(),
        IpAddr::V6(ip) => u64::try_from(Ipv6Addr::to_bits(ip) >> 64).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(limit: u32) -> Limits {
        let limit = NonZeroU32::new(limit).unwrap();
        Limits::new(PerMinute { per_key: limit, per_ip: limit })
    }

    #[test]
    fn a_burst_is_served_and_then_refused_with_a_time() {
        let limits = limits(2);
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(limits.check_ip(ip("2001:db8::1")).is_ok());
        assert!(limits.check_ip(ip("2001:db8::ffff")).is_ok());
        let refused = limits.check_ip(ip("2001:db8::2")).unwrap_err();
        assert!((1..=31).contains(&refused.seconds()), "{refused:?}");
        assert!(limits.check_ip(ip("2001:db8:0:1::1")).is_ok(), "another network");
        assert!(limits.check_ip(ip("203.0.113.1")).is_ok());
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        assert!(limits.check_key(&a).is_ok() && limits.check_key(&a).is_ok() && limits.check_key(&a).is_err());
        assert!(limits.check_key(&b).is_ok());
    }

    #[test]
    fn what_passed_elsewhere_counts_here_and_what_was_too_much_is_owed() {
        let (here, key) = (limits(60), "c".repeat(64));
        here.heard("kcccccccccccccccc:50 what later releases say x1:2 k:");
        let passed = (0..60).filter(|_| here.check_key(&key).is_ok()).count();
        assert!((10..=11).contains(&passed), "{passed}");
        assert!(here.check_key(&"d".repeat(64)).is_ok(), "another caller");
        // two minutes' worth was let through elsewhere before anybody knew
        here.heard("kcccccccccccccccc:120");
        let TooMany(wait) = here.check_key(&key).unwrap_err();
        assert!((115..=122).contains(&wait.as_secs()), "{wait:?}");
        here.forget_quiet();
        assert!(here.check_key(&key).is_err());
    }

    #[test]
    fn messages_are_bounded_and_nothing_is_left_out() {
        let limits = limits(1_000_000);
        limits.share();
        let mut left: u32 = 5_000;
        for n in 0..left {
            let key = format!("{n:016x}{}", "0".repeat(48));
            (0..=n % 3).for_each(|_| limits.check_key(&key).unwrap());
        }
        limits.check_ip(IpAddr::from([203, 0, 113, 1])).unwrap();
        left += 1;
        while left > 0 {
            let messages = limits.take_passed();
            let longest = messages.iter().map(String::len).max();
            assert!(messages.len() <= 8 && longest < Some(7_990), "{} messages, up to {longest:?}", messages.len());
            let told: usize = messages.iter().map(|message| message.split(' ').count()).sum();
            assert!(told > 0, "{left} are left");
            left -= u32::try_from(told).unwrap();
        }
        assert_eq!(limits.take_passed(), Vec::<String>::new());
    }
}
