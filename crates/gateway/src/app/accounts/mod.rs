//! People: signing in and what guards it. What they may do at a merchant: `domain::access`.

pub mod guesses;
pub mod known_browser;
pub mod mail_words;
pub mod notices;
pub mod oversight;
pub mod passkey_sign_in;
pub mod passkeys;
pub mod password;
pub mod passwords;
pub mod second_factor;
pub mod sessions;
pub mod sign_in;
pub mod sign_up;
pub mod team;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::App;

/// An address as it is kept and compared. Whoever types it may use capitals.
pub fn lower(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A token for a cookie or a link: 256 random bits as hex digits.
pub fn new_token(app: &App) -> String {
    hex::encode(app.random.token_bytes::<32>())
}

/// As tokens are kept. A plain hash is enough for what has 256 random bits.
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// What only this gateway can say of `text`, as hex digits.
pub fn mac(app: &App, purpose: &str, text: &str) -> String {
    let key = app.master_key.derive(purpose);
    // HMAC takes keys of any length: the error case does not exist
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key.as_ref()) else { return new_token(app) };
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub fn same(one: &str, other: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(one.as_bytes(), other.as_bytes()).into()
}
