//! Begins a charge: an order and its intent payment, or a QR code.

use domain::time::MINUTE;
use serde_json::{Value, json};

use super::{LINK, QR_PAGE, QR_TEXT, refusal, signed, unclear, wants_qr};
use crate::provider::read::{self, Begun};
use crate::provider::{Account, Answer, Charge, HttpRequest, HttpResponse, NeedsPayer, Outcome};

pub(super) fn order_or_qr(account: &Account, charge: &Charge) -> HttpRequest {
    let (path, body) = match wants_qr(charge) {
        true => ("/v1/payments/qr_codes", qr(charge)),
        false => ("/v1/orders", order(charge)),
    };
    signed(account, HttpRequest::post_json(account.url(path), &body))
}

/// <https://razorpay.com/docs/api/orders/create>. Captured at once: what is not captured goes back to the payer after days.
fn order(charge: &Charge) -> Value {
    json!({
        "amount": read::number(charge.amount, 0),
        "currency": charge.currency,
        "receipt": charge.id,
        "partial_payment": false,
        "payment": {
            "capture": "automatic",
            "capture_options": { "automatic_expiry_period": 12, "manual_expiry_period": 7200, "refund_speed": "normal" },
        },
        "notes": { "charge": charge.id },
    })
}

/// A code for one payment of the exact amount. Razorpay wants at least 15 minutes until it closes.
fn qr(charge: &Charge) -> Value {
    let closes = charge.expires_at.max(charge.created_at.plus(16 * MINUTE));
    json!({
        "type": "upi_qr",
        "name": read::cut(&charge.payee, 60),
        "usage": "single_use",
        "fixed_amount": true,
        "payment_amount": read::number(charge.amount, 0),
        "description": read::cut(&charge.description, 200),
        "close_by": closes.seconds(),
        "notes": { "charge": charge.id },
    })
}

pub(super) fn order_or_qr_made(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let value = match begun(response) {
        Ok(value) => value,
        Err(answer) => return *answer,
    };
    let (is_ours, prefix) = match wants_qr(charge) {
        true => (super::is_noted(&value, "charge", &charge.id), "qr_"),
        false => (read::text(&value, "/receipt").as_deref() == Some(charge.id.as_str()), "order_"),
    };
    match read::id(&value, "/id").filter(|id| is_ours && id.starts_with(prefix)) {
        Some(id) if wants_qr(charge) => shown(&value).about(id),
        Some(id) => Answer::of(Outcome::Next).about(id),
        None => unclear(response),
    }
}

/// How a QR code is shown to the payer.
pub(super) fn shown(qr: &Value) -> Answer {
    if let Some(text) = read::text(qr, "/image_content").filter(|text| text.starts_with("upi://")) {
        return Answer::of(Outcome::NeedsPayer(upi(None, Some(text.clone())))).remember(QR_TEXT, text);
    }
    match read::text(qr, "/image_url").filter(|url| url.starts_with("https://")) {
        Some(url) => Answer::of(Outcome::NeedsPayer(NeedsPayer::Visit { url: url.clone(), challenge: false }))
            .remember(QR_PAGE, url),
        None => Answer::of(Outcome::Unknown("Razorpay's QR code has neither text nor picture".into())),
    }
}

/// A QR's text is a link as well, and a phone's link can be drawn.
pub(super) fn upi(link: Option<String>, qr_text: Option<String>) -> NeedsPayer {
    NeedsPayer::Upi { link: link.or_else(|| qr_text.clone()), qr_text, qr_image: None }
}

pub(super) fn intent(account: &Account, charge: &Charge) -> HttpRequest {
    let origin = url::Url::parse(&charge.return_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let mut body = json!({
        "amount": read::number(charge.amount, 0),
        "currency": charge.currency,
        "order_id": charge.reference.as_deref().unwrap_or_default(),
        "email": charge.payer.email,
        "contact": charge.payer.phone.as_deref().unwrap_or_default(),
        "method": "upi",
        "referer": origin,
        "user_agent": "lockgate",
        "description": read::cut(&charge.description, 200),
        "notes": { "charge": charge.id },
        "upi": { "flow": "intent" },
    });
    if let Some(ip) = &charge.payer.ip {
        body["ip"] = json!(ip);
    }
    signed(account, HttpRequest::post_json(account.url("/v1/payments/create/upi"), &body))
}

pub(super) fn intent_made(_: &Account, _: &Charge, response: &HttpResponse) -> Answer {
    let value = match begun(response) {
        Ok(value) => value,
        Err(answer) => return *answer,
    };
    let payment = read::id(&value, "/razorpay_payment_id").filter(|id| id.starts_with("pay_"));
    match (payment, read::text(&value, "/link").filter(|link| link.starts_with("upi://"))) {
        (Some(_), Some(link)) => Answer::of(Outcome::NeedsPayer(upi(Some(link.clone()), None))).remember(LINK, link),
        _ => unclear(response),
    }
}

/// The body of a good answer, or what another answer means.
fn begun(response: &HttpResponse) -> Result<Value, Box<Answer>> {
    let value = read::json(response);
    let answer = match (read::begun(response.status), refusal(value.as_ref())) {
        (Begun::Answered, None) => return value.ok_or_else(|| Box::new(unclear(response))),
        (Begun::Refused, Some(why)) => Answer::of(Outcome::NotSent(format!("Razorpay refused it: {why}"))),
        (Begun::No, _) => {
            Answer::of(Outcome::NotSent(format!("Razorpay turned it away with status {}", response.status)))
        }
        _ => unclear(response),
    };
    Err(Box::new(answer))
}
