//! Webhooks: what is told of a payment, signed when it is posted.

use domain::Time;
use domain::time::{MINUTE, SECOND};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use super::record::Payment;
use super::{Settings, names};

/// `t=<seconds>,v1=<hex of HMAC-SHA256 over "<seconds>.<body>">`
pub const SIGNATURE_HEADER: &str = "acquirer-signature";

/// Pauses between tries; after the last one it is given up.
const PAUSES: [i64; 6] = [2 * SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, 60 * MINUTE, 360 * MINUTE];

/// A webhook that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its place among the payment's webhooks.
    pub nth: u32,
    /// The same for a duplicate.
    pub event_id: String,
    pub what: String,
    pub happened_at: Time,
    /// When it is due.
    pub at: Time,
    pub tries: usize,
}

/// A webhook to post now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub payment: String,
    pub nth: u32,
    pub url: String,
    /// The value of [`SIGNATURE_HEADER`].
    pub signature: String,
    /// JSON.
    pub body: String,
}

impl Payment {
    /// Something happened: its webhook is due as ordered, as often as ordered.
    pub(super) fn tell(&mut self, what: &str, now: Time) {
        let event_id = names::event_id(&self.id, self.events);
        for _ in 0..self.order.webhook_times {
            self.webhooks.push(Webhook {
                nth: self.events,
                event_id: event_id.clone(),
                what: what.to_owned(),
                happened_at: now,
                at: now.plus(self.order.webhook_delay_millis),
                tries: 0,
            });
            self.events += 1;
        }
    }

    pub(super) fn due_webhooks<'a>(&'a self, settings: &'a Settings, now: Time) -> impl Iterator<Item = Delivery> + 'a {
        self.webhooks.iter().filter(move |webhook| webhook.at <= now).map(move |webhook| {
            let body = json!({
                "id": webhook.event_id,
                "type": webhook.what,
                "happened_at": webhook.happened_at.0,
                "payment": self.id,
                "reference": self.reference,
            });
            let body = body.to_string();
            Delivery {
                payment: self.id.clone(),
                nth: webhook.nth,
                url: self.callback_url.clone(),
                signature: sign(&settings.webhook_secret, now, body.as_bytes()),
                body,
            }
        })
    }

    pub(super) fn webhook_posted(&mut self, nth: u32, taken: bool, now: Time) {
        let Some(place) = self.webhooks.iter().position(|webhook| webhook.nth == nth) else { return };
        let webhook = &mut self.webhooks[place];
        match PAUSES.get(webhook.tries) {
            Some(pause) if !taken => {
                webhook.tries += 1;
                webhook.at = now.plus(*pause);
            }
            _ => drop(self.webhooks.remove(place)),
        }
    }
}

fn mac(secret: &str, seconds: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    Some(mac.chain_update(seconds).chain_update(".").chain_update(body))
}

/// The signature header's value.
pub fn sign(secret: &str, now: Time, body: &[u8]) -> String {
    let seconds = now.seconds().to_string();
    // a key of any length is taken, so that there is always one
    let code = mac(secret, &seconds, body).map(|mac| hex::encode(mac.finalize().into_bytes())).unwrap_or_default();
    format!("t={seconds},v1={code}")
}

/// When it was signed, if the signature is right; compared in constant time.
pub fn verify(secret: &str, signature: &str, body: &[u8]) -> Option<Time> {
    let (seconds, code) = signature.strip_prefix("t=")?.split_once(",v1=")?;
    let signed_at = seconds.parse::<i64>().ok().filter(|_| seconds.bytes().all(|byte| byte.is_ascii_digit()))?;
    mac(secret, seconds, body)?.verify_slice(&hex::decode(code).ok()?).ok()?;
    Some(Time(signed_at.checked_mul(SECOND)?))
}
