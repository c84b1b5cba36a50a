//! The id of the request that is being answered: in every log line about it, and the id of its trace. A caller who sends a W3C
//! `traceparent` finds his own id again.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderMap;

use crate::random::Random;

pub const TRACEPARENT: &str = "traceparent";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub u128);

impl std::fmt::Display for TraceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

tokio::task_local! {
    static CURRENT: TraceId;
}

/// Of the request that this task answers, if it does.
pub fn current() -> Option<TraceId> {
    CURRENT.try_with(|id| *id).ok()
}

/// Runs `work` for a request.
pub async fn within<F: Future>(id: TraceId, work: F) -> F::Output {
    CURRENT.scope(id, work).await
}

/// Runs `work` for the request that somebody waits for on another thread.
pub fn within_sync<T>(id: Option<TraceId>, work: impl FnOnce() -> T) -> T {
    match id {
        Some(id) => CURRENT.sync_scope(id, work),
        None => work(),
    }
}

impl TraceId {
    /// The caller's, else a new one.
    pub fn of(headers: &HeaderMap) -> TraceId {
        let given = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
        given.and_then(TraceId::given).unwrap_or_else(TraceId::fresh)
    }

    /// `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`; later versions may append to it.
    fn given(traceparent: &str) -> Option<TraceId> {
        let mut parts = traceparent.trim().split('-');
        let (version, id, parent) = (parts.next()?, parts.next()?, parts.next()?);
        let lower = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let lengths = [version.len(), id.len(), parent.len()];
        if lengths != [2, 32, 16] || version == "ff" || !lower(version) || !lower(id) || !lower(parent) {
            return None;
        }
        u128::from_str_radix(id, 16).ok().filter(|id| *id != 0).map(TraceId)
    }

    /// Half is the process's, half counts requests, spread so that a sampler that looks at the low digits sees no pattern.
    fn fresh() -> TraceId {
        static PROCESS: LazyLock<u64> = LazyLock::new(|| u64::from_be_bytes(Random::system().token_bytes::<8>()));
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let spread = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        TraceId(u128::from(*PROCESS | 1 << 63) << 64 | u128::from(spread))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_id_is_kept_and_anything_else_is_not() {
        let id = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
        let cases = [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some(id)),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", Some(id)),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", None),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736", None),
            ("00-\"}{\"evil\":\"4da6a3ce929d0e0e473\"-00f067aa0ba902b7-01", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(TraceId::given(text), expected.map(TraceId), "{text}");
        }
    }

    #[test]
    fn new_ones_differ() {
        let all: std::collections::HashSet<u128> = (0..1000).map(|_| TraceId::fresh().0).collect();
        assert_eq!(all.len(), 1000);
        assert!(all.iter().all(|id| *id != 0 && format!("{id:032x}").len() == 32));
    }
}
