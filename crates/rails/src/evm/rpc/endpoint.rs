use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

const FIRST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(60);

/// A node's URL and when it may be asked again.
pub(super) struct Endpoint {
    url: Url,
    /// `None` while it answers.
    rest: Mutex<Option<Rest>>,
}

#[derive(Clone, Copy)]
struct Rest {
    until: Instant,
    length: Duration,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Endpoint").field(&self.host()).finish()
    }
}

impl Endpoint {
    pub(super) fn new(url: Url) -> Self {
        Self { url, rest: Mutex::new(None) }
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The only part of the URL that may be shown.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or("(no host)")
    }

    pub(super) fn is_awake(&self, now: Instant) -> bool {
        self.awake_in(now).is_zero()
    }

    pub(super) fn awake_in(&self, now: Instant) -> Duration {
        self.with_rest(|rest| rest.map_or(Duration::ZERO, |rest| rest.until.saturating_duration_since(now)))
    }

    /// Rests twice as long as the last time. Failures of calls that were already under way count once.
    pub(super) fn failed(&self, now: Instant) -> Duration {
        self.with_rest(|rest| {
            let length = match *rest {
                None => FIRST_REST,
                Some(rest) if rest.until > now => return rest.length,
                Some(rest) => (rest.length * 2).min(LONGEST_REST),
            };
            *rest = Some(Rest { until: now + length, length });
            length
        })
    }

    pub(super) fn answered(&self) {
        self.with_rest(|rest| *rest = None);
    }

    fn with_rest<T>(&self, f: impl FnOnce(&mut Option<Rest>) -> T) -> T {
        // A poisoned lock still holds a valid rest: nothing here can stop half way.
        f(&mut self.rest.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_a_minute_and_end_with_an_answer() {
        let endpoint = Endpoint::new(Url::parse("https://node.example/v3/secret-key").unwrap());
        let mut now = Instant::now();
        assert!(endpoint.is_awake(now));
        let mut rests = Vec::new();
        for _ in 0..10 {
            let rest = endpoint.failed(now);
            assert_eq!(endpoint.failed(now), rest, "a second failure at the same time does not count");
            assert!(!endpoint.is_awake(now));
            now += rest;
            assert!(endpoint.is_awake(now));
            rests.push(rest.as_millis());
        }
        assert_eq!(rests, [250, 500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
        endpoint.answered();
        assert_eq!(endpoint.failed(now), FIRST_REST);
        assert_eq!(format!("{endpoint:?}"), "Endpoint(\"node.example\")");
    }
}
