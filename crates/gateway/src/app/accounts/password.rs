//! Passwords: which are taken, and Argon2id over them, beside the requests and never too many at once.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::aside::Aside;
use crate::random::Random;

pub const MIN_CHARS: usize = 10;
/// Longer ones are refused rather than cut.
pub const MAX_CHARS: usize = 200;

/// Each takes 19 MiB for some 20 ms (the parameters of OWASP's cheat sheet, which are the library's own).
static WORK: Aside = Aside::new(2, 64);

/// Compared with when there is no account, so that the answer takes as long. It is nobody's hash.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Too many passwords are being looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    TooShort,
    TooLong,
    /// Few different characters, or the e-mail address again.
    TooPlain,
}

/// Whether it may be a password of this address.
///
/// # Errors
/// Says why not. There are no rules about kinds of characters: length is what counts.
pub fn check(password: &str, email: &str) -> Result<(), Weak> {
    let count = password.chars().count();
    if count < MIN_CHARS {
        return Err(Weak::TooShort);
    }
    if count > MAX_CHARS {
        return Err(Weak::TooLong);
    }
    let mut different: Vec<char> = password.to_lowercase().chars().collect();
    different.sort_unstable();
    different.dedup();
    let lower = password.to_lowercase();
    let name = email.split('@').next().unwrap_or_default();
    if different.len() < 5 || lower == email || lower.trim_matches(|c: char| !c.is_alphabetic()) == name {
        return Err(Weak::TooPlain);
    }
    Ok(())
}

static ARGON2: LazyLock<Argon2<'static>> =
    LazyLock::new(|| Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default()));

/// The PHC form of a password.
pub async fn hash(random: &Random, password: Zeroizing<String>) -> Result<String, Busy> {
    let salt = random.token_bytes::<16>();
    aside(move || hashed(&ARGON2, &salt, &password)).await?.ok_or(Busy)
}

/// As [`hash`], for a password that everybody may know: next to no work, for the sandbox's start.
pub fn hash_of_no_secret(random: &Random, password: &str) -> Option<String> {
    let params = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, 1, None).ok()?;
    hashed(&Argon2::new(Algorithm::Argon2id, Version::V0x13, params), &random.token_bytes::<16>(), password)
}

fn hashed(argon2: &Argon2<'_>, salt: &[u8; 16], password: &str) -> Option<String> {
    let salt = SaltString::encode_b64(salt).ok()?;
    Some(argon2.hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

/// Whether it is the password of this hash. Without a hash it is not, and takes as long.
pub async fn is_right(password: Zeroizing<String>, hash: Option<String>) -> Result<bool, Busy> {
    aside(move || {
        let there = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let right =
            PasswordHash::new(&hash).is_ok_and(|hash| ARGON2.verify_password(password.as_bytes(), &hash).is_ok());
        right && there
    })
    .await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
    WORK.run(work).await.map_err(|_| Busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_are_argon2id_salted_and_compared() {
        let (random, secret) = (Random::seeded(1), |text: &str| Zeroizing::new(text.to_owned()));
        let one = hash(&random, secret("correct horse")).await.unwrap();
        let two = hash(&random, secret("correct horse")).await.unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one != two, "{one}");
        assert_eq!(is_right(secret("correct horse"), Some(one.clone())).await, Ok(true));
        assert_eq!(is_right(secret("correct horsf"), Some(one)).await, Ok(false));
        assert!(PasswordHash::new(NOBODY).is_ok(), "otherwise nothing would be computed");
        for hash in [None, Some(String::new()), Some(NOBODY.to_owned())] {
            assert_eq!(is_right(secret("correct horse"), hash).await, Ok(false));
        }
        let cheap = hash_of_no_secret(&random, "sandbox").unwrap();
        assert_eq!(is_right(secret("sandbox"), Some(cheap)).await, Ok(true));
    }

    #[test]
    fn which_passwords_are_taken() {
        let cases = [
            ("short", Err(Weak::TooShort)),
            ("long enough it is", Ok(())),
            ("aaaaaaaaaaaaaa", Err(Weak::TooPlain)),
            ("abababababcc", Err(Weak::TooPlain)),
            ("Somebody@shop.example", Err(Weak::TooPlain)),
            ("somebody1234", Err(Weak::TooPlain)),
            ("पासवर्ड लंबा है", Ok(())),
        ];
        for (password, expected) in cases {
            assert_eq!(check(password, "somebody@shop.example"), expected, "{password}");
        }
        assert_eq!(check(&"abcde".repeat(41), "a@b.example"), Err(Weak::TooLong));
    }
}
