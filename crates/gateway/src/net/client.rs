//! The one HTTP client for calls to merchants' servers.
//!
//! Every address is checked where the connection is made, so a name that changes its mind between check and call gains nothing.
//! Redirects are not followed and proxies of the environment are not used: either would choose another address unchecked.

use super::guard::{self, Policy, Refused};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::error::Error as StdError;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::Instant;

/// For connecting, sending and reading the answer together.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// So much of an answer is kept for the dashboard.
pub const SNIPPET_BYTES: usize = 4096;

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with a status arrived. `snippet` is the start of its body as printable text.
    Answered {
        status: u16,
        ms: u64,
        snippet: String,
    },
    Failed {
        kind: FailureKind,
        ms: u64,
    },
}

/// Why there was no answer, as a sentence for the dashboard. It never holds the URL, a header or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    #[error("not called: {0}")]
    Refused(Refused),
    #[error("not called: a header has characters that cannot be sent")]
    Header,
    #[error("the host name could not be resolved")]
    Name,
    #[error("no secure connection: the certificate or the TLS handshake failed")]
    Tls,
    #[error("no connection")]
    Connect,
    #[error("no answer in time")]
    Timeout,
    #[error("the connection broke before the answer")]
    Broken,
}

/// Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct CallbackClient {
    http: reqwest::Client,
    policy: Policy,
}

impl CallbackClient {
    /// Fails only if the TLS library cannot be set up, for example without any root certificates.
    pub fn new(policy: Policy) -> Result<Self, reqwest::Error> {
        Self::with_timeout(policy, TOTAL_TIMEOUT)
    }

    /// As [`CallbackClient::new`] with another limit on a whole call.
    pub fn with_timeout(policy: Policy, total: Duration) -> Result<Self, reqwest::Error> {
        // An error means that a provider is installed already, which is what we want.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("Lockgate/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(GuardedResolver { policy })
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(policy == Policy::Live)
            .timeout(total)
            .build()?;
        Ok(Self { http, policy })
    }

    /// Posts the body. Any status is an answer; whether it acknowledges is the caller's to say.
    pub async fn post(&self, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Outcome {
        let started = Instant::now();
        let ms = || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match self.send(url, headers, body).await {
            Ok(mut answer) => {
                let snippet = snippet(&mut answer).await;
                Outcome::Answered { status: answer.status().as_u16(), ms: ms(), snippet }
            }
            Err(kind) => Outcome::Failed { kind, ms: ms() },
        }
    }

    async fn send(&self, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<reqwest::Response, FailureKind> {
        let checked = guard::check_url(url, self.policy).map_err(FailureKind::Refused)?;
        let headers = header_map(headers).ok_or(FailureKind::Header)?;
        let request = self.http.post(checked.url().clone()).headers(headers).body(body);
        request.send().await.map_err(|error| failure_kind(&error))
    }
}

fn header_map(headers: &[(&str, &str)]) -> Option<HeaderMap> {
    headers
        .iter()
        .map(|(name, value)| Some((HeaderName::try_from(*name).ok()?, HeaderValue::try_from(*value).ok()?)))
        .collect()
}

/// The start of the body. An answer that stalls or breaks after its status is an answer all the same.
async fn snippet(answer: &mut reqwest::Response) -> String {
    let mut start = Vec::new();
    while start.len() < SNIPPET_BYTES {
        let Ok(Some(chunk)) = answer.chunk().await else { break };
        start.extend_from_slice(&chunk[..chunk.len().min(SNIPPET_BYTES - start.len())]);
    }
    let printable = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    String::from_utf8_lossy(&start).chars().map(printable).collect()
}

fn failure_kind(error: &reqwest::Error) -> FailureKind {
    let mut tls = false;
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return FailureKind::Refused(*refused);
        }
        tls |= inner.is::<rustls::Error>();
        cause = wrapped(inner);
    }
    match () {
        () if error.is_timeout() => FailureKind::Timeout,
        () if error.is_dns() => FailureKind::Name,
        () if tls => FailureKind::Tls,
        () if error.is_connect() => FailureKind::Connect,
        () => FailureKind::Broken,
    }
}

/// The next error inside. An I/O error, asked for its source, skips the error that it wraps.
fn wrapped<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Resolves names and leaves out the addresses we may not call. It is not asked about literal addresses: `check_url` decides those.
#[derive(Debug, Clone, Copy)]
struct GuardedResolver {
    policy: Policy,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(allowed(found, policy)?.into_iter()) as Addrs)
        })
    }
}

/// The addresses we may call; an error naming the first refusal if none is left.
fn allowed(found: Vec<SocketAddr>, policy: Policy) -> Result<Vec<SocketAddr>, Box<dyn StdError + Send + Sync>> {
    let mut refusal = None;
    let mut kept = Vec::new();
    for address in found {
        match guard::check_ip(address.ip(), policy) {
            Ok(()) => kept.push(address),
            Err(refused) => refusal = refusal.or(Some(refused)),
        }
    }
    match refusal {
        Some(refused) if kept.is_empty() => Err(refused.into()),
        _ => Ok(kept),
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
