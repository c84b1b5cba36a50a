//! Callbacks: <https://developer.phonepe.com/payment-gateway-custom-checkout/custom-api-integration/webhook>. The header is SHA-256 of
//! `username:password`, the same on each call: it covers neither the body nor a time. Who saw one callback can write any other, and
//! can make us ask PhonePe, no more. There is no id of the event: a callback is named by all its bytes, so that none can stand in the
//! place of another.

use domain::Time;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::provider::{Account, Forged, Hint, Received, read, sign};

pub(super) fn read(account: &Account, received: &Received, _: Time) -> Result<Hint, Forged> {
    let username = account.set("webhook_username").ok_or(Forged::NoSecret)?;
    let password = account.set("webhook_password").ok_or(Forged::NoSecret)?;
    let given = received.header("authorization").ok_or(Forged::Signature)?;
    let expected: [u8; 32] = Sha256::digest(format!("{username}:{password}").as_bytes()).into();
    if !sign::is_hex_of(given, &expected) {
        return Err(Forged::Signature);
    }
    let event: Value = serde_json::from_slice(&received.body).map_err(|_| Forged::Malformed)?;
    // `type` is the older one, and on its way out
    let what = read::text(&event, "/event").or_else(|| read::text(&event, "/type")).ok_or(Forged::Malformed)?;
    let names = ["merchantOrderId", "originalMerchantOrderId", "merchantRefundId", "orderId", "refundId"];
    let mut about: Vec<String> =
        names.iter().filter_map(|name| read::id(&event, &format!("/payload/{name}"))).collect();
    about.sort();
    about.dedup();
    Ok(Hint { event_id: sign::digest(&received.body), what, about })
}
