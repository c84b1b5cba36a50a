//! Counts what this process has committed about merchants, so that what it remembers of them can be known to be out of date.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::group::Group;

#[derive(Debug, Clone, Default)]
pub struct MerchantsVersion(Arc<AtomicU64>);

impl MerchantsVersion {
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// A group of writes is in the database, and not answered yet.
    pub(super) fn committed(&self, group: &Group) {
        if group.merchants_changed() {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}
