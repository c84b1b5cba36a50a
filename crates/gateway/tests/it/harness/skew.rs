//! A process whose clock is wrong, by Debian's `libfaketime`: the time of day only, what a program waits for goes on as it should.

use std::process::Command;

/// Sets the clock that a program sees off by so many seconds; says whether it will be.
pub fn set_off(command: &mut Command, seconds: i64) -> bool {
    if seconds == 0 {
        return false;
    }
    let found = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let found = found.map(|dir| dir.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    let Some(library) = found else {
        let what = "libfaketime is missing: .ci/setup installs it";
        assert!(std::env::var_os("LOCKGATE_REQUIRE_ALL").is_none(), "{what}");
        eprintln!("SKIPPED: the clocks of nodes agree, {what}");
        return false;
    };
    command.env("LD_PRELOAD", library).env("FAKETIME", format!("{seconds:+}")).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    true
}
