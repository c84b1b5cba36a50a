//! Checkout.com: <https://api-reference.checkout.com>.
//!
//! The payer goes to a Hosted Payments Page (<https://www.checkout.com/docs/payments/accept-payments/accept-a-payment-on-a-hosted-page>);
//! in the operator's PCI mode we post the card to `/payments`. One page may see several payments, all under our reference.
//! A page cannot be closed by the API, so there is no `cancel`.

mod decline;
mod dispute;
mod find;
mod payment;
mod payout;
mod refund;
mod webhook;
mod with_card;

use domain::charge::Method;
use serde_json::{Value, json};

use crate::provider::read::{self, Begun};
use crate::provider::{
    Account, Answer, CardFlow, Charge, Connector, Field, Flow, HttpRequest, HttpResponse, NeedsPayer, Outcome,
    RefundFlows, Webhook,
};

/// Remembered: the address of the hosted page, and the payment that was last read.
const PAGE: &str = "page";
const PAYMENT: &str = "payment";

/// Those whose minor unit is that of ISO 4217 here, too: <https://www.checkout.com/docs/payments/accept-payments/calculating-the-value>.
const CURRENCIES: &[&str] = &[
    "AED", "AUD", "BHD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS",
    "INR", "JOD", "JPY", "KRW", "KWD", "MAD", "MXN", "MYR", "NOK", "NZD", "OMR", "PHP", "PLN", "QAR", "RON", "SAR",
    "SEK", "SGD", "THB", "TND", "TRY", "TWD", "USD", "VND", "ZAR",
];

pub static CHECKOUT_COM: Connector = Connector {
    name: "checkout_com",
    title: "Checkout.com",
    method: Method::Card,
    base_url: "https://api.checkout.com",
    fields: &[
        Field { name: "secret_key", help: "Secret API key, sk_…: Developers, Keys", secret: true, required: true },
        Field {
            name: "processing_channel_id",
            help: "Processing channel, pc_…: Settings, Channels",
            secret: false,
            required: true,
        },
        Field {
            name: "country",
            help: "Two letters: the country sent for a payer who did not name his, since the hosted page requires one",
            secret: false,
            required: true,
        },
        Field {
            name: "webhook_key",
            help: "Signature key of the webhook action of your workflow",
            secret: true,
            required: false,
        },
    ],
    currencies: Some(CURRENCIES),
    login: None,
    create: &[Flow { request: create, response: created }],
    create_with_card: Some(CardFlow { request: with_card::request, response: payment::begun }),
    sync: Flow { request: find::first, response: find::read },
    sync_more: Some(Flow { request: find::more, response: find::read_more }),
    cancel: None,
    refund: Some(RefundFlows {
        create: Flow { request: refund::create, response: refund::created },
        sync: Flow { request: refund::find, response: refund::found },
    }),
    disputes: Some(Flow { request: dispute::list, response: dispute::listed }),
    report: None,
    webhook: Some(Webhook { read: webhook::read }),
    payout: Some(payout::FLOWS),
    collect: None,
};

fn signed(account: &Account, request: HttpRequest) -> HttpRequest {
    request.with("authorization", format!("Bearer {}", account.get("secret_key")))
}

/// As [`read::begun`]; but here 429 may mean that the same request is being worked on
/// (<https://www.checkout.com/docs/developer-resources/api/idempotency>), and 403 that it is not permitted.
fn status(response: &HttpResponse) -> Begun {
    match response.status {
        429 => Begun::Unclear,
        403 => Begun::Refused,
        other => read::begun(other),
    }
}

fn unclear(response: &HttpResponse) -> Answer {
    Answer::of(Outcome::Unknown(format!("Checkout.com answered with status {} and no clear word", response.status)))
}

/// What an error object says: `{"request_id", "error_type", "error_codes": […]}`.
fn codes(value: Option<&Value>) -> Option<String> {
    let codes = value?.pointer("/error_codes")?.as_array()?;
    let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
    (!codes.is_empty()).then(|| read::cut(&codes.join(", "), 200))
}

fn address(account: &Account, charge: &Charge) -> Value {
    let payer = &charge.payer;
    let country = payer.country.as_deref().unwrap_or_else(|| account.get("country"));
    let mut address = json!({ "country": country });
    for (name, part) in [
        ("address_line1", &payer.address1),
        ("address_line2", &payer.address2),
        ("city", &payer.city),
        ("state", &payer.state),
        ("zip", &payer.postcode),
    ] {
        if let Some(part) = part {
            address[name] = json!(read::cut(part, 50));
        }
    }
    address
}

fn customer(charge: &Charge) -> Value {
    match &charge.payer.name {
        Some(name) => json!({ "email": charge.payer.email, "name": read::cut(name, 100) }),
        None => json!({ "email": charge.payer.email }),
    }
}

fn create(account: &Account, charge: &Charge) -> HttpRequest {
    let body = json!({
        "amount": read::number(charge.amount, 0),
        "currency": charge.currency,
        "reference": charge.id,
        "description": read::cut(&charge.description, 100),
        "display_name": charge.payee,
        "processing_channel_id": account.get("processing_channel_id"),
        "payment_type": "Regular",
        "allow_payment_methods": ["card"],
        "capture": true,
        "3ds": { "enabled": true },
        "billing": { "address": address(account, charge) },
        "customer": customer(charge),
        "success_url": charge.return_url,
        "failure_url": charge.return_url,
        "cancel_url": charge.return_url,
        "metadata": { "charge": charge.id },
    });
    // the hosted page has no idempotency keys; a page whose address was lost can be paid by nobody
    signed(account, HttpRequest::post_json(account.url("/hosted-payments"), &body))
}

fn created(_: &Account, _: &Charge, response: &HttpResponse) -> Answer {
    let value = read::json(response);
    match (status(response), &value) {
        (Begun::Answered, Some(value)) => {
            let id = read::id(value, "/id").filter(|id| id.starts_with("hpp_"));
            let (Some(id), Some(url)) = (id, read::text(value, "/_links/redirect/href")) else {
                return unclear(response);
            };
            Answer::of(Outcome::NeedsPayer(NeedsPayer::Visit { url: url.clone(), challenge: false }))
                .about(id)
                .remember(PAGE, url)
        }
        (Begun::Refused, _) => match codes(value.as_ref()) {
            Some(codes) => Answer::of(Outcome::NotSent(format!("Checkout.com refused it: {codes}"))),
            None => unclear(response),
        },
        (Begun::No, _) => Answer::of(Outcome::NotSent("Checkout.com did not accept the secret key".into())),
        _ => unclear(response),
    }
}
