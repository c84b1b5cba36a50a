//! Cashfree: <https://www.cashfree.com/docs/api-reference/payments/latest>.
//!
//! An order under our own id, then a payment of it by UPI: a link on a phone, a QR picture elsewhere. Cashfree must have switched on
//! server-to-server payments for the account. Amounts are rupees with places; their digits are read and written as text.

mod begin;
mod dispute;
mod find;
mod refund;
mod webhook;

use domain::charge::Method;
use serde_json::Value;

use crate::provider::read::{self, Begun};
use crate::provider::{
    Account, Answer, Charge, Connector, Field, Flow, HttpRequest, HttpResponse, Outcome, RefundFlows, Webhook, sign,
};

const VERSION: &str = "2025-01-01";

/// Remembered: what the payer was shown.
const LINK: &str = "link";
const QR_IMAGE: &str = "qr_image";

pub static CASHFREE: Connector = Connector {
    name: "cashfree",
    title: "Cashfree",
    method: Method::Upi,
    base_url: "https://api.cashfree.com/pg",
    fields: &[
        Field {
            name: "client_id",
            help: "App id of the payment gateway: Developers, API Keys",
            secret: false,
            required: true,
        },
        Field {
            name: "client_secret",
            help: "Secret key of that app id; it signs the callbacks, too",
            secret: true,
            required: true,
        },
    ],
    currencies: Some(&["INR"]),
    login: None,
    create: &[
        Flow { request: begin::order, response: begin::order_made },
        Flow { request: begin::payment, response: begin::payment_made },
    ],
    create_with_card: None,
    sync: Flow { request: find::payments, response: find::payments_read },
    sync_more: Some(Flow { request: find::order, response: find::order_read }),
    cancel: Some(Flow { request: find::terminate, response: find::order_read }),
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

/// Adds what every request carries. The idempotency key must be a UUID: it is made of our id and what is done.
fn signed(account: &Account, request: HttpRequest, id: &str, what: &str) -> HttpRequest {
    request
        .with("x-api-version", VERSION)
        .with("x-client-id", account.get("client_id"))
        .with("x-client-secret", account.get("client_secret"))
        .with("x-request-id", id)
        .with("x-idempotency-key", sign::uuid_of(&format!("{what} {id}")))
}

fn ask(account: &Account, path: &str) -> HttpRequest {
    HttpRequest::get(account.url(path))
        .with("x-api-version", VERSION)
        .with("x-client-id", account.get("client_id"))
        .with("x-client-secret", account.get("client_secret"))
}

fn unclear(response: &HttpResponse) -> Answer {
    Answer::of(Outcome::Unknown(format!("Cashfree answered with status {} and no clear word", response.status)))
}

/// The code of an error object, `{"message", "code", "type"}`.
fn refusal(value: Option<&Value>) -> Option<String> {
    let value = value?;
    read::text(value, "/type")?;
    read::text(value, "/code").map(|code| read::cut(&code, 100))
}

/// The body of a good answer to a request that begins something, or what another answer means.
fn begun(response: &HttpResponse) -> Result<Value, Box<Answer>> {
    let value = read::json(response);
    let answer = match (read::begun(response.status), refusal(value.as_ref())) {
        (Begun::Answered, None) => return value.ok_or_else(|| Box::new(unclear(response))),
        (Begun::Refused, Some(code)) => Answer::of(Outcome::NotSent(format!("Cashfree refused it: {code}"))),
        (Begun::No, _) => {
            Answer::of(Outcome::NotSent(format!("Cashfree turned it away with status {}", response.status)))
        }
        _ => unclear(response),
    };
    Err(Box::new(answer))
}

fn is_of(charge: &Charge, value: &Value) -> bool {
    read::text(value, "/order_id").as_deref() == Some(charge.id.as_str())
}
