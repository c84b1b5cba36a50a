//! Callbacks: <https://www.checkout.com/docs/workflows>. No time is signed: a replay is known by the event's id alone.

use domain::Time;
use serde_json::Value;

use crate::provider::{Account, Forged, Hint, Received, read, sign};

pub(super) fn read(account: &Account, received: &Received, _: Time) -> Result<Hint, Forged> {
    let secret = account.set("webhook_key").ok_or(Forged::NoSecret)?;
    let given = received.header("cko-signature").ok_or(Forged::Signature)?;
    if !sign::is_hex_of(given, &sign::hmac_sha256(secret, &[&received.body])) {
        return Err(Forged::Signature);
    }
    let event: Value = serde_json::from_slice(&received.body).map_err(|_| Forged::Malformed)?;
    let event_id = read::id(&event, "/id").ok_or(Forged::Malformed)?;
    let what = read::text(&event, "/type").ok_or(Forged::Malformed)?;
    let about = ["id", "payment_id", "reference", "payment_reference", "metadata/charge", "metadata/refund"];
    let mut about: Vec<String> = about.iter().filter_map(|at| read::id(&event, &format!("/data/{at}"))).collect();
    about.sort();
    about.dedup();
    Ok(Hint { event_id, what, about })
}
