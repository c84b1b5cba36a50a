//! Places for work that waits on somebody else: so many in all, and so many a lane. Who is slow keeps only its own lane's places busy.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::{Id, JoinSet};

/// For so long what failed here, not at the other side, keeps its place: it would fail again at once.
pub const AFTER_AN_ERROR: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Lanes {
    in_all: usize,
    a_lane: usize,
    tasks: JoinSet<()>,
    /// By task: its lane, and what it works on.
    busy: HashMap<Id, (String, String)>,
}

impl Lanes {
    pub fn new(in_all: usize, a_lane: usize) -> Lanes {
        Lanes { in_all, a_lane, tasks: JoinSet::new(), busy: HashMap::new() }
    }

    /// How many more may work in a lane now.
    pub fn free(&self, lane: &str) -> usize {
        let here = self.busy.values().filter(|(busy, _)| busy == lane).count();
        self.a_lane.saturating_sub(here).min(self.in_all.saturating_sub(self.busy.len()))
    }

    pub fn is_idle(&self) -> bool {
        self.busy.is_empty()
    }

    pub fn works_on(&self, item: &str) -> bool {
        self.busy.values().any(|(_, busy)| busy == item)
    }

    /// Takes a place. Ask for [`Lanes::free`] ones first.
    pub fn start(&mut self, lane: &str, item: &str, work: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(work).id();
        self.busy.insert(id, (lane.to_owned(), item.to_owned()));
    }

    /// Waits until one has ended; for ever while nothing works.
    pub async fn ended(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                tracing::error!(%error, "Work in a lane broke off");
                error.id()
            }
            None => return std::future::pending().await,
        };
        self.busy.remove(&id);
    }

    /// Waits until all have ended.
    pub async fn drain(&mut self) {
        while !self.is_idle() {
            self.ended().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lane_keeps_only_its_own_places() {
        let mut lanes = Lanes::new(5, 2);
        for item in ["a", "b"] {
            lanes.start("slow", item, std::future::pending());
        }
        assert_eq!((lanes.free("slow"), lanes.free("quick")), (0, 2));
        assert!(lanes.works_on("a") && !lanes.works_on("c"));
        lanes.start("quick", "c", async {});
        lanes.start("quick", "d", async { panic!("one that breaks leaves its place") });
        lanes.start("other", "e", std::future::pending());
        assert_eq!(lanes.free("third"), 0, "five in all");
        lanes.ended().await;
        lanes.ended().await;
        assert_eq!((lanes.free("quick"), lanes.free("slow")), (2, 0));
    }
}
