//! Refunds: <https://razorpay.com/docs/api/refunds/normal-refunds-idempotent>.

use serde_json::{Value, json};

use super::{PAYMENT, items, refusal, signed};
use crate::provider::read::{self, Begun};
use crate::provider::{Account, HttpRequest, HttpResponse, Refund, RefundAnswer, RefundOutcome};

fn payment_of(refund: &Refund) -> &str {
    refund.charge.memory.get(PAYMENT).map_or("", String::as_str)
}

pub(super) fn create(account: &Account, refund: &Refund) -> HttpRequest {
    let body = json!({
        "amount": read::number(refund.amount, 0),
        "speed": "normal",
        "receipt": refund.id,
        "notes": { "refund": refund.id, "charge": refund.charge.id },
    });
    let url = account.url(&format!("/v1/payments/{}/refund", payment_of(refund)));
    signed(account, HttpRequest::post_json(url, &body)).with("x-refund-idempotency", &refund.id)
}

fn unclear(response: &HttpResponse) -> RefundAnswer {
    let what = format!("Razorpay answered with status {} and no clear word", response.status);
    RefundAnswer::of(RefundOutcome::Unknown(what))
}

pub(super) fn created(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    let value = read::json(response);
    match (read::begun(response.status), &value, refusal(value.as_ref())) {
        (Begun::Answered, Some(value), None) => read(refund, value),
        (Begun::Refused, _, Some(why)) => {
            RefundAnswer::of(RefundOutcome::Declined(format!("Razorpay refused it: {why}")))
        }
        (Begun::No, ..) => {
            RefundAnswer::of(RefundOutcome::NotSent(format!("Razorpay turned it away with status {}", response.status)))
        }
        _ => unclear(response),
    }
}

pub(super) fn find(account: &Account, refund: &Refund) -> HttpRequest {
    let payment = payment_of(refund);
    let path = match &refund.reference {
        Some(id) => format!("/v1/payments/{payment}/refunds/{id}"),
        None => format!("/v1/payments/{payment}/refunds?count=100"),
    };
    signed(account, HttpRequest::get(account.url(&path)))
}

pub(super) fn found(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    let Some(value) = read::json(response).filter(|_| response.status == 200) else { return unclear(response) };
    if refund.reference.is_some() {
        return read(refund, &value);
    }
    let Some(items) = items(&value) else { return unclear(response) };
    match items.iter().find(|item| is_ours(refund, item)) {
        Some(item) => read(refund, item),
        None if items.len() < 100 => {
            RefundAnswer::of(RefundOutcome::NotSent("Razorpay has no such refund of the payment".into()))
        }
        None => RefundAnswer::of(RefundOutcome::Unknown("Razorpay lists more refunds than one page".into())),
    }
}

fn is_ours(refund: &Refund, value: &Value) -> bool {
    read::text(value, "/receipt").as_deref() == Some(refund.id.as_str()) || super::is_noted(value, "refund", &refund.id)
}

fn read(refund: &Refund, value: &Value) -> RefundAnswer {
    let id = read::id(value, "/id").filter(|id| id.starts_with("rfnd_"));
    let Some(id) = id.filter(|_| is_ours(refund, value)) else {
        return RefundAnswer::of(RefundOutcome::Unknown("Razorpay's answer is not this refund".into()));
    };
    let status = read::text(value, "/status").unwrap_or_default();
    let outcome = match (status.as_str(), read::minor(value, "/amount"), read::currency(value, "/currency")) {
        ("processed", Some(amount), Some(currency)) => RefundOutcome::Done { amount, currency },
        ("pending", ..) => RefundOutcome::Pending,
        ("failed", ..) => RefundOutcome::Declined("Razorpay says it failed".into()),
        _ => RefundOutcome::Unknown(format!("Razorpay's refund has the state {status:?}")),
    };
    RefundAnswer::of(outcome).about(id)
}
