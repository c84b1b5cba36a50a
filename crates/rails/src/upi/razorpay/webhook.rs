//! Callbacks: <https://razorpay.com/docs/webhooks/validate-test>. No time is signed; the event's id comes in a header of its own, which
//! the signature does not cover, so it only keeps duplicates apart.

use domain::Time;
use serde_json::Value;

use crate::provider::{Account, Forged, Hint, Received, read, sign};

pub(super) fn read(account: &Account, received: &Received, _: Time) -> Result<Hint, Forged> {
    let secret = account.set("webhook_secret").ok_or(Forged::NoSecret)?;
    let given = received.header("x-razorpay-signature").ok_or(Forged::Signature)?;
    if !sign::is_hex_of(given, &sign::hmac_sha256(secret, &[&received.body])) {
        return Err(Forged::Signature);
    }
    let event: Value = serde_json::from_slice(&received.body).map_err(|_| Forged::Malformed)?;
    let what = read::text(&event, "/event").ok_or(Forged::Malformed)?;
    let event_id = match received.header("x-razorpay-event-id").filter(|id| !id.is_empty()) {
        Some(id) => read::cut(id, 100),
        None => sign::digest(&received.body),
    };
    let mut about = Vec::new();
    for entity in ["payment", "order", "qr_code", "refund", "dispute"] {
        for at in ["id", "order_id", "payment_id", "receipt", "notes/charge", "notes/refund"] {
            about.extend(read::id(&event, &format!("/payload/{entity}/entity/{at}")));
        }
    }
    about.sort();
    about.dedup();
    Ok(Hint { event_id, what, about })
}
