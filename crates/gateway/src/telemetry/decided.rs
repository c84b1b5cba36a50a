//! Counting what was decided, once it stands: a write's closure says so while it runs, possibly several times; what its last run said is
//! counted after the commit. A closure runs on one thread without a pause, so what it says is kept on that thread meanwhile.

use std::cell::RefCell;

use super::metrics::{Charge, METRICS, Payment, Reached, Transfer};

/// Something that is counted when its write is committed.
#[derive(Debug)]
pub enum Decided {
    Reached(Reached),
    Payment(Payment),
    Charge(Charge),
    Transfer(Transfer),
}

thread_local! {
    static SAID: RefCell<Vec<Decided>> = const { RefCell::new(Vec::new()) };
}

/// Said by a write's closure. Outside of one it is forgotten.
pub fn decided(what: Decided) {
    SAID.with_borrow_mut(|said| said.push(what));
}

/// Everything that was said on this thread since it was last asked.
pub fn take() -> Vec<Decided> {
    SAID.take()
}

/// Counts what stands.
pub fn count(all: Vec<Decided>) {
    for one in all {
        match one {
            Decided::Reached(labels) => METRICS.reached.get_or_create(&labels).inc(),
            Decided::Payment(labels) => METRICS.payments.get_or_create(&labels).inc(),
            Decided::Charge(labels) => METRICS.charges.get_or_create(&labels).inc(),
            Decided::Transfer(labels) => METRICS.transfers.get_or_create(&labels).inc(),
        };
    }
}
