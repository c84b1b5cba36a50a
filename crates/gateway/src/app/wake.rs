//! Nudges: work is found by looking at rows, these only say when to look sooner. Where several nodes share a database the others are told too
//! (`workers::share_news`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// One kind of work.
#[derive(Debug, Default)]
pub struct Bell {
    here: Notify,
    /// Its place among the kinds; 0 for one that is nobody else's business.
    bit: u32,
    rung: Arc<Rung>,
}

impl Bell {
    pub fn notify_one(&self) {
        self.here.notify_one();
        self.rung.add(self.bit);
    }

    pub fn notify_waiters(&self) {
        self.here.notify_waiters();
        self.rung.add(self.bit);
    }

    pub fn notified(&self) -> Notified<'_> {
        self.here.notified()
    }
}

/// Which kinds were rung here since the others were told.
#[derive(Debug, Default)]
struct Rung {
    bits: AtomicU32,
    is_told: AtomicBool,
    some: Notify,
}

impl Rung {
    /// Costs next to nothing: most calls find the kind marked already, or nobody to be told.
    fn add(&self, bit: u32) {
        if !self.is_told.load(Ordering::Relaxed) || self.bits.load(Ordering::SeqCst) & bit == bit {
            return;
        }
        if self.bits.fetch_or(bit, Ordering::SeqCst) == 0 {
            self.some.notify_one();
        }
    }
}

macro_rules! wake {
    ($($kind:ident),* $(,)?) => {
        #[derive(Debug)]
        pub struct Wake {
            $(pub $kind: Bell,)*
            rung: Arc<Rung>,
        }

        impl Default for Wake {
            fn default() -> Wake {
                let (rung, mut bit) = (Arc::<Rung>::default(), 1);
                let mut bell = || {
                    let bell = Bell { here: Notify::new(), bit, rung: rung.clone() };
                    bit <<= 1;
                    bell
                };
                Wake { $($kind: bell(),)* rung: rung.clone() }
            }
        }

        impl Wake {
            /// By the names under which nodes tell each other.
            fn bells(&self) -> impl Iterator<Item = (&'static str, &Bell)> {
                [$((stringify!($kind), &self.$kind)),*].into_iter()
            }
        }
    };
}

wake!(deliveries, chains, flushes, expiry, pages, providers, treasury, settlements, payees, refunds);

impl Wake {
    /// From now on, what is rung here is kept for [`Wake::rung`].
    pub fn tell_others(&self) {
        self.rung.is_told.store(true, Ordering::SeqCst);
    }

    /// Waits until something was rung here.
    pub async fn rung(&self) {
        while self.rung.bits.load(Ordering::SeqCst) == 0 {
            self.rung.some.notified().await;
        }
    }

    /// What was rung here since the last time, as one word each.
    pub fn take_rung(&self) -> Vec<&'static str> {
        let bits = self.rung.bits.swap(0, Ordering::SeqCst);
        self.bells().filter(|(_, bell)| bits & bell.bit != 0).map(|(name, _)| name).collect()
    }

    /// Somebody else rang. A kind that this release does not know is left out.
    pub fn heard(&self, name: &str) {
        for (_, bell) in self.bells().filter(|(known, _)| *known == name) {
            // pages are waited for by many, everything else by one worker
            if name == "pages" { bell.here.notify_waiters() } else { bell.here.notify_one() }
        }
    }

    /// What others rang may have been missed.
    pub fn all(&self) {
        self.bells().for_each(|(name, _)| self.heard(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn what_is_rung_is_told_once_and_what_is_heard_is_not_told_on() {
        let wake = Wake::default();
        wake.deliveries.notify_one();
        assert_eq!(wake.take_rung(), Vec::<&str>::new(), "nobody is to be told");
        wake.tell_others();
        assert!(wake.rung().now_or_never().is_none());
        for _ in 0..3 {
            wake.refunds.notify_one();
            wake.deliveries.notify_one();
        }
        assert!(wake.rung().now_or_never().is_some());
        assert_eq!(wake.take_rung(), ["deliveries", "refunds"]);
        wake.heard("treasury");
        wake.heard("what a later release knows");
        assert!(wake.treasury.notified().now_or_never().is_some());
        assert!(wake.rung().now_or_never().is_none());
        assert_eq!(wake.take_rung(), Vec::<&str>::new());
    }
}
