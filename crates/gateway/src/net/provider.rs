//! The one frame around payment providers: it sends what a connector built, bounds it in time and size, and tells apart what was
//! never sent from what may have arrived. One log line a call, without query, headers or bodies.

use std::time::Duration;

use rails::provider::{HttpRequest, HttpResponse, Verb};
use tokio::time::Instant;
use tracing::Instrument;

use crate::telemetry::metrics::METRICS;

/// For connecting, sending and reading the answer together. Acquirers may take long over a card: cutting them off early makes unknown outcomes.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest answer read.
pub const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Why there is no answer. Never holds a URL, a header or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// No byte of the request left: nothing was begun.
    #[error("{0}")]
    NotSent(String),
    /// The request may have arrived.
    #[error("{0}")]
    Unclear(String),
}

/// Sends a request and reads its answer.
///
/// # Errors
/// See [`NoAnswer`]. Any HTTP status is an answer.
pub async fn exchange(
    http: &reqwest::Client,
    provider: &str,
    about: &str,
    request: HttpRequest,
) -> Result<HttpResponse, NoAnswer> {
    let began = Instant::now();
    let (verb, path) = (request.verb, path(&request.url));
    let span = tracing::info_span!("provider call", otel.kind = "client", provider, about, ?verb);
    let result = match tokio::time::timeout(TOTAL_TIMEOUT, send(http, request)).instrument(span).await {
        Ok(result) => result,
        Err(_) => Err(NoAnswer::Unclear("no answer in time".into())),
    };
    METRICS.asked_provider(provider, word(verb), outcome(&result), began.elapsed());
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &result {
        // questions are many, and nothing happens by asking
        Ok(answer) if verb == Verb::Get && answer.status < 300 => {
            tracing::debug!(provider, about, ?verb, path, status = answer.status, millis, "Asked a provider");
        }
        Ok(answer) => tracing::info!(provider, about, ?verb, path, status = answer.status, millis, "Asked a provider"),
        Err(error) => tracing::warn!(provider, about, ?verb, path, %error, millis, "A provider gave no answer"),
    }
    result
}

fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => "get",
        Verb::Post => "post",
        Verb::Patch => "patch",
    }
}

fn outcome(result: &Result<HttpResponse, NoAnswer>) -> &'static str {
    match result {
        Ok(answer) if answer.status < 400 => "answered",
        Ok(answer) if answer.status < 500 => "refused",
        Ok(_) => "failed",
        Err(NoAnswer::NotSent(_)) => "not_sent",
        Err(NoAnswer::Unclear(_)) => "unclear",
    }
}

fn path(url: &str) -> String {
    url::Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default()
}

async fn send(http: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
    let HttpRequest { verb, url, headers, body } = request;
    let method = match verb {
        Verb::Get => reqwest::Method::GET,
        Verb::Post => reqwest::Method::POST,
        Verb::Patch => reqwest::Method::PATCH,
    };
    let mut call = http.request(method, &url);
    for (name, value) in &headers {
        let mut value = reqwest::header::HeaderValue::from_str(value)
            .map_err(|_| NoAnswer::NotSent(format!("the header {name} has characters that cannot be sent")))?;
        value.set_sensitive(true);
        call = call.header(*name, value);
    }
    if verb != Verb::Get {
        // the body is wiped when the last of its readers lets go of it
        call = call.body(axum::body::Bytes::from_owner(Wiped(body)));
    }
    let mut answer = call.send().await.map_err(no_answer)?;
    let status = answer.status().as_u16();
    let mut read = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(no_answer)? {
        if read.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(NoAnswer::Unclear(format!("the answer is longer than {MAX_ANSWER_BYTES} bytes")));
        }
        read.extend_from_slice(&chunk);
    }
    Ok(HttpResponse { status, body: read })
}

struct Wiped(zeroize::Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Only what failed before a connection stood is sure not to have arrived.
fn no_answer(error: reqwest::Error) -> NoAnswer {
    match () {
        () if error.is_builder() => NoAnswer::NotSent("the request cannot be made".into()),
        () if error.is_connect() => NoAnswer::NotSent("no connection".into()),
        () if error.is_timeout() => NoAnswer::Unclear("no answer in time".into()),
        () => NoAnswer::Unclear("the connection broke before the answer".into()),
    }
}
