//! Begins a charge: <https://developer.phonepe.com/payment-gateway-custom-checkout/custom-api-integration/initiate-payment/upi-intent>
//! and `…/upi-qr`.

use domain::time::SECOND;
use serde_json::json;

use super::{LINK, QR_TEXT, authorized, may_be_repeated, refusal, unclear};
use crate::provider::read::{self, Begun};
use crate::provider::{Account, Answer, Charge, Device, HttpRequest, HttpResponse, NeedsPayer, Outcome};

/// What PhonePe takes for an order's life, in seconds.
const LIFE: (i64, i64) = (300, 5_184_000);

pub(super) fn pay(account: &Account, charge: &Charge) -> HttpRequest {
    let life = charge.expires_at.since(charge.created_at) / SECOND;
    let mut body = json!({
        "merchantOrderId": charge.id,
        "amount": read::number(charge.amount, 0),
        "expireAfter": life.clamp(LIFE.0, LIFE.1),
        "metaInfo": { "udf1": read::cut(&charge.description, 256) },
    });
    match charge.device {
        Device::Phone => {
            // which system it has nobody said; without a target app the link is one that any UPI app opens
            body["deviceContext"] = json!({ "deviceOS": "ANDROID" });
            body["paymentFlow"] = json!({ "type": "PG", "paymentMode": { "type": "UPI_INTENT" } });
        }
        Device::Other => body["paymentFlow"] = json!({ "type": "PG", "paymentMode": { "type": "UPI_QR" } }),
    }
    authorized(account, HttpRequest::post_json(account.url("/payments/v2/pay"), &body))
}

/// It names PhonePe's id of the order, not ours.
pub(super) fn begun(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let value = read::json(response);
    let value = match (read::begun(response.status), &value, refusal(value.as_ref())) {
        (Begun::Answered, Some(value), None) => value,
        (Begun::Refused, _, Some(code)) if !may_be_repeated(response.status, &code) => {
            return Answer::of(Outcome::NotSent(format!("PhonePe refused it: {code}")));
        }
        (Begun::No, ..) => {
            return Answer::of(Outcome::NotSent(format!("PhonePe turned it away with status {}", response.status)));
        }
        _ => return unclear(response),
    };
    // PENDING in the samples, CREATED in one of the tables
    let open = matches!(read::text(value, "/state").as_deref(), Some("PENDING" | "CREATED"));
    // `qrData` is a picture in some places of the reference; the link is what such a picture encodes
    let link = ["/intentUrl", "/qrData"].iter().find_map(|at| read::text(value, at).filter(|it| is_link(it)));
    match (read::id(value, "/orderId"), link, charge.device) {
        (Some(id), Some(link), Device::Phone) if open => {
            Answer::of(Outcome::NeedsPayer(upi(Some(link.clone()), None))).about(id).remember(LINK, link)
        }
        (Some(id), Some(text), Device::Other) if open => {
            Answer::of(Outcome::NeedsPayer(upi(None, Some(text.clone())))).about(id).remember(QR_TEXT, text)
        }
        _ => unclear(response),
    }
}

/// One for any UPI app: `ppe://` opens PhonePe's alone.
fn is_link(text: &str) -> bool {
    text.starts_with("upi://")
}

fn upi(link: Option<String>, qr_text: Option<String>) -> NeedsPayer {
    NeedsPayer::Upi { link, qr_text, qr_image: None }
}

/// What the payer was shown, as far as it is remembered.
pub(super) fn shown(charge: &Charge) -> Option<NeedsPayer> {
    let known = |name: &str| charge.memory.get(name).cloned();
    match (known(LINK), known(QR_TEXT)) {
        (None, None) => None,
        (link, text) => Some(upi(link, text)),
    }
}
