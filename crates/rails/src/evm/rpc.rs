//! A small JSON-RPC client for EVM nodes. It has a few endpoints and asks the next when one fails; a failing endpoint
//! rests for a while that doubles. Endpoint URLs often carry a key, so errors and logs name the host only.

mod call;
mod endpoint;
mod error;
mod observer;
mod quantity;
mod wire;

pub use call::{CallRequest, FeeHistory};
pub use error::{RpcError, TransportCause};
pub use observer::Observer;
pub use wire::{Block, BlockTx, Header, RawLog, Receipt};

use endpoint::Endpoint;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tracing::Instrument;
use url::Url;

/// Longest answer read. A full block's logs on the busiest chains are some 20 MB.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Longest text of a node's error kept.
const MAX_MESSAGE_CHARS: usize = 300;

/// Cheap to clone; clones share what is known about the endpoints.
#[derive(Debug, Clone)]
pub struct RpcClient {
    endpoints: Arc<[Endpoint]>,
    http: reqwest::Client,
    timeout: Duration,
    observer: Observer,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<NodeError>,
}

#[derive(Deserialize)]
struct NodeError {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

impl RpcClient {
    /// Endpoints in order of preference. `timeout` is for one attempt at one endpoint, reading the answer included.
    /// `http` should not follow redirects.
    pub fn new(endpoints: Vec<Url>, http: reqwest::Client, timeout: Duration) -> Self {
        let endpoints = endpoints.into_iter().map(Endpoint::new).collect();
        Self { endpoints, http, timeout, observer: Observer::default() }
    }

    /// As this client, telling `observer` of each question.
    #[must_use]
    pub fn observed(self, observer: Observer) -> Self {
        Self { observer, ..self }
    }

    async fn ask<T: DeserializeOwned>(&self, method: &'static str, params: serde_json::Value) -> Result<T, RpcError> {
        let began = Instant::now();
        let span = tracing::info_span!("rpc call", otel.kind = "client", method);
        let result = self.ask_in_turn(method, params).instrument(span).await;
        self.observer.tell(method, &result, began.elapsed());
        result
    }

    /// Asks the endpoints that are not resting, in order, until one answers. A node's error is an answer.
    async fn ask_in_turn<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: serde_json::Value,
    ) -> Result<T, RpcError> {
        let body = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut failed = None;
        for endpoint in self.endpoints.iter().filter(|endpoint| endpoint.is_awake(Instant::now())) {
            match self.attempt(endpoint, method, body.clone()).await {
                // That we asked for too much is not the endpoint's failure.
                Err(error @ RpcError::Transport { cause: TransportCause::TooLong, .. }) => return Err(error),
                Err(error @ (RpcError::Transport { .. } | RpcError::Malformed { .. })) => {
                    let rest = endpoint.failed(Instant::now());
                    tracing::warn!(host = endpoint.host(), method, %error, ?rest, "The chain's endpoint failed and rests.");
                    failed = Some(error);
                }
                answered => {
                    endpoint.answered();
                    return answered;
                }
            }
        }
        Err(failed.unwrap_or_else(|| RpcError::AllResting { method, retry_in: self.first_awake_in() }))
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        endpoint: &Endpoint,
        method: &'static str,
        body: String,
    ) -> Result<T, RpcError> {
        let host = endpoint.host();
        let transport = |cause| RpcError::Transport { host: host.to_owned(), method, cause };
        let malformed = |what: String| RpcError::Malformed { host: host.to_owned(), method, what };

        let read = tokio::time::timeout(self.timeout, self.post(endpoint, body)).await;
        let (status, bytes) = match read {
            Err(_elapsed) => return Err(transport(TransportCause::TimedOut)),
            Ok(read) => read.map_err(transport)?,
        };
        let answer = match serde_json::from_slice::<Answer<'_>>(&bytes) {
            Ok(answer) => answer,
            // A proxy in front of the node, or a limit: not the node's answer to this call.
            Err(_) if !status.is_success() => return Err(transport(TransportCause::Status(status.as_u16()))),
            Err(error) => return Err(malformed(error.to_string())),
        };
        if let Some(NodeError { code, message }) = answer.error {
            // Asked too often is the endpoint's state, not an answer about the chain.
            if status.as_u16() == 429 || code == 429 {
                return Err(transport(TransportCause::Status(429)));
            }
            let message = message.chars().filter(|c| !c.is_control()).take(MAX_MESSAGE_CHARS).collect();
            return Err(RpcError::Node { host: host.to_owned(), method, code, message });
        }
        if !status.is_success() {
            return Err(transport(TransportCause::Status(status.as_u16())));
        }
        serde_json::from_str(answer.result.map_or("null", RawValue::get)).map_err(|error| malformed(error.to_string()))
    }

    async fn post(&self, endpoint: &Endpoint, body: String) -> Result<(reqwest::StatusCode, Vec<u8>), TransportCause> {
        let request = self.http.post(endpoint.url().clone()).header("content-type", "application/json").body(body);
        let mut response = request.send().await.map_err(TransportCause::from)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(TransportCause::from)? {
            if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(TransportCause::TooLong);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((response.status(), bytes))
    }

    fn first_awake_in(&self) -> Duration {
        let now = Instant::now();
        self.endpoints.iter().map(|endpoint| endpoint.awake_in(now)).min().unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
pub(super) mod fake_node;
#[cfg(test)]
mod tests;
