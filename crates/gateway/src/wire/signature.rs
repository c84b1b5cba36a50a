//! Signatures of callbacks: the contract's `X-Signature` and the three headers of Standard Webhooks, sent side by side.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The header of the contract's own signature.
pub const X_SIGNATURE: &str = "X-Signature";

/// How `X-Signature` is made, a setting of the merchant. The documentation names the header and nothing else, so the day its
/// rule is found it becomes a second variant here, and merchants who rely on ours keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// Lower-case hex of HMAC-SHA256 over the raw body; the key is the text of the merchant's API key.
    #[default]
    HmacSha256Hex,
}

impl Scheme {
    /// As stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::HmacSha256Hex => "hmac-sha256-hex",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::HmacSha256Hex].into_iter().find(|scheme| scheme.word() == word)
    }
}

/// The value of `X-Signature`.
pub fn x_signature(scheme: Scheme, secret: &[u8], body: &[u8]) -> String {
    match scheme {
        Scheme::HmacSha256Hex => hex::encode(hmac_sha256(secret, &[body])),
    }
}

/// Whether `given` is the `X-Signature` of the body, compared in constant time.
pub fn verify_x_signature(scheme: Scheme, secret: &[u8], body: &[u8], given: &str) -> bool {
    x_signature(scheme, secret, body).as_bytes().ct_eq(given.as_bytes()).into()
}

/// The secret of Standard Webhooks, written `whsec_<base64>`.
#[derive(Clone)]
pub struct WebhookSecret(Zeroizing<Vec<u8>>);

impl WebhookSecret {
    /// From random bytes; the standard asks for 24 to 64 of them.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// From `whsec_<base64>`; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        BASE64.decode(text.strip_prefix("whsec_")?).ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// As shown to the merchant.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("whsec_{}", BASE64.encode(&self.0)))
    }

    /// The value of `webhook-signature` for the `webhook-id`, the `webhook-timestamp` (seconds since 1970) and the raw body.
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let head = format!("{id}.{timestamp_s}.");
        format!("v1,{}", BASE64.encode(hmac_sha256(&self.0, &[head.as_bytes(), body])))
    }

    /// Whether one of the blank-separated signatures in `given` is right, each compared in constant time.
    /// The age of the timestamp is the caller's to judge.
    pub fn verify(&self, id: &str, timestamp_s: i64, body: &[u8], given: &str) -> bool {
        let right = self.sign(id, timestamp_s, body);
        given.split(' ').any(|one| one.as_bytes().ct_eq(right.as_bytes()).into())
    }
}

/// The three headers of Standard Webhooks, with one signature for each secret: a receiver that has any of them can check.
pub fn standard_headers(
    secrets: &[WebhookSecret],
    id: &str,
    timestamp_s: i64,
    body: &[u8],
) -> [(&'static str, String); 3] {
    let signatures: Vec<String> = secrets.iter().map(|secret| secret.sign(id, timestamp_s, body)).collect();
    [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp_s.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ]
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length; a longer one than a block is hashed first, as the standard says.
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&<Sha256 as sha2::Digest>::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"status":"payment:failed","id":51,"devise":"EUR","amount":1.5,"description":"An error occurred","merchant_data":null,"failed_reason":"Card declined by the issuer"}"#;
    const SIGNATURE: &str = "327a1df8650ddbf4b6870adbe38c99d6bf9e8a41fb1809d4950b4606d998d861";

    #[test]
    fn the_second_worked_example() {
        let scheme = Scheme::default();
        assert_eq!(BODY.len(), 164);
        assert_eq!(x_signature(scheme, b"0d8d8e89a6cdcd", BODY), SIGNATURE);
        assert!(verify_x_signature(scheme, b"0d8d8e89a6cdcd", BODY, SIGNATURE));
        assert!(!verify_x_signature(scheme, b"0d8d8e89a6cdce", BODY, SIGNATURE));
        assert!(!verify_x_signature(scheme, b"0d8d8e89a6cdcd", BODY, &SIGNATURE[..63]));
        assert_eq!(Scheme::from_word(scheme.word()), Some(scheme));
        assert_eq!(Scheme::from_word("none"), None);
    }

    #[test]
    fn keys_longer_than_a_block() {
        // RFC 4231, test case 6.
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        let body = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(x_signature(Scheme::default(), &[0xaa; 131], body), expected);
    }

    #[test]
    fn standard_webhooks_agree_with_their_own_library() {
        let secret = WebhookSecret::from_bytes(&[7; 24]);
        let theirs = standardwebhooks::Webhook::new(&secret.to_text()).expect("secret");
        let ours = secret.sign("evt_1", 1_700_000_000, BODY);
        assert_eq!(ours, theirs.sign("evt_1", 1_700_000_000, BODY).expect("signature"));
        let headers = standard_headers(std::slice::from_ref(&secret), "evt_1", 1_700_000_000, BODY);
        let names_and_values = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let expected =
            [("webhook-id", "evt_1"), ("webhook-timestamp", "1700000000"), ("webhook-signature", ours.as_str())];
        assert_eq!(names_and_values, expected);
        let two = [WebhookSecret::from_bytes(&[8; 24]), secret.clone()];
        let both = &standard_headers(&two, "evt_1", 1_700_000_000, BODY)[2].1;
        assert!(two.iter().all(|secret| secret.verify("evt_1", 1_700_000_000, BODY, both)) && both.ends_with(&ours));
        assert!(secret.verify("evt_1", 1_700_000_000, BODY, &format!("v1,AAAA {ours}")));
        assert!(!secret.verify("evt_2", 1_700_000_000, BODY, &ours));
        assert!(!secret.verify("evt_1", 1_700_000_001, BODY, &ours));
        assert!(!secret.verify("evt_1", 1_700_000_000, b"", &ours));
        let read_back = WebhookSecret::from_text(&secret.to_text()).expect("text");
        assert_eq!(read_back.sign("evt_1", 1, BODY), secret.sign("evt_1", 1, BODY));
        assert!(WebhookSecret::from_text("nothing").is_none() && WebhookSecret::from_text("whsec_!").is_none());
        assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
    }
}
