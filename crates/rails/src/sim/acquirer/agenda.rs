//! When each payment is due next.

use std::collections::{BTreeSet, HashMap};

use domain::Time;

/// At most one time for each id.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    by_time: BTreeSet<(Time, String)>,
    of: HashMap<String, Time>,
}

impl Agenda {
    pub(super) fn set(&mut self, id: &str, at: Option<Time>) {
        let before = match at {
            Some(at) => self.of.insert(id.to_owned(), at),
            None => self.of.remove(id),
        };
        if let Some(before) = before {
            self.by_time.remove(&(before, id.to_owned()));
        }
        if let Some(at) = at {
            self.by_time.insert((at, id.to_owned()));
        }
    }

    pub(super) fn first(&self) -> Option<(Time, &str)> {
        self.by_time.first().map(|(at, id)| (*at, id.as_str()))
    }

    /// Those due by `now`, the longest due first.
    pub(super) fn due(&self, now: Time) -> impl Iterator<Item = &str> {
        self.by_time.iter().take_while(move |(at, _)| *at <= now).map(|(_, id)| id.as_str())
    }
}
