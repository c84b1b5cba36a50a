//! Keys at rest: Ethereum's JSON keystore, version 3, encrypted by a passphrase.

use super::sign::{GasKey, KeyError};
use alloy_primitives::hex;
use alloy_signer::k256::elliptic_curve::rand_core::OsRng;
use alloy_signer_local::PrivateKeySigner;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Why a key file could not be read or written. Says nothing about the key or the passphrase.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// The file is not there, cannot be read, or is there already when it is to be made.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// Not a keystore, or another passphrase.
    #[error("is no Ethereum keystore (version 3), or the passphrase is another one")]
    NotOpened,
    /// The 64 digits are no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Encrypting failed.
    #[error("the key could not be encrypted")]
    NotSealed,
}

/// Opens an encrypted key. Takes about a tenth of a second or more: slow on purpose.
///
/// # Errors
/// See [`KeystoreError`].
pub fn open(path: &Path, passphrase: &str) -> Result<GasKey, KeystoreError> {
    std::fs::File::open(path)?;
    let signer = PrivateKeySigner::decrypt_keystore(path, passphrase).map_err(|_| KeystoreError::NotOpened)?;
    Ok(GasKey::from(signer))
}

/// Encrypts a key (64 hex digits) into a file that is not there yet and that only its owner may read.
///
/// # Errors
/// See [`KeystoreError`].
pub fn seal(path: &Path, key: &str, passphrase: &str) -> Result<GasKey, KeystoreError> {
    let made = GasKey::from_hex(key)?;
    let bytes = zeroize::Zeroizing::new(hex::decode(key.trim()).map_err(|_| KeyError::NotHex)?);
    let (Some(name), dir) = (path.file_name().and_then(|name| name.to_str()), path.parent()) else {
        return Err(std::io::Error::from(std::io::ErrorKind::InvalidFilename).into());
    };
    // made with its mode first: what follows only fills it
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let dir = dir.filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let sealed = PrivateKeySigner::encrypt_keystore(dir, &mut OsRng, bytes.as_slice(), passphrase, Some(name));
    sealed.map_err(|_| KeystoreError::NotSealed)?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_sealed_opens_with_its_passphrase_only() {
        let dir = std::env::temp_dir().join(format!("lockgate-keystore-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("treasury.json");
        let key = "46".repeat(32);
        let made = seal(&path, &key, "correct horse").unwrap();
        assert_eq!(open(&path, "correct horse").unwrap().address(), made.address());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&key) && text.contains("\"version\":3"));
        assert!(matches!(open(&path, "wrong"), Err(KeystoreError::NotOpened)));
        assert!(matches!(seal(&path, &key, "x"), Err(KeystoreError::File(_))), "a key is never overwritten");
        assert!(matches!(open(&dir.join("none"), "x"), Err(KeystoreError::File(_))));
        let _ = std::fs::remove_dir_all(&dir);
    }
}
