//! The numbers of HTTP requests, by the route they matched: the pattern, never the path. A route's handles are made at its first request.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;

use super::metrics::{Answered, METRICS, Route};

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// Of requests that matched nothing.
pub const NO_ROUTE: &str = "none";

#[derive(Debug)]
struct Handles {
    by_class: [Counter; 5],
    durations: Histogram,
}

static ROUTES: RwLock<Option<HashMap<String, Arc<Handles>>>> = RwLock::new(None);

/// A request was answered.
pub fn answered(pattern: &str, status: u16, took: Duration) {
    let handles = handles(pattern);
    let class = usize::from(status / 100).clamp(1, 5) - 1;
    handles.by_class[class].inc();
    handles.durations.observe(took.as_secs_f64());
}

fn handles(pattern: &str) -> Arc<Handles> {
    let known = |all: &Option<HashMap<String, Arc<Handles>>>| all.as_ref()?.get(pattern).cloned();
    if let Some(found) = known(&ROUTES.read().unwrap_or_else(PoisonError::into_inner)) {
        return found;
    }
    let mut all = ROUTES.write().unwrap_or_else(PoisonError::into_inner);
    known(&all).unwrap_or_else(|| {
        let made = Arc::new(made(pattern));
        all.get_or_insert_default().insert(pattern.to_owned(), made.clone());
        made
    })
}

/// Both spellings of a path, with a slash at its end and without, are one route.
fn made(pattern: &str) -> Handles {
    let route: Arc<str> = match pattern.trim_end_matches('/') {
        "" => "/".into(),
        trimmed => trimmed.into(),
    };
    let counter = |status| METRICS.requests.get_or_create_owned(&Answered { route: route.clone(), status });
    let durations = METRICS.request_durations.get_or_create_owned(&Route { route: route.clone() });
    Handles { by_class: CLASSES.map(counter), durations }
}
