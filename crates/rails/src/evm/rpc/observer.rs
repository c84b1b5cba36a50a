//! Who is told of each question to a chain's nodes, for numbers.

use std::sync::Arc;
use std::time::Duration;

use super::RpcError;

type Tell = dyn Fn(&'static str, &'static str, Duration) + Send + Sync;

/// Is told a question's method, its end in a word, and how long it took over all endpoints that were tried. The words are `answered`,
/// `refused` (by the node), `failed` and `resting` (nobody could be asked).
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<Tell>>);

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Observer(…)" } else { "Observer(nobody)" })
    }
}

impl Observer {
    pub fn new(tell: impl Fn(&'static str, &'static str, Duration) + Send + Sync + 'static) -> Observer {
        Observer(Some(Arc::new(tell)))
    }

    pub(super) fn tell<T>(&self, method: &'static str, result: &Result<T, RpcError>, took: Duration) {
        let Some(tell) = &self.0 else { return };
        let end = match result {
            Ok(_) => "answered",
            Err(RpcError::Node { .. }) => "refused",
            Err(RpcError::Transport { .. } | RpcError::Malformed { .. }) => "failed",
            Err(RpcError::AllResting { .. }) => "resting",
        };
        tell(method, end, took);
    }
}
