//! Razorpay: <https://razorpay.com/docs/api>.
//!
//! On a phone: an order, then a payment of it by UPI intent, whose link is shown as it came
//! (<https://razorpay.com/docs/payments/payment-gateway/s2s-integration/payment-methods/upi/intent>). It takes the payer's phone number;
//! without one, and on other devices, a QR code for one payment (<https://razorpay.com/docs/api/qr-codes/create>). Its text
//! (`image_content`) comes only to accounts that have that switched on; for others the payer is sent to Razorpay's own page with the
//! picture (`image_url`), since our pages show no pictures of other hosts.

mod begin;
mod dispute;
mod find;
mod payments;
mod refund;
mod webhook;

use domain::charge::Method;
use serde_json::Value;

use crate::provider::{
    Account, Answer, Charge, Connector, Device, Field, Flow, HttpRequest, HttpResponse, Outcome, RefundFlows, Webhook,
    read, sign,
};

/// Remembered: the link shown, the QR's text, the QR's page, and the payment that took money.
const LINK: &str = "link";
const QR_TEXT: &str = "qr_text";
const QR_PAGE: &str = "qr_page";
const PAYMENT: &str = "payment";

pub static RAZORPAY: Connector = Connector {
    name: "razorpay",
    title: "Razorpay",
    method: Method::Upi,
    base_url: "https://api.razorpay.com",
    fields: &[
        Field { name: "key_id", help: "Key id, rzp_…: Account & Settings, API Keys", secret: false, required: true },
        Field { name: "key_secret", help: "Key secret, shown once with the key id", secret: true, required: true },
        Field {
            name: "webhook_secret",
            help: "The secret you gave the webhook: Account & Settings, Webhooks",
            secret: true,
            required: false,
        },
    ],
    currencies: Some(&["INR"]),
    login: None,
    create: &[
        Flow { request: begin::order_or_qr, response: begin::order_or_qr_made },
        Flow { request: begin::intent, response: begin::intent_made },
    ],
    create_with_card: None,
    sync: Flow { request: find::first, response: find::read },
    sync_more: Some(Flow { request: find::more, response: find::read_more }),
    cancel: Some(Flow { request: find::close, response: find::closed }),
    refund: Some(RefundFlows {
        create: Flow { request: refund::create, response: refund::created },
        sync: Flow { request: refund::find, response: refund::found },
    }),
    disputes: Some(Flow { request: dispute::list, response: dispute::listed }),
    report: None,
    webhook: Some(Webhook { read: webhook::read }),
    payout: None,
    collect: None,
};

fn signed(account: &Account, request: HttpRequest) -> HttpRequest {
    request.with("authorization", sign::basic(account.get("key_id"), account.get("key_secret")))
}

fn wants_qr(charge: &Charge) -> bool {
    charge.device == Device::Other || charge.payer.phone.is_none()
}

fn unclear(response: &HttpResponse) -> Answer {
    Answer::of(Outcome::Unknown(format!("Razorpay answered with status {} and no clear word", response.status)))
}

/// The code of an error object, `{"error": {"code", "description", "reason", …}}`.
fn refusal(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let code = read::text(value, "/error/code")?;
    let reason = read::text(value, "/error/reason").filter(|reason| reason != "NA");
    Some(read::cut(&reason.map_or_else(|| code.clone(), |reason| format!("{code}, {reason}")), 200))
}

/// The entries of a collection.
fn items(value: &Value) -> Option<&Vec<Value>> {
    value.pointer("/items").and_then(Value::as_array)
}

/// Whether `notes` name our id; without notes they are an empty list instead of an object.
fn is_noted(entity: &Value, name: &str, id: &str) -> bool {
    read::text(entity, &format!("/notes/{name}")).as_deref() == Some(id)
}
