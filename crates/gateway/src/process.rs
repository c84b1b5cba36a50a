//! What the process leaves behind when it dies.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids core dumps: memory holds card numbers and keys for a moment, and a crash must not write them to a disk. Also keeps
/// debuggers of other users out. Swap is the operator's: encrypt it or have none.
///
/// # Errors
/// What the system says. A program that cannot promise this should not start.
pub fn forbid_core_dumps() -> Result<(), rustix::io::Errno> {
    // A limit of zero stops dumps to files; a program that takes dumps through a pipe is stopped by the second only.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// A file that reaches the limit on its size is an error to whoever writes it, as a full disk is, and not the end of the process. Within a
/// runtime of tokio.
pub fn outlive_file_limits() {
    let exceeded = tokio::signal::unix::SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    // once asked for, a signal does not end the process any more
    if let Err(error) = tokio::signal::unix::signal(exceeded) {
        tracing::warn!(%error, "A file that grows beyond the limit on its size would end the gateway");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::process::{DumpableBehavior, dumpable_behavior};

    #[test]
    fn no_core_is_dumped() {
        forbid_core_dumps().unwrap();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        let words: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
        assert_eq!(words, ["0", "0"], "soft and hard: {core}");
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    }
}
