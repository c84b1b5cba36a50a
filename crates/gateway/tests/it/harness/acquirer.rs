//! The simulated acquirer and UPI switch, as its staff and the sandbox's controls see it.

use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Answer, Client};

impl Client {
    /// How the next payment there behaves, whichever it is.
    pub async fn order_next(&self, behaviour: &str) {
        self.order(&json!({ "behaviour": behaviour })).await;
    }

    pub async fn order(&self, order: &Value) {
        self.post_json("/sandbox/acquirer/orders", order).await.ok();
    }

    /// Does something to a payment, named by our charge's id.
    pub async fn act(&self, charge: &str, act: &str) -> Value {
        self.try_act(charge, act).await.ok()
    }

    pub async fn try_act(&self, charge: &str, act: &str) -> Answer {
        self.post_json(&format!("/sandbox/acquirer/payments/{charge}/{act}"), &json!({})).await
    }

    /// Its newest payments, the newest first.
    pub async fn payments(&self) -> Vec<Value> {
        self.get("/sandbox/acquirer/payments").await.ok()["payments"].as_array().unwrap().clone()
    }

    /// What it says of one of our charges, if it knows it.
    pub async fn payment(&self, charge: &str) -> Option<Value> {
        self.payments().await.into_iter().find(|payment| payment["reference"] == charge)
    }

    /// Orders an outcome for an invoice by card or UPI.
    pub async fn pay_by(&self, id: i64, method: &str, outcome: &str) -> Value {
        let order = json!({ "method": method, "outcome": outcome });
        self.post_json(&format!("/sandbox/invoices/{id}/pay"), &order).await.ok()
    }
}

/// A webhook's `acquirer-signature`, made without the program's own code.
pub fn acquirer_signature(secret: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
}
