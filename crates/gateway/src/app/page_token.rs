//! The token in a hosted page's address: opaque, unguessable, and enough to find the invoice without an index of tokens.
//!
//! 32 bytes, base64: a random 128-bit secret, then the merchant's and the invoice's number masked by
//! HMAC-SHA256(page key, secret). The secret is compared with the invoice's row, so a made-up token finds nothing;
//! the mask only keeps payers from reading how many invoices there are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What a token says before it is checked against the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageToken {
    pub merchant_number: i64,
    pub invoice_number: i64,
    pub secret: [u8; 16],
}

fn mask(page_key: &[u8; 32], secret: &[u8; 16]) -> [u8; 16] {
    // HMAC takes keys of any length: the error case does not exist
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(page_key) else { return [0; 16] };
    mac.update(secret);
    let mut mask = [0; 16];
    mask.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    mask
}

impl PageToken {
    pub fn encode(&self, page_key: &[u8; 32]) -> String {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.secret);
        bytes[16..24].copy_from_slice(&self.merchant_number.to_be_bytes());
        bytes[24..].copy_from_slice(&self.invoice_number.to_be_bytes());
        for (byte, mask) in bytes[16..].iter_mut().zip(mask(page_key, &self.secret)) {
            *byte ^= mask;
        }
        STANDARD.encode(bytes)
    }

    /// Reads a token; a `+` that a form decoder turned into a blank is forgiven.
    pub fn decode(text: &str, page_key: &[u8; 32]) -> Option<PageToken> {
        let bytes: [u8; 32] = STANDARD.decode(text.replace(' ', "+")).ok()?.try_into().ok()?;
        let (secret, masked) = bytes.split_at(16);
        let secret: [u8; 16] = secret.try_into().ok()?;
        let mut numbers = mask(page_key, &secret);
        for (byte, masked) in numbers.iter_mut().zip(masked) {
            *byte ^= masked;
        }
        let (merchant, invoice) = numbers.split_at(8);
        Some(PageToken {
            merchant_number: i64::from_be_bytes(merchant.try_into().ok()?),
            invoice_number: i64::from_be_bytes(invoice.try_into().ok()?),
            secret,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_only_under_its_key() {
        let token = PageToken { merchant_number: 1, invoice_number: 1736, secret: [7; 16] };
        let text = token.encode(&[9; 32]);
        assert_eq!(text.len(), 44);
        assert_eq!(PageToken::decode(&text, &[9; 32]), Some(token.clone()));
        assert_eq!(PageToken::decode(&text.replace('+', " "), &[9; 32]), Some(token.clone()));
        assert_ne!(PageToken::decode(&text, &[8; 32]), Some(token));
        for bad in ["", "====", "AAAA", "<script>"] {
            assert_eq!(PageToken::decode(bad, &[9; 32]), None, "{bad}");
        }
    }
}
