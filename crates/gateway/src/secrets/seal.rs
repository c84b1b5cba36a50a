//! Sealing of secrets at rest: XChaCha20-Poly1305 under one master key, bound to the row that holds them.

use crate::random::Random;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const NONCE_BYTES: usize = 24;

/// The 32-byte key that seals all others. A sealed text reads `<key id>:<base64 of nonce and ciphertext>`.
#[derive(Clone)]
pub struct MasterKey {
    id: String,
    key: Zeroizing<[u8; 32]>,
}

/// Why a sealed secret could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("sealed with master key {sealed_with}, but the configured master key is {configured}")]
    OtherKey { sealed_with: String, configured: String },
    #[error("the sealed secret was altered, or copied from another row")]
    Altered,
    #[error("this is not a sealed secret")]
    NotSealed,
}

/// The secret has more than 256 GB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is too long to be sealed")]
pub struct TooLong;

impl MasterKey {
    pub fn new(key: [u8; 32]) -> Self {
        // Derived from the key, so a wrong key is named as such instead of looking like damage.
        let id = Sha256::new().chain_update(b"lockgate master key id\0").chain_update(key).finalize();
        Self { id: hex::encode(&id[..4]), key: Zeroizing::new(key) }
    }

    /// From 64 hex digits; blanks around them are dropped, since key files end in a line end.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), key.as_mut()).ok().map(|()| Self::new(*key))
    }

    /// Eight hex digits that name the key and do not give it away.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals a secret for one row; opened for any other row it fails.
    pub fn seal(&self, random: &Random, row_id: &str, secret: &[u8]) -> Result<String, TooLong> {
        let nonce: [u8; NONCE_BYTES] = random.token_bytes();
        let payload = Payload { msg: secret, aad: row_id.as_bytes() };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| TooLong)?;
        Ok(format!("{}:{}", self.id, BASE64.encode([&nonce[..], &sealed].concat())))
    }

    /// Opens what [`MasterKey::seal`] made for the same row.
    pub fn open(&self, row_id: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (id, text) = sealed.split_once(':').ok_or(OpenError::NotSealed)?;
        if id != self.id {
            return Err(OpenError::OtherKey { sealed_with: id.to_owned(), configured: self.id.clone() });
        }
        let bytes = BASE64.decode(text).map_err(|_| OpenError::NotSealed)?;
        let (nonce, msg) = bytes.split_at_checked(NONCE_BYTES).ok_or(OpenError::NotSealed)?;
        let payload = Payload { msg, aad: row_id.as_bytes() };
        let secret = self.cipher().decrypt(XNonce::from_slice(nonce), payload).map_err(|_| OpenError::Altered)?;
        Ok(Zeroizing::new(secret))
    }

    /// A key of its own for one purpose: HMAC-SHA256(master key, purpose). Whoever keeps the master key can make it again.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        // HMAC takes keys of any length: the error case does not exist
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(self.key.as_ref()) else {
            return Zeroizing::new([0; 32]);
        };
        mac.update(purpose.as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_for_its_row_only() {
        let (key, random) = (MasterKey::new([1; 32]), Random::seeded(1));
        let sealed = key.seal(&random, "key_1", b"secret").expect("sealed");
        assert!(sealed.starts_with(&format!("{}:", key.id())) && !sealed.contains("secret"));
        assert_eq!(key.open("key_1", &sealed).expect("open").as_slice(), b"secret");
        assert_eq!(key.open("key_2", &sealed), Err(OpenError::Altered));
        assert_ne!(key.seal(&random, "key_1", b"secret").expect("sealed"), sealed, "a nonce is used once");
    }

    #[test]
    fn a_wrong_key_is_named() {
        let (key, other) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        let sealed = key.seal(&Random::seeded(1), "key_1", b"secret").expect("sealed");
        let error = other.open("key_1", &sealed).expect_err("other key");
        let expected = format!("sealed with master key {}, but the configured master key is {}", key.id(), other.id());
        assert_eq!(error.to_string(), expected);
        // The id is no proof: a text relabelled for another key does not open either.
        let relabelled = sealed.replace(key.id(), other.id());
        assert_eq!(other.open("key_1", &relabelled), Err(OpenError::Altered));
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let key = MasterKey::new([1; 32]);
        let sealed = key.seal(&Random::seeded(1), "key_1", b"secret").expect("sealed");
        let (id, text) = sealed.split_once(':').expect("form");
        let bytes = BASE64.decode(text).expect("base64");
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let altered = format!("{id}:{}", BASE64.encode(altered));
            assert_eq!(key.open("key_1", &altered), Err(OpenError::Altered), "byte {at}");
        }
        for bad in ["", "secret", &format!("{id}:"), &format!("{id}:AAAA"), &format!("{id}:!")] {
            assert_eq!(key.open("key_1", bad), Err(OpenError::NotSealed), "{bad}");
        }
    }

    #[test]
    fn master_keys_from_a_file() {
        let text = format!("{}\n", "01".repeat(32));
        assert_eq!(MasterKey::from_hex(&text).expect("hex").id(), MasterKey::new([1; 32]).id());
        assert!(MasterKey::from_hex("01").is_none());
        assert!(!format!("{:?}", MasterKey::new([1; 32])).contains("0101"));
    }
}
