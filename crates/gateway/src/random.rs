//! The only place with unseeded randomness.

use rand::rngs::OsRng;
use rand::{CryptoRng, RngCore, SeedableRng, TryRngCore};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use ulid::Ulid;

/// A source of randomness. Clones draw from the same stream.
#[derive(Clone)]
pub struct Random(Source);

#[derive(Clone)]
enum Source {
    /// The operating system's generator, asked each time: a generator of our own would repeat itself in a cloned machine.
    System,
    Seeded {
        seed: [u8; 32],
        stream: Arc<Mutex<ChaCha20Rng>>,
    },
}

/// Without the seed: a sandbox's keys could be drawn again from it.
impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Random(system)",
            Source::Seeded { .. } => "Random(seeded)",
        })
    }
}

impl Random {
    /// For everything real. Drawing panics if the operating system has no randomness to give: no secret is better than a weak one.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// For sandboxes and tests: the same seed gives the same stream on every machine. Never for secrets that guard money.
    pub fn seeded(seed: u64) -> Self {
        Self::from_seed(Sha256::digest(seed.to_le_bytes()).into())
    }

    fn from_seed(seed: [u8; 32]) -> Self {
        Self(Source::Seeded { seed, stream: Arc::new(Mutex::new(ChaCha20Rng::from_seed(seed))) })
    }

    /// A stream of its own for one purpose, so that drawing more for another does not shift it. The same purpose of the same seed
    /// always starts the same stream.
    pub fn for_purpose(&self, purpose: &str) -> Self {
        match &self.0 {
            Source::System => Self::system(),
            Source::Seeded { seed, .. } => {
                Self::from_seed(Sha256::new().chain_update(seed).chain_update(purpose).finalize().into())
            }
        }
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            Source::System => OsRng.unwrap_err().fill_bytes(bytes),
            Source::Seeded { stream, .. } => {
                stream.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
            }
        }
    }

    pub fn token_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Sorts by time, to the millisecond. Times before 1970 count as 1970.
    pub fn ulid(&self, now_ms: i64) -> Ulid {
        let random = u128::from_le_bytes(self.token_bytes());
        Ulid::from_parts(u64::try_from(now_ms).unwrap_or(0), random)
    }

    /// An id such as `inv_01H…`.
    pub fn id(&self, prefix: &str, now_ms: i64) -> String {
        format!("{prefix}_{}", self.ulid(now_ms))
    }
}

/// For libraries that take a generator.
impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.token_bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.token_bytes())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.fill(bytes);
    }
}

impl CryptoRng for Random {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_stream() {
        let (a, b) = (Random::seeded(1), Random::seeded(1));
        assert_eq!(a.token_bytes::<32>(), b.token_bytes::<32>());
        assert_ne!(a.token_bytes::<32>(), a.token_bytes::<32>());
        assert_ne!(Random::seeded(1).token_bytes::<32>(), Random::seeded(2).token_bytes::<32>());
        assert_ne!(Random::system().token_bytes::<32>(), Random::system().token_bytes::<32>());
    }

    #[test]
    fn purposes_do_not_disturb_each_other() {
        let random = Random::seeded(1);
        let first = random.for_purpose("ids").token_bytes::<16>();
        random.token_bytes::<16>();
        assert_eq!(random.for_purpose("ids").token_bytes::<16>(), first);
        assert_ne!(random.for_purpose("tokens").token_bytes::<16>(), first);
    }

    #[test]
    fn ulids_carry_the_time() {
        let random = Random::seeded(1);
        let (early, late) = (random.ulid(1_700_000_000_000), random.ulid(1_700_000_000_001));
        assert_eq!(early.timestamp_ms(), 1_700_000_000_000);
        assert!(early.to_string() < late.to_string());
        assert_eq!(random.ulid(-1).timestamp_ms(), 0);
        let id = random.id("inv", 1_700_000_000_000);
        assert!(id.starts_with("inv_01HF7YAT0") && id.len() == 30, "{id}");
    }

    #[test]
    fn clones_share_the_stream_across_threads() {
        let random = Random::seeded(7);
        let expected: Vec<[u8; 8]> = (0..2).map(|_| random.token_bytes()).collect();
        let random = Random::seeded(7);
        let clone = random.clone();
        let first = std::thread::spawn(move || clone.token_bytes::<8>()).join().expect("thread");
        assert_eq!([first, random.token_bytes()], *expected);
    }
}
