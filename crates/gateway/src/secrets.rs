//! API keys, and secrets at rest.

mod seal;

pub use seal::{MasterKey, OpenError, TooLong};

use rand::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A merchant's API key: 128 random bits as 32 lower-case hex digits.
#[derive(Clone)]
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    pub fn generate(random: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0_u8; 16]);
        random.fill_bytes(bytes.as_mut());
        Self(Zeroizing::new(hex::encode(*bytes)))
    }

    /// A key as a caller sent it. Any text may be one: only its hash decides.
    pub fn from_given(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// To be shown once to the merchant, or to sign with.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The form in which keys are looked up. A plain hash is enough for a key with 128 random bits.
    pub fn hash(&self) -> ApiKeyHash {
        ApiKeyHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// The first four digits, for the merchant to tell keys apart.
    pub fn hint(&self) -> String {
        self.0.chars().take(4).collect()
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// SHA-256 of an API key. It has no `==`: comparisons go through [`ApiKeyHash::matches`].
#[derive(Debug, Clone, Copy)]
pub struct ApiKeyHash([u8; 32]);

impl ApiKeyHash {
    /// As stored: 64 hex digits.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }

    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok().map(|()| Self(bytes))
    }

    /// Compares in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn keys() {
        let mut random = Random::seeded(1);
        let (key, other) = (ApiKey::generate(&mut random), ApiKey::generate(&mut random));
        assert_eq!(key.expose().len(), 32);
        assert!(key.expose().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
        assert!(key.hash().matches(&ApiKey::from_given(key.expose()).hash()));
        assert!(!key.hash().matches(&other.hash()));
        let stored = ApiKeyHash::from_hex(&key.hash().to_hex()).expect("hex");
        assert!(stored.matches(&key.hash()));
        assert!(ApiKeyHash::from_hex("00").is_none() && ApiKeyHash::from_hex(&"x".repeat(64)).is_none());
        assert_eq!(format!("{key:?}"), "ApiKey(…)");
        assert_eq!(key.hint(), key.expose()[..4]);
    }

    #[test]
    fn the_hash_is_plain_sha256() {
        let hash = ApiKey::from_given("abc").hash().to_hex();
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
