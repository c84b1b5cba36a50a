//! The header `Idempotency-Key`: what it may be, and what makes two requests the same (docs/decisions/0001).

use super::card_numbers::CardNumbers;
use super::params::{BodyError, Params};
use sha2::{Digest, Sha256};

/// New clients send it; the answer to a repeat is the first answer.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

const MAX_BYTES: usize = 255;

/// The header's value. It is stored, so it must not hold a card number.
pub fn key(given: &[u8]) -> Result<String, BodyError> {
    let text = std::str::from_utf8(given).map_err(|_| BodyError::IdempotencyKey)?;
    let is_visible = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    if text.is_empty() || text.len() > MAX_BYTES || !is_visible || domain::card::contains_number(text) {
        return Err(BodyError::IdempotencyKey);
    }
    Ok(text.to_owned())
}

/// The same parameters in the same order, however they were encoded: a multipart boundary differs from one repeat to the next.
///
/// It is stored, and whoever has a hash of a card number can try all numbers. So numbers count with their last four digits only,
/// and the security code not at all: the same order with another card ending alike gets the first answer again.
pub fn request_hash(params: &Params) -> String {
    let numbers = CardNumbers::of(params);
    let mut hasher = Sha256::new();
    for (name, value) in params.iter().filter(|(name, _)| *name != "card_ccv") {
        for field in [name, value.json().or_else(|| value.text()).unwrap_or_default()] {
            let field = numbers.mask(field);
            hasher.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(field);
        }
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::params::decode;

    #[test]
    fn keys() {
        for (given, good) in [
            ("order 1".as_bytes(), true),
            (b"1732100000000000", true),
            (&[b'k'; 255], true),
            (b"", false),
            (&[b'k'; 256], false),
            ("clé".as_bytes(), false),
            (b"a\nb", false),
            (b"4242424242424242", false),
            (b"order-4242 4242 4242 4242", false),
        ] {
            let expected =
                if good { Ok(String::from_utf8_lossy(given).into_owned()) } else { Err(BodyError::IdempotencyKey) };
            assert_eq!(key(given), expected, "{given:?}");
        }
    }

    #[test]
    fn requests_are_the_same_or_not() {
        let hash = |body: &str| request_hash(&decode(Some("application/json"), body.as_bytes()).unwrap());
        let first = hash(r#"{"a":"1","card_number":"4242424242424242","card_ccv":"123"}"#);
        for (body, same) in [
            (r#"{"a":"1","card_number":"4242424242424242","card_ccv":"123"}"#, true),
            (r#"{"a":"1","card_number":"4242424242424242","card_ccv":"999"}"#, true),
            (r#"{"a":"1","card_number":"4000000000000002","card_ccv":"123"}"#, false),
            (r#"{"a":"2","card_number":"4242424242424242","card_ccv":"123"}"#, false),
            (r#"{"card_number":"4242424242424242","a":"1","card_ccv":"123"}"#, false),
        ] {
            assert_eq!(hash(body) == first, same, "{body}");
        }
        // as it was before cards: rows that are there stay good
        let plain = hex::encode(Sha256::digest(b"\0\0\0\0\0\0\0\x01a\0\0\0\0\0\0\0\x03\"1\""));
        assert_eq!(hash(r#"{"a":"1"}"#), plain);
    }
}
