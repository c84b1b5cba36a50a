//! Databases on a throwaway PostgreSQL server: for every test when the suite runs under `tests/with-postgres`, and for those that are about
//! PostgreSQL always. The library's own tests use this file too.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The server that the whole suite is to use, if it is to use one.
fn given() -> Option<String> {
    std::env::var("LOCKGATE_TEST_POSTGRES").ok()
}

/// Gives a data directory that is new a database of its own, on the server if the suite runs on one.
pub fn prepare(dir: &Path) {
    let Some(server) = given() else { return };
    let path = dir.join("database.url");
    if !path.exists() {
        std::fs::create_dir_all(dir).unwrap();
        std::fs::write(path, fresh_on(&server)).unwrap();
    }
}

/// The address of a new, empty database. Starts a server of this process's own if the suite has none; `None`, said loudly, when there is no
/// PostgreSQL.
#[allow(clippy::print_stderr, reason = "what is skipped is said loudly")]
pub fn fresh() -> Option<String> {
    static OWN: OnceLock<Option<String>> = OnceLock::new();
    let server = given().or_else(|| OWN.get_or_init(start).clone());
    if server.is_none() {
        assert!(std::env::var_os("LOCKGATE_REQUIRE_ALL").is_none(), "PostgreSQL is missing: .ci/setup installs it");
        eprintln!("SKIPPED: PostgreSQL is missing: .ci/setup installs it");
    }
    Some(fresh_on(&server?))
}

/// A server that ends with this process: its standard input is closed then.
fn start() -> Option<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/with-postgres");
    let mut child =
        Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut address = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut address).ok()?;
    std::mem::forget(child);
    (!address.is_empty()).then(|| address.trim().to_owned())
}

fn fresh_on(server: &str) -> String {
    use std::hash::{BuildHasher, RandomState};
    static MADE: AtomicU32 = AtomicU32::new(0);
    // process ids come again within one run
    let (random, made) = (RandomState::new().hash_one(std::process::id()), MADE.fetch_add(1, Ordering::Relaxed));
    let name = format!("t{random:x}_{made}");
    let made = Command::new("psql").args([server, "-qc", &format!("CREATE DATABASE {name}")]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    server.replace("/postgres?", &format!("/{name}?"))
}
