use std::time::Duration;

/// Why there is no answer, or that the answer is "no". Never contains a URL: URLs carry keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RpcError {
    /// No answer came. **The outcome is unknown**: the node may have done what was asked.
    #[error("{method} at {host}: {cause}")]
    Transport {
        /// Endpoint's host name.
        host: String,
        /// JSON-RPC method.
        method: &'static str,
        /// What happened to the connection.
        cause: TransportCause,
    },
    /// An answer came that cannot be read. The outcome is unknown, too.
    #[error("{method} at {host}: unreadable answer: {what}")]
    Malformed {
        /// Endpoint's host name.
        host: String,
        /// JSON-RPC method.
        method: &'static str,
        /// Where reading stopped.
        what: String,
    },
    /// The node answered: no.
    #[error("{method} at {host}: the node says {code}: {message}")]
    Node {
        /// Endpoint's host name.
        host: String,
        /// JSON-RPC method.
        method: &'static str,
        /// JSON-RPC error code.
        code: i64,
        /// The node's words, shortened, control characters removed.
        message: String,
    },
    /// Nothing was sent: every endpoint failed lately and rests (or there is none, and `retry_in` is `Duration::MAX`).
    #[error("{method}: all endpoints rest, the first one for {retry_in:?}")]
    AllResting {
        /// JSON-RPC method.
        method: &'static str,
        /// Until the first endpoint may be asked again.
        retry_in: Duration,
    },
}

impl RpcError {
    /// Whether a node may have done what was asked. After a send, `true` means: ask, do not make new bytes.
    pub fn outcome_unknown(&self) -> bool {
        matches!(self, Self::Transport { .. } | Self::Malformed { .. })
    }
}

/// What happened to a request that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportCause {
    /// No connection.
    #[error("cannot connect")]
    Connect,
    /// No complete answer in time.
    #[error("timed out")]
    TimedOut,
    /// An HTTP status without a JSON-RPC answer, or 429.
    #[error("HTTP status {0}")]
    Status(u16),
    /// The answer is longer than we read.
    #[error("the answer is too long")]
    TooLong,
    /// The connection broke.
    #[error("the connection broke")]
    Broken,
}

/// Only the kind is kept: `reqwest` prints the URL.
impl From<reqwest::Error> for TransportCause {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Connect
        } else {
            Self::Broken
        }
    }
}
