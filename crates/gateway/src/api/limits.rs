//! How often a key and an address may call.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::wire::params::error_body;

/// Calls a minute, in bursts of at most as many.
#[derive(Debug, Clone, Copy)]
pub struct PerMinute {
    pub per_key: NonZeroU32,
    pub per_ip: NonZeroU32,
}

/// Counts calls in memory: each node counts its own.
#[derive(Debug)]
pub struct Limits {
    keys: DefaultKeyedRateLimiter<String>,
    ips: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

/// Called too often; how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany(pub Duration);

impl Limits {
    pub fn new(limits: PerMinute) -> Self {
        Self {
            keys: RateLimiter::keyed(Quota::per_minute(limits.per_key)),
            ips: RateLimiter::keyed(Quota::per_minute(limits.per_ip)),
            clock: DefaultClock::default(),
        }
    }

    pub fn check_ip(&self, ip: IpAddr) -> Result<(), TooMany> {
        self.ips.check_key(&network(ip)).map_err(|not_until| TooMany(not_until.wait_time_from(self.clock.now())))
    }

    /// `key_hash`, not the key.
    pub fn check_key(&self, key_hash: &str) -> Result<(), TooMany> {
        let key = key_hash.to_owned();
        self.keys.check_key(&key).map_err(|not_until| TooMany(not_until.wait_time_from(self.clock.now())))
    }

    /// Forgets callers that have been quiet.
    pub fn forget_quiet(&self) {
        self.keys.retain_recent();
        self.ips.retain_recent();
    }
}

/// One subscriber of IPv6 has a /64 at least: it counts as one caller.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    }
}

impl TooMany {
    pub fn seconds(self) -> u64 {
        self.0.as_secs() + 1
    }
}

impl IntoResponse for TooMany {
    fn into_response(self) -> Response {
        let seconds = self.seconds();
        let sentence = format!("Too many requests. Try again in {seconds} s.");
        let json = HeaderValue::from_static("application/json");
        let headers = [(header::RETRY_AFTER, HeaderValue::from(seconds)), (header::CONTENT_TYPE, json)];
        (StatusCode::TOO_MANY_REQUESTS, headers, error_body(&sentence)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_served_and_then_refused_with_a_time() {
        let two = NonZeroU32::new(2).unwrap();
        let limits = Limits::new(PerMinute { per_key: two, per_ip: two });
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(limits.check_ip(ip("2001:db8::1")).is_ok());
        assert!(limits.check_ip(ip("2001:db8::ffff")).is_ok());
        let refused = limits.check_ip(ip("2001:db8::2")).unwrap_err();
        assert!((1..=31).contains(&refused.seconds()), "{refused:?}");
        assert!(limits.check_ip(ip("2001:db8:0:1::1")).is_ok(), "another network");
        assert!(limits.check_ip(ip("203.0.113.1")).is_ok());
        assert!(limits.check_key("a").is_ok() && limits.check_key("a").is_ok() && limits.check_key("a").is_err());
        assert!(limits.check_key("b").is_ok());
    }
}
