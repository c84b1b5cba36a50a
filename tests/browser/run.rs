// Runs a script of this directory, or says loudly why not. Included by the tests that need a browser.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// With `LOCKGATE_REQUIRE_ALL=1` nothing may be skipped.
pub fn all_is_required() -> bool {
    std::env::var_os("LOCKGATE_REQUIRE_ALL").is_some_and(|value| value == "1")
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser")
}

/// What a browser test needs and this machine does not have.
fn missing() -> Vec<&'static str> {
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let chromium = std::env::var_os("CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".into());
    let needs = [
        ("node", node.is_ok_and(|status| status.success())),
        ("timeout (coreutils)", Command::new("timeout").arg("--version").stdout(Stdio::null()).status().is_ok()),
        ("tests/browser/node_modules", directory().join("node_modules/playwright-core").exists()),
        ("chromium", Path::new(&chromium).exists()),
    ];
    needs.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect()
}

/// Whether browser tests can run here. If not they are skipped, which fails if all is required.
///
/// Written past the test runner's capture, which hides what a passing test prints.
pub fn can_run() -> bool {
    let missing = missing().join(", ");
    if missing.is_empty() {
        return true;
    }
    assert!(!all_is_required(), "browser tests are required, but missing: {missing}; run .ci/setup");
    let _ = writeln!(std::io::stderr(), "\nSKIPPED: browser tests: {missing}; run .ci/setup");
    false
}

/// Many times what the longest script takes.
const LONGEST_SECONDS: &str = "1200";

/// Fails with the script's own words if it does.
pub fn node(script: &str, arguments: &[&OsStr]) {
    // a script that waits for ever fails instead
    let mut command = Command::new("timeout");
    command.args(["--kill-after=10", LONGEST_SECONDS, "node"]).arg(directory().join(script)).args(arguments);
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}: {}\n{said}", output.status);
    // seen with --nocapture: what was checked, and whether a QR code could be read
    print!("{said}");
}
