//! One gateway a data directory.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Held as long as the gateway runs; the system lets go of it however the process ends.
#[derive(Debug)]
pub struct Lock {
    #[expect(dead_code, reason = "held, not read")]
    file: File,
    /// Whose directory this is among the nodes on one database: made once, kept over restarts.
    pub node: String,
    name_file: PathBuf,
}

impl Lock {
    /// Another process works under the directory's name: it was copied. From now on it has one of its own.
    pub fn rename(&mut self) -> Result<(), String> {
        self.node = new_name(&self.name_file)?;
        Ok(())
    }
}

/// Takes the directory, or says in words why not.
pub fn take(dir: &Path) -> Result<Lock, String> {
    let path = dir.join("lockgate.lock");
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {
            let name_file = dir.join("node");
            Ok(Lock { file, node: node(&name_file)?, name_file })
        }
        Err(TryLockError::WouldBlock) => {
            Err(format!("another gateway works on {} (stop it first, or use another directory)", dir.display()))
        }
        Err(TryLockError::Error(error)) => Err(format!("{}: {error}", path.display())),
    }
}

fn node(path: &Path) -> Result<String, String> {
    match std::fs::read_to_string(path) {
        Ok(known) if !known.trim().is_empty() => Ok(known.trim().to_owned()),
        _ => new_name(path),
    }
}

fn new_name(path: &Path) -> Result<String, String> {
    let new = hex::encode(crate::random::Random::system().token_bytes::<8>());
    std::fs::write(path, &new).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(new)
}
