//! One gateway a data directory.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Held as long as the gateway runs; the system lets go of it however the process ends.
#[derive(Debug)]
pub struct Lock {
    #[expect(dead_code, reason = "held, not read")]
    file: File,
    /// Whose directory this is among the nodes on one database: made once, kept over restarts.
    pub node: String,
}

/// Takes the directory, or says in words why not.
pub fn take(dir: &Path) -> Result<Lock, String> {
    let path = dir.join("lockgate.lock");
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { file, node: node(dir)? }),
        Err(TryLockError::WouldBlock) => {
            Err(format!("another gateway works on {} (stop it first, or use another directory)", dir.display()))
        }
        Err(TryLockError::Error(error)) => Err(format!("{}: {error}", path.display())),
    }
}

fn node(dir: &Path) -> Result<String, String> {
    let path = dir.join("node");
    if let Ok(known) = std::fs::read_to_string(&path)
        && !known.trim().is_empty()
    {
        return Ok(known.trim().to_owned());
    }
    let new = hex::encode(crate::random::Random::system().token_bytes::<8>());
    std::fs::write(&path, &new).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(new)
}
