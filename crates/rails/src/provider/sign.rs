//! What providers sign their callbacks with, and make their logins from.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Time;
use domain::time::SECOND;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Forged;

/// How far a signed time may lie from ours, both ways: seconds. Stripe's own libraries use the same.
pub const TOLERANCE: i64 = 300;

/// HMAC-SHA256 (RFC 2104) over the parts, one after the other.
pub fn hmac_sha256(secret: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac: Hmac<Sha256> = match Mac::new_from_slice(secret.as_bytes()) {
        Ok(mac) => mac,
        // HMAC takes keys of any length
        Err(_) => return [0; 32],
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether `given` is `expected` in hexadecimal; takes the same time wherever they differ.
pub fn is_hex_of(given: &str, expected: &[u8; 32]) -> bool {
    hex::decode(given).is_ok_and(|given| given.ct_eq(expected).into())
}

/// Whether `given` is `expected` in base64; takes the same time wherever they differ.
pub fn is_base64_of(given: &str, expected: &[u8; 32]) -> bool {
    STANDARD.decode(given).is_ok_and(|given| given.ct_eq(expected).into())
}

/// Whether a signed time, milliseconds since 1970, is about now.
///
/// # Errors
/// [`Forged::Old`] when it is further than [`TOLERANCE`] away, in either direction.
pub fn is_recent(signed_at: Time, now: Time) -> Result<(), Forged> {
    match now.since(signed_at).unsigned_abs() <= (TOLERANCE * SECOND).unsigned_abs() {
        true => Ok(()),
        false => Err(Forged::Old),
    }
}

/// `Basic …` of RFC 7617.
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// A name for bytes: SHA-256 in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A UUID (RFC 9562, version 8) that is always the same for a text: for providers whose idempotency keys must be UUIDs.
pub fn uuid_of(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut bytes: [u8; 16] = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // RFC 4231, test case 2
        let expected = hmac_sha256("Jefe", &[b"what do ya want ", b"for nothing?"]);
        let hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_hex_of(hex, &expected));
        assert!(is_base64_of("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=", &expected));
        for wrong in ["", "5b", &hex.replace('5', "6"), &format!("{hex}00"), "zz"] {
            assert!(!is_hex_of(wrong, &expected), "{wrong}");
            assert!(!is_base64_of(wrong, &expected), "{wrong}");
        }
    }

    #[test]
    fn times_far_off_are_refused_both_ways() {
        let now = Time(1_750_000_000_000);
        for (seconds, expected) in
            [(0, Ok(())), (300, Ok(())), (-300, Ok(())), (301, Err(Forged::Old)), (-301, Err(Forged::Old))]
        {
            assert_eq!(is_recent(now.plus(seconds * SECOND), now), expected, "{seconds}");
        }
        assert_eq!(is_recent(Time(i64::MIN), now), Err(Forged::Old));
        assert_eq!(is_recent(Time(i64::MAX), now), Err(Forged::Old));
    }

    #[test]
    fn a_text_has_one_uuid() {
        let uuid = uuid_of("chg_01");
        assert_eq!(uuid, uuid_of("chg_01"));
        assert_ne!(uuid, uuid_of("chg_02"));
        assert_eq!((uuid.len(), uuid.as_bytes()[14]), (36, b'8'));
    }
}
