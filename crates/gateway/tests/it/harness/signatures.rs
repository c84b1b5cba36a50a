//! Both signatures of a callback, checked without the program's own code.

use base64::Engine as _;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use standardwebhooks::Webhook;

pub fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Fails unless the body is signed as the contract's `X-Signature` says and as Standard Webhooks say.
pub fn assert_signed<'a>(api_key: &str, webhook_secret: &str, body: &str, header: impl Fn(&str) -> &'a str) {
    assert_eq!(header("x-signature"), hex::encode(hmac(api_key.as_bytes(), body.as_bytes())), "{body}");

    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
    let signed = Webhook::new(webhook_secret).unwrap().sign(id, timestamp.parse().unwrap(), body.as_bytes());
    assert_eq!(header("webhook-signature"), signed.unwrap(), "{body}");

    let secret = base64::engine::general_purpose::STANDARD.decode(webhook_secret.strip_prefix("whsec_").unwrap());
    let by_hand = hmac(&secret.unwrap(), format!("{id}.{timestamp}.{body}").as_bytes());
    let by_hand = base64::engine::general_purpose::STANDARD.encode(by_hand);
    assert_eq!(header("webhook-signature"), format!("v1,{by_hand}"));
}
