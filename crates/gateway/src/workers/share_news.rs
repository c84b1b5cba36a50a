//! Tells the other nodes on one database what is new here, and hears what is new there: work to look for, calls that rate limits let through.
//! All of it only saves time: whoever missed something finds it in the rows a little later, and counts calls by itself meanwhile.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Trouble;
use crate::app::SharedApp;
use crate::app::limits::Limits;
use crate::store::{Line, StoreError};

/// Between two words about work: what is rung meanwhile goes with the next one.
const WORDS: Duration = Duration::from_millis(25);
/// How often the others are told which calls passed: that long, and the way, a caller's count at another node may be behind.
pub const COUNTS: Duration = Duration::from_millis(250);
/// A line on which nothing comes any more is noticed within this and the store's patience.
const PROBES: Duration = Duration::from_secs(15);
/// After a line was cut: this long at first, then twice as long each time, up to the second.
const AGAIN: Duration = Duration::from_millis(200);
const AGAIN_AT_MOST: Duration = Duration::from_secs(10);

/// How often a name is tried that another process has: one that was killed may not be known to be gone yet.
const CLAIMS: u32 = 5;
const BETWEEN_CLAIMS: Duration = Duration::from_millis(200);

/// Whether no other process on this database works under a node's name, and the line that keeps it so.
///
/// # Errors
/// When the database cannot be reached.
pub async fn enter(app: &SharedApp, node: &str) -> Result<(bool, Option<Line>), StoreError> {
    let Some(line) = app.store.line().await? else { return Ok((true, None)) };
    for _ in 0..CLAIMS {
        if line.claim(node).await? {
            return Ok((true, Some(line)));
        }
        tokio::time::sleep(BETWEEN_CLAIMS).await;
    }
    Ok((false, Some(line)))
}

pub async fn run(app: SharedApp, limits: Arc<Limits>, node: String, line: Option<Line>, stop: CancellationToken) {
    // on a file there is nobody
    let Some(first) = line else { return };
    let (trouble, mut line, mut pause) = (Trouble::default(), Some(first), AGAIN);
    app.wake.tell_others();
    while !stop.is_cancelled() {
        let ended = match line.take() {
            Some(line) => {
                pause = AGAIN;
                trouble.report("Talking to other nodes", Ok(()));
                talk(&app, &limits, line, &stop).await
            }
            None => match again(&app, &node).await {
                Ok(new) => {
                    line = new;
                    continue;
                }
                Err(error) => Err(error),
            },
        };
        if let Err(error) = ended {
            trouble.report("Talking to other nodes", Err(error.to_string()));
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(AGAIN_AT_MOST);
        }
    }
}

async fn again(app: &SharedApp, node: &str) -> Result<Option<Line>, StoreError> {
    let line = app.store.line().await?;
    if let Some(line) = &line
        && !line.claim(node).await?
    {
        // the server may not have noticed yet that the last line was cut
        tracing::debug!(node, "Another process has this node's name, or this one's old connection still has it");
    }
    Ok(line)
}

/// Until it is time to stop, or the line is cut.
async fn talk(app: &SharedApp, limits: &Limits, mut line: Line, stop: &CancellationToken) -> Result<(), StoreError> {
    // what was said before was not heard
    app.wake.all();
    limits.share();
    let (mut counts, mut probes, mut next_word) = (interval(COUNTS), interval(PROBES), Instant::now());
    counts.set_missed_tick_behavior(MissedTickBehavior::Delay);
    probes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let rung = async {
            sleep_until(next_word).await;
            app.wake.rung().await;
        };
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            heard = line.hear() => match heard {
                Some(said) => hear(app, limits, &said),
                None => return Err(StoreError::Unusable("the connection was cut".into())),
            },
            () = rung => {
                line.say(&format!("wake {}", app.wake.take_rung().join(" "))).await?;
                next_word = Instant::now() + WORDS;
            }
            _ = counts.tick() => {
                for message in limits.take_passed() {
                    line.say(&format!("calls {message}")).await?;
                }
            }
            _ = probes.tick() => {
                line.probe().await?;
                app.agree_on_time().await?;
            }
        }
    }
}

fn hear(app: &SharedApp, limits: &Limits, said: &str) {
    match said.split_once(' ') {
        Some(("wake", kinds)) => kinds.split(' ').for_each(|kind| app.wake.heard(kind)),
        Some(("calls", message)) => limits.heard(message),
        // a later release says more
        _ => {}
    }
}
