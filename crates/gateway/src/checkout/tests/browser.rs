//! The rendered pages in a real browser. All of them with `LOCKGATE_REQUIRE_ALL=1` (minutes), else those in the language
//! that differs most, on a phone.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::write::{every_page, write_to};

#[path = "../../../../../tests/browser/run.rs"]
mod run;

fn rendered(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("lockgate-pages-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    write_to(&directory, every_page());
    directory
}

#[test]
fn no_page_has_a_fault_a_browser_can_see() {
    if run::can_run() {
        let directory = rendered("states");
        let no_screenshots = OsStr::new("");
        let some = [OsStr::new(".ar."), OsStr::new("phone-dark")];
        let which = if run::all_is_required() { &[][..] } else { &some[..] };
        run::node("states.mjs", &[&[directory.as_os_str(), no_screenshots], which].concat());
        let _ = std::fs::remove_dir_all(directory);
    }
}

#[test]
fn pages_follow_the_payment_and_keep_the_focus() {
    if run::can_run() {
        let directory = rendered("behaviour");
        run::node("behaviour.mjs", &[directory.as_os_str()]);
        let _ = std::fs::remove_dir_all(directory);
    }
}
