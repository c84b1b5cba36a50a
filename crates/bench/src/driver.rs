//! The one driver of every measurement: so many callers, each with one call under way at a time.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Fail;
use crate::stats::{Histogram, Row};

/// Something done over and over. A call that is answered wrongly is an error and ends the run.
pub trait Caller: Send + 'static {
    fn call(&mut self) -> impl Future<Output = Result<(), Fail>> + Send;
}

const WARM_UP: Duration = Duration::from_secs(1);

/// Calls for `seconds` after warming up. Calls count that were answered within the time measured.
pub async fn measure<C: Caller>(name: &str, callers: Vec<C>, seconds: u64) -> Result<Row, Fail> {
    let begin = Instant::now() + WARM_UP;
    let measured = Duration::from_secs(seconds);
    let end = begin + measured;
    let mut tasks = JoinSet::new();
    for mut caller in callers {
        tasks.spawn(async move {
            let mut latencies = Histogram::default();
            loop {
                let sent = Instant::now();
                if sent >= end {
                    return Ok::<_, Fail>(latencies);
                }
                caller.call().await?;
                let answered = Instant::now();
                if answered >= begin && answered <= end {
                    latencies.record(answered - sent);
                }
            }
        });
    }
    let mut all = Histogram::default();
    while let Some(latencies) = tasks.join_next().await {
        all.add(&latencies??);
    }
    Ok(all.row(name, measured))
}
