//! PhonePe, payment gateway v2, custom checkout: <https://developer.phonepe.com/payment-gateway-custom-checkout>.
//!
//! One request under our own id is order and payment at once: a link on a phone, the text of a QR elsewhere. PhonePe must have switched
//! on custom checkout for the account. Amounts are paise.
//!
//! An id can be used once. A second request with it is refused with the words that a question for an unknown id is answered with
//! (`INVALID_MERCHANT_ORDER_ID`): from a request they say that there may be something, from a question that there is nothing.

mod begin;
mod find;
mod login;
mod refund;
mod webhook;

use domain::charge::Method;
use serde_json::Value;

use crate::provider::{
    Account, Answer, Connector, Field, Flow, HttpRequest, HttpResponse, Login, Outcome, RefundFlows, Webhook, read,
};

/// Remembered: what the payer was shown.
const LINK: &str = "link";
const QR_TEXT: &str = "qr_text";

pub static PHONEPE: Connector = Connector {
    name: "phonepe",
    title: "PhonePe",
    method: Method::Upi,
    base_url: "https://api.phonepe.com/apis/pg",
    fields: &[
        Field {
            name: "client_id",
            help: "Client id: PhonePe Business, Developer Settings, API Keys",
            secret: false,
            required: true,
        },
        Field {
            name: "client_version",
            help: "Client version, shown with the client id; 1 in the sandbox",
            secret: false,
            required: true,
        },
        Field { name: "client_secret", help: "Client secret, shown with the client id", secret: true, required: true },
        Field {
            name: "webhook_username",
            help: "The username you gave the webhook: Developer Settings, Webhook, type SHA",
            secret: false,
            required: false,
        },
        Field { name: "webhook_password", help: "The password you gave the webhook", secret: true, required: false },
    ],
    currencies: Some(&["INR"]),
    login: Some(Login { request: login::ask, response: login::read }),
    create: &[Flow { request: begin::pay, response: begin::begun }],
    create_with_card: None,
    sync: Flow { request: find::order, response: find::order_read },
    sync_more: None,
    // an order of custom checkout cannot be closed: it runs out
    cancel: None,
    refund: Some(RefundFlows {
        create: Flow { request: refund::create, response: refund::created },
        sync: Flow { request: refund::find, response: refund::found },
    }),
    // disputes are handled in PhonePe's dashboard alone
    disputes: None,
    report: None,
    webhook: Some(Webhook { read: webhook::read }),
    payout: None,
    collect: None,
};

/// Adds the token, in PhonePe's own scheme.
fn authorized(account: &Account, request: HttpRequest) -> HttpRequest {
    let token = account.token.as_ref().map_or("", |token| token.text.as_str());
    request.with("authorization", format!("O-Bearer {token}"))
}

/// A question; the reference wants a content type even without a body.
fn ask(account: &Account, path: &str) -> HttpRequest {
    authorized(account, HttpRequest::get(account.url(path)).with("content-type", "application/json"))
}

fn unclear(response: &HttpResponse) -> Answer {
    Answer::of(Outcome::Unknown(no_clear_word(response)))
}

fn no_clear_word(response: &HttpResponse) -> String {
    format!("PhonePe answered with status {} and no clear word", response.status)
}

/// The code of an error object, `{"code", "message"}`; PhonePe's own libraries look for `errorCode`, too.
fn refusal(value: Option<&Value>) -> Option<String> {
    let value = value?;
    read::text(value, "/message")?;
    ["/code", "/errorCode"].iter().find_map(|at| read::text(value, at)).map(|code| read::cut(&code, 100))
}

/// Whether a refusal may say that our id was used before: then something was begun. The reference gives 417, and names two codes.
fn may_be_repeated(status: u16, code: &str) -> bool {
    status == 417
        || matches!(code, "INVALID_MERCHANT_ORDER_ID" | "INVALID_MERCHANT_REFUND_ID" | "INVALID_TRANSACTION_ID")
        || code.contains("DUPLICATE")
}

/// The currency, where the answer names one; else the rupee, since the reference gives all amounts in paise. `None` if it cannot be read.
fn currency(value: &Value) -> Option<String> {
    match value.get("currency") {
        None | Some(Value::Null) => Some("INR".into()),
        Some(_) => read::currency(value, "/currency"),
    }
}

/// Whether an id in an answer is the one we know, or one of them is not known.
fn fits(value: &Value, pointer: &str, known: Option<&str>) -> bool {
    read::text(value, pointer).is_none_or(|found| known.is_none_or(|known| known == found))
}
