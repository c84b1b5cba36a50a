//! How the gateway is run: what it tells, and how it leaves.

use std::net::SocketAddr;
use std::time::Duration;

use domain::Units;
use url::Url;

use super::problems::Problems;
use super::{Env, file, values};
use crate::telemetry::traces::Collector;

/// Longer than most proxies take to see that a node is not ready.
pub const DEFAULT_DRAIN: Duration = Duration::from_secs(5);
const LONGEST_DRAIN_MILLIS: u128 = 300_000;

/// How a gateway is run.
#[derive(Debug, Clone)]
pub struct Operations {
    /// Where `/metrics` is served, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// Who takes spans, if anybody.
    pub collector: Option<Collector>,
    /// How long a gateway that was told to stop goes on serving, while it says that it is not ready.
    pub drain: Duration,
}

pub(super) fn check(file: &file::File, env: Env<'_>, problems: &mut Problems<'_>) -> Option<Operations> {
    let metrics = match &file.metrics {
        Some(metrics) => {
            let text = &metrics.listen;
            Some(problems.keep(text.span(), "metrics.listen", values::socket(text.get_ref()))?)
        }
        None => None,
    };
    if let (Some(entry), Some(listen)) = (&file.metrics, &file.listen)
        && entry.listen.get_ref() == listen.get_ref()
    {
        let what = "must not be where the gateway listens: the numbers are not for everybody";
        problems.add(Some(entry.listen.span()), "metrics.listen", what);
    }
    let collector = match &file.traces {
        Some(traces) => {
            let text = &traces.endpoint;
            Some(problems.keep(text.span(), "traces.endpoint", endpoint(text.get_ref()))?)
        }
        None => Collector::of_environment(env),
    };
    let drain = match &file.drain_seconds {
        Some(text) => problems.keep(text.span(), "drain_seconds", seconds(&text.get_ref().0))?,
        None => DEFAULT_DRAIN,
    };
    Some(Operations { metrics, collector, drain })
}

fn endpoint(text: &str) -> Result<Collector, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none());
    url.map(|_| Collector::at(text)).ok_or_else(|| "must be a URL, e.g. http://127.0.0.1:4318".into())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let millis = Units::parse(text, 3).ok().filter(|millis| millis.0 <= LONGEST_DRAIN_MILLIS);
    let millis = millis.and_then(|millis| u64::try_from(millis.0).ok());
    millis.map(Duration::from_millis).ok_or_else(|| "is 0 to 300 seconds, e.g. 5 or \"0.5\"".into())
}
