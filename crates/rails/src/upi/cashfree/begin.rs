//! Begins a charge: an order (<https://www.cashfree.com/docs/api-reference/payments/latest/orders/create>), then a payment of it
//! (<https://www.cashfree.com/docs/api-reference/payments/latest/payments/pay>).

use domain::Time;
use domain::time::MINUTE;
use serde_json::json;

use super::{LINK, QR_IMAGE, begun, is_of, signed, unclear};
use crate::provider::{Account, Answer, Charge, Device, HttpRequest, HttpResponse, NeedsPayer, Outcome, read};

/// Needed between the two steps.
const SESSION: &str = "session";
/// Cashfree requires a number, and takes any.
const NO_PHONE: &str = "9999999999";

/// ISO 8601, in UTC.
fn iso(time: Time) -> String {
    jiff::Timestamp::from_second(time.seconds()).map(|stamp| stamp.to_string()).unwrap_or_default()
}

pub(super) fn order(account: &Account, charge: &Charge) -> HttpRequest {
    let payer = &charge.payer;
    let mut customer = json!({
        "customer_id": charge.id,
        "customer_phone": payer.phone.as_deref().unwrap_or(NO_PHONE),
        "customer_email": payer.email,
    });
    if let Some(name) = &payer.name {
        customer["customer_name"] = json!(read::cut(name, 100));
    }
    // Cashfree wants more than 15 minutes until it expires
    let expires = charge.expires_at.max(charge.created_at.plus(16 * MINUTE));
    let body = json!({
        "order_id": charge.id,
        "order_amount": read::number(charge.amount, charge.digits),
        "order_currency": charge.currency,
        "customer_details": customer,
        "order_meta": {
            "return_url": charge.return_url,
            "notify_url": charge.callback_url,
            "payment_methods": "upi",
        },
        "order_expiry_time": iso(expires),
        "order_note": read::cut(&charge.description, 200),
    });
    signed(account, HttpRequest::post_json(account.url("/orders"), &body), &charge.id, "order")
}

pub(super) fn order_made(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let value = match begun(response) {
        Ok(value) => value,
        Err(answer) => return *answer,
    };
    match (read::id(&value, "/cf_order_id"), read::text(&value, "/payment_session_id")) {
        (Some(id), Some(session)) if is_of(charge, &value) => {
            Answer::of(Outcome::Next).about(id).remember(SESSION, session)
        }
        _ => unclear(response),
    }
}

pub(super) fn payment(account: &Account, charge: &Charge) -> HttpRequest {
    let channel = match charge.device {
        Device::Phone => "link",
        Device::Other => "qrcode",
    };
    let body = json!({
        "payment_session_id": charge.memory.get(SESSION).map_or("", String::as_str),
        "payment_method": { "upi": { "channel": channel } },
    });
    signed(account, HttpRequest::post_json(account.url("/orders/sessions"), &body), &charge.id, "payment")
}

pub(super) fn payment_made(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let value = match begun(response) {
        Ok(value) => value,
        Err(answer) => return *answer,
    };
    let paying = read::text(&value, "/payment_method").as_deref() == Some("upi");
    let link = read::text(&value, "/data/payload/default").filter(|link| link.starts_with("upi://"));
    let image = read::text(&value, "/data/payload/qrcode").filter(|image| is_png(image));
    match (charge.device, link, image) {
        (Device::Phone, Some(link), _) if paying => {
            Answer::of(Outcome::NeedsPayer(upi(Some(link.clone()), None))).remember(LINK, link)
        }
        (Device::Other, _, Some(image)) if paying => {
            Answer::of(Outcome::NeedsPayer(upi(None, Some(image.clone())))).remember(QR_IMAGE, image)
        }
        _ => unclear(response),
    }
}

fn upi(link: Option<String>, qr_image: Option<String>) -> NeedsPayer {
    NeedsPayer::Upi { link, qr_text: None, qr_image }
}

/// A picture that our pages can show as it is: nothing but base64 after the head.
fn is_png(image: &str) -> bool {
    image.len() <= 64 * 1024
        && image.strip_prefix("data:image/png;base64,").is_some_and(|body| {
            !body.is_empty()
                && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        })
}

/// What the payer was shown, as far as it is remembered.
pub(super) fn shown(charge: &Charge) -> Option<NeedsPayer> {
    let known = |name: &str| charge.memory.get(name).cloned();
    match (known(LINK), known(QR_IMAGE)) {
        (None, None) => None,
        (link, image) => Some(upi(link, image)),
    }
}
