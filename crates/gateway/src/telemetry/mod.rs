//! What a running gateway tells those who run it: log lines, numbers, spans. Anybody may report here; nothing here knows what it is about.
//! No label, field or span holds a merchant, an address, a key, an amount or anything a payer entered: labels come from lists that the
//! program or its configuration fixes.

pub mod decided;
pub mod log;
pub mod metrics;
pub mod routes;
pub mod trace_id;
pub mod traces;

use tracing::Instrument;

/// Work of this request that another task does: for it, and below its span.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let (id, work) = (trace_id::current(), work.instrument(traces::current_span()));
    async move {
        match id {
            Some(id) => trace_id::within(id, work).await,
            None => work.await,
        }
    }
}
