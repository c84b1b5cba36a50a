//! One gateway a data directory.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Held as long as the gateway runs; the system lets go of it however the process ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

/// Takes the directory, or says in words why not.
pub fn take(dir: &Path) -> Result<Lock, String> {
    let path = dir.join("lockgate.lock");
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(format!("{} (stop it first, or use another directory)", dir.display())),
        Err(TryLockError::Error(error)) => Err(format!("{}: {error}", path.display())),
    }
}
