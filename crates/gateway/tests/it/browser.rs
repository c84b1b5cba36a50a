//! The pages in a real browser, served by the real binary.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

#[path = "../../../../tests/browser/run.rs"]
pub mod run;

struct Sandbox {
    process: Child,
    /// Held open: a closed one would fail the announcement's last lines.
    _stdout: BufReader<ChildStdout>,
    directory: PathBuf,
}

impl Sandbox {
    /// A new one on a free port, serving.
    fn start(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("lockgate-browser-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        let mut process = Command::new(env!("CARGO_BIN_EXE_lockgate"))
            .args(["sandbox", "--listen", "127.0.0.1:0", "--data"])
            .arg(&directory)
            .env("LOCKGATE_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // its first line comes when sandbox.json is written and the port is open
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        assert!(line.contains("serves at"), "{line}");
        Self { process, _stdout: stdout, directory }
    }

    fn file(&self) -> PathBuf {
        self.directory.join("sandbox.json")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Where screenshots go: `artifacts/browser` of the repository, which is not kept in it.
fn screenshots(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/browser").join(name)
}

#[test]
fn a_payer_finds_the_way() {
    if run::can_run() {
        let sandbox = Sandbox::start("checkout");
        run::node("checkout.mjs", &[sandbox.file().as_os_str(), screenshots("checkout").as_os_str()]);
    }
}

#[test]
fn the_sandboxs_control_room_works() {
    if run::can_run() {
        let sandbox = Sandbox::start("controls");
        run::node("sandbox.mjs", &[sandbox.file().as_os_str(), screenshots("sandbox").as_os_str()]);
    }
}

#[test]
fn a_payer_pays_by_card_and_by_upi() {
    if run::can_run() {
        let sandbox = Sandbox::start("payments");
        run::node("payments.mjs", &[sandbox.file().as_os_str(), screenshots("payments").as_os_str()]);
    }
}

#[test]
fn the_dashboards_pages() {
    if run::can_run() {
        let sandbox = Sandbox::start("dashboard");
        let (file, shots) = (sandbox.file(), screenshots("dashboard"));
        let all = [file.as_os_str(), shots.as_os_str()];
        // pictures of some four hundred pages are taken for who asks for them
        let is_asked = std::env::var_os("LOCKGATE_SCREENSHOTS").is_some();
        run::node("dashboard.mjs", if is_asked { &all } else { &all[..1] });
    }
}

#[test]
fn a_merchant_goes_live_and_an_operator_has_his_day() {
    if run::can_run() {
        let sandbox = Sandbox::start("going-live");
        run::node("going-live.mjs", &[sandbox.file().as_os_str(), screenshots("going-live").as_os_str()]);
    }
}

#[test]
fn ways_about_the_dashboard() {
    if run::can_run() {
        let sandbox = Sandbox::start("ways");
        run::node("ways.mjs", &[sandbox.file().as_os_str(), screenshots("ways").as_os_str()]);
    }
}
