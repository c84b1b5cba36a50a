//! Callbacks: <https://www.cashfree.com/docs/api-reference/webhooks/payloads-and-signatures>. Signed are the time, in milliseconds, and
//! the bytes of the body: written anew, `170.00` would be `170`, and the signature wrong.

use domain::Time;
use serde_json::Value;

use crate::provider::{Account, Forged, Hint, Received, read, sign};

pub(super) fn read(account: &Account, received: &Received, now: Time) -> Result<Hint, Forged> {
    let secret = account.set("client_secret").ok_or(Forged::NoSecret)?;
    let time = received.header("x-webhook-timestamp").ok_or(Forged::Signature)?;
    let given = received.header("x-webhook-signature").ok_or(Forged::Signature)?;
    if !sign::is_base64_of(given, &sign::hmac_sha256(secret, &[time.as_bytes(), &received.body])) {
        return Err(Forged::Signature);
    }
    sign::is_recent(Time(time.parse().map_err(|_| Forged::Malformed)?), now)?;
    let event: Value = serde_json::from_slice(&received.body).map_err(|_| Forged::Malformed)?;
    let what = read::text(&event, "/type").ok_or(Forged::Malformed)?;
    // the same for a repetition; not signed, so it only keeps duplicates apart
    let event_id = match received.header("x-idempotency-key").filter(|id| !id.is_empty()) {
        Some(id) => read::cut(id, 100),
        None => sign::digest(&received.body),
    };
    let places = [
        "order/order_id",
        "refund/order_id",
        "refund/refund_id",
        "dispute/order_details/order_id",
        "order_details/order_id",
    ];
    let mut about: Vec<String> = places.iter().filter_map(|at| read::id(&event, &format!("/data/{at}"))).collect();
    about.sort();
    about.dedup();
    Ok(Hint { event_id, what, about })
}
