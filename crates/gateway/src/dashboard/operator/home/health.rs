//! Chains, workers and rates, as lines of the home page.

use domain::Time;
use domain::time::{DAY, HOUR, MINUTE};

use crate::app::App;

/// What is due for so long is late: workers look every few seconds.
const LATE_MILLIS: i64 = 5 * MINUTE;
/// A watcher that reads every block is behind by a few.
pub const LAG_BLOCKS: u64 = 20;

pub struct ChainLine {
    pub title: String,
    /// Who follows it, if anybody does now.
    pub follower: Option<String>,
    pub head: Option<u64>,
    pub lag: u64,
    pub is_behind: bool,
    pub trouble: Option<String>,
}

pub struct WorkLine {
    pub label: String,
    /// For how long the oldest is due.
    pub age: Option<(&'static str, i64)>,
    pub is_late: bool,
}

pub struct RateLine {
    pub name: String,
    pub price: Option<String>,
    pub source: String,
    pub age: (&'static str, i64),
}

/// A span in its largest unit, as the key of a message and a count.
pub fn span(millis: i64) -> (&'static str, i64) {
    let millis = millis.max(0);
    match millis {
        _ if millis >= DAY => ("span-days", millis.div_euclid(DAY)),
        _ if millis >= HOUR => ("span-hours", millis.div_euclid(HOUR)),
        _ if millis >= MINUTE => ("span-minutes", millis.div_euclid(MINUTE)),
        _ => ("span-seconds", millis.div_euclid(1_000)),
    }
}

pub fn chains(app: &App, leases: &[(String, String, Time)], now: Time) -> Vec<ChainLine> {
    let mut lines: Vec<ChainLine> = app
        .chains
        .values()
        .map(|chain| {
            let (health, lease) = (chain.health(), format!("follow {}", chain.name));
            let holder = leases.iter().find(|(name, _, until)| *name == lease && *until > now);
            let lag = health.head.unwrap_or(0).saturating_sub(health.read_up_to.unwrap_or(0));
            ChainLine {
                title: chain.title.clone(),
                follower: holder.map(|(_, holder, _)| holder.clone()),
                head: health.head,
                lag,
                is_behind: health.head.is_some() && lag > LAG_BLOCKS,
                trouble: health.trouble,
            }
        })
        .collect();
    lines.sort_by(|one, other| one.title.cmp(&other.title));
    lines
}

pub fn works(oldest: Vec<(&'static str, Option<Time>)>, now: Time) -> Vec<WorkLine> {
    let line = |(work, since): (&'static str, Option<Time>)| {
        let age = since.map(|since| now.since(since)).filter(|age| *age >= 0);
        WorkLine {
            label: format!("work-{}", work.replace('_', "-")),
            age: age.map(span),
            is_late: age.is_some_and(|age| age >= LATE_MILLIS),
        }
    };
    oldest.into_iter().map(line).collect()
}

pub fn rates(app: &App, now: Time) -> Vec<RateLine> {
    let line = |(name, rate): (String, Result<domain::rate::Rate, _>)| match rate {
        Ok(rate) => {
            RateLine { name, price: Some(rate.price.to_string()), age: span(now.since(rate.at)), source: rate.source }
        }
        Err(_) => RateLine { name, price: None, source: String::new(), age: span(0) },
    };
    app.rates.all(now).into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        let cases = [(-5, ("span-seconds", 0)), (59_999, ("span-seconds", 59)), (60_000, ("span-minutes", 1))];
        for (millis, said) in cases.into_iter().chain([(HOUR, ("span-hours", 1)), (3 * DAY, ("span-days", 3))]) {
            assert_eq!(span(millis), said, "{millis}");
        }
        let lines = works(
            vec![("mails", Some(Time(0))), ("funds", Some(Time(LATE_MILLIS + 5))), ("charges", None)],
            Time(LATE_MILLIS),
        );
        assert_eq!(lines.iter().map(|line| line.is_late).collect::<Vec<_>>(), [true, false, false]);
        assert!(
            lines.iter().skip(1).all(|line| line.age.is_none()),
            "what is due later, or not at all, waits for nobody"
        );
    }
}
