//! Answers that stay open: so many of one session, so many in all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Of one session: a few tabs. A browser opens six connections to a host, and pages need some of them.
pub const OF_ONE: usize = 4;
pub const IN_ALL: usize = 512;

/// How many are open, by whose they are.
#[derive(Debug, Default)]
pub struct Streams(Mutex<HashMap<String, usize>>);

/// One that is open; counted until it is dropped.
#[derive(Debug)]
pub struct Open {
    streams: Arc<Streams>,
    whose: String,
}

impl Streams {
    /// `None` when there are too many.
    pub fn open(self: &Arc<Self>, whose: &str) -> Option<Open> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = open.get(whose).copied().unwrap_or(0);
        if of_one >= OF_ONE || open.values().sum::<usize>() >= IN_ALL {
            return None;
        }
        open.insert(whose.to_owned(), of_one + 1);
        Some(Open { streams: self.clone(), whose: whose.to_owned() })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_of_one_so_many_in_all_and_none_is_counted_for_ever() {
        let streams = Arc::new(Streams::default());
        let mut open: Vec<Open> = (0..OF_ONE).map(|_| streams.open("a").unwrap()).collect();
        assert!(streams.open("a").is_none());
        open.pop();
        open.push(streams.open("a").unwrap());
        for at in open.len()..IN_ALL {
            open.push(streams.open(&at.to_string()).unwrap());
        }
        assert!(streams.open("b").is_none());
        drop(open);
        assert!(streams.open("b").is_some());
        assert!(streams.0.lock().unwrap().is_empty());
    }
}
