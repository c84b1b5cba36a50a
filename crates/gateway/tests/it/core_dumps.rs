//! The running program leaves no core dump: its memory may hold card numbers.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
#[test]
fn the_program_forbids_them_before_it_does_anything() {
    let dir = std::env::temp_dir().join(format!("lockgate-core-{}", std::process::id()));
    let mut child = Command::new(env!("CARGO_BIN_EXE_lockgate"))
        .args(["sandbox", "--listen", "127.0.0.1:0", "--data"])
        .arg(&dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let limits = format!("/proc/{}/limits", child.id());
    let started = Instant::now();
    let mut core = String::new();
    while started.elapsed() < Duration::from_secs(10) {
        let text = std::fs::read_to_string(&limits).unwrap_or_default();
        core = text.lines().find(|line| line.starts_with("Max core file size")).unwrap_or_default().to_owned();
        if core.split_whitespace().skip(4).take(2).all(|limit| limit == "0") && !core.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
    let _ = std::fs::remove_dir_all(&dir);
    let words: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(words, ["0", "0"], "{core}");
}
