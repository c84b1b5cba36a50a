//! Ending the process at a named step, for tests of what is left behind.

/// Ends the process here when a test asks for it: `LOCKGATE_CRASH_AT=name`. Not in release builds.
#[cfg(debug_assertions)]
pub(crate) fn crash_point(name: &str) {
    if std::env::var("LOCKGATE_CRASH_AT").is_ok_and(|wanted| wanted == name) {
        tracing::warn!(name, "Crashing on request");
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub(crate) fn crash_point(_name: &str) {}
