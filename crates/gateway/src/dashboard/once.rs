//! Forms that are decided once: sent twice, by a second click or a page that was loaded again, a form is one wish.

use sha2::{Digest, Sha256};

use super::ask::Ask;
use crate::app::App;

/// The field that tells one form from the next.
const FIELD: &str = "once";

/// What a form that is shown now is known by.
pub fn fresh(app: &App) -> String {
    hex::encode(app.random.token_bytes::<16>())
}

/// What the form that was sent is known by; `None` where it is none of ours.
pub fn of(ask: &Ask) -> Option<&str> {
    let once = ask.form.text(FIELD);
    (once.len() == 32 && once.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(once)
}

/// The idempotency key of the form that was sent, and a hash of what decides it. Other values are another wish, also from a page that
/// somebody went back to. They are kept as a hash: no card number may be among them. `None` where the form is none of ours.
pub fn key(ask: &Ask, values: &[&str]) -> Option<(String, String)> {
    let (once, mut hasher) = (of(ask)?, Sha256::new());
    for value in values {
        hasher.update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(value);
    }
    let hash = hex::encode(hasher.finalize());
    Some((format!("form {once} {hash}"), hash))
}
