//! What the kernel says of a process's memory.

use crate::Fail;

/// The most that was resident so far, in KiB.
pub fn peak_kib(pid: u32) -> Result<u64, Fail> {
    field(pid, "VmHWM:")
}

/// What is resident now, in KiB.
pub fn resident_kib(pid: u32) -> Result<u64, Fail> {
    field(pid, "VmRSS:")
}

fn field(pid: u32, name: &str) -> Result<u64, Fail> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line in /proc/PID/status")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
