//! A write that waits to be run: what the writers of both databases take from their queues.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::error::StoreError;
use super::tx::Tx;
use crate::telemetry::decided::{self, Decided};
use crate::telemetry::metrics::Waiting;
use crate::telemetry::trace_id::{self, TraceId};
use crate::telemetry::traces;

/// How a write ended before the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    Keep,
    /// It refused, or failed: what it has written is to be undone. Its answer stands.
    Undo,
}

/// Why a write that ran well does not stand, or may not.
#[derive(Debug, Clone)]
pub enum Unkept {
    No(String),
    Unclear(String),
}

pub trait Job: Send {
    /// Runs it. What an earlier run answered is forgotten. After the `last` run there is none.
    fn run(&mut self, tx: &Tx<'_>, last: bool) -> Ran;

    /// Tells whoever waits how it ended.
    fn answer(self: Box<Self>, commit: Result<(), Unkept>);
}

pub type Boxed = Box<dyn Job>;

struct Write<W, T, E> {
    write: Option<W>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
    /// What the last run decided: counted once it stands.
    decided: Vec<Decided>,
    /// Of whoever waits: his span, and his request's id.
    span: tracing::Span,
    request: Option<TraceId>,
    waiting: Waiting,
}

/// A closure as a job, and where its answer will be.
pub fn job<W, T, E>(write: W) -> (Boxed, oneshot::Receiver<Result<T, E>>)
where
    W: FnOnce(&Tx<'_>) -> Result<T, E> + Clone + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let (span, request, waiting) = (traces::current_span(), trace_id::current(), Waiting::begin());
    (Box::new(Write { write: Some(write), result: None, reply, decided: Vec::new(), span, request, waiting }), answer)
}

impl<W, T, E> Job for Write<W, T, E>
where
    W: FnOnce(&Tx<'_>) -> Result<T, E> + Clone + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &Tx<'_>, last: bool) -> Ran {
        let write = if last { self.write.take() } else { self.write.clone() };
        let Some(write) = write else { return Ran::Undo };
        let decision = tracing::info_span!(parent: &self.span, "decision", use_case = traces::use_case::<W>());
        let _ = decided::take();
        let run = || trace_id::within_sync(self.request, || decision.in_scope(|| write(tx)));
        let result = catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(StoreError::Panicked.into()));
        self.decided = decided::take();
        let ran = if result.is_ok() { Ran::Keep } else { Ran::Undo };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, commit: Result<(), Unkept>) {
        let Write { write, result, reply, decided, span: _, request: _, waiting } = *self;
        // whoever hears the answer may count on it that the closure, and what it held, is gone
        drop((write, waiting));
        let result = match (result, commit) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(Unkept::No(why))) => Err(StoreError::NotCommitted(why).into()),
            (_, Err(Unkept::Unclear(why))) => Err(StoreError::Unclear(why).into()),
            (Some(kept), Ok(())) => {
                decided::count(decided);
                kept
            }
            (None, Ok(())) => Err(StoreError::Closed.into()),
        };
        // the caller may have gone away; the write stands all the same
        let _ = reply.send(result);
    }
}
