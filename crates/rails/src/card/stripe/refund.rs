//! Refunds: <https://docs.stripe.com/api/refunds>.

use serde_json::Value;

use super::signed;
use crate::provider::read::{self, Begun};
use crate::provider::{Account, HttpRequest, HttpResponse, Refund, RefundAnswer, RefundOutcome};

pub(super) fn create(account: &Account, refund: &Refund) -> HttpRequest {
    let amount = refund.amount.to_string();
    let pairs = [
        ("payment_intent", refund.charge.reference.as_deref().unwrap_or_default()),
        ("amount", &amount),
        ("metadata[refund]", &refund.id),
        ("metadata[charge]", &refund.charge.id),
    ];
    let request = HttpRequest::post_form(account.url("/v1/refunds"), &pairs);
    signed(account, request).with("idempotency-key", &refund.id)
}

pub(super) fn created(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    let value = read::json(response);
    let error = value.as_ref().and_then(|value| read::text(value, "/error/type"));
    let code = value.as_ref().and_then(|value| read::text(value, "/error/code"));
    match (read::begun(response.status), value, error.as_deref()) {
        (Begun::Answered, Some(value), _) => read(refund, &value),
        (Begun::Refused, _, Some("invalid_request_error" | "card_error")) => {
            let why = code.unwrap_or_else(|| "invalid_request_error".into());
            RefundAnswer::of(RefundOutcome::Declined(format!("Stripe refused it: {why}")))
        }
        (Begun::No, ..) => {
            RefundAnswer::of(RefundOutcome::NotSent(format!("Stripe turned it away with status {}", response.status)))
        }
        _ => unclear(response),
    }
}

fn unclear(response: &HttpResponse) -> RefundAnswer {
    let what = format!("Stripe answered with status {} and no clear word", response.status);
    RefundAnswer::of(RefundOutcome::Unknown(what))
}

pub(super) fn find(account: &Account, refund: &Refund) -> HttpRequest {
    let path = match &refund.reference {
        Some(id) => format!("/v1/refunds/{id}"),
        None => {
            let intent = refund.charge.reference.as_deref().unwrap_or_default();
            format!("/v1/refunds?payment_intent={intent}&limit=100")
        }
    };
    signed(account, HttpRequest::get(account.url(&path)))
}

pub(super) fn found(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    let Some(value) = read::json(response).filter(|_| response.status == 200) else { return unclear(response) };
    if refund.reference.is_some() {
        return read(refund, &value);
    }
    let Some(items) = value.pointer("/data").and_then(Value::as_array) else { return unclear(response) };
    match items.iter().find(|item| read::text(item, "/metadata/refund").as_deref() == Some(refund.id.as_str())) {
        Some(item) => read(refund, item),
        None if value.pointer("/has_more").and_then(Value::as_bool) == Some(false) => {
            RefundAnswer::of(RefundOutcome::NotSent("Stripe has no such refund of the payment".into()))
        }
        None => RefundAnswer::of(RefundOutcome::Unknown("Stripe lists more refunds than one page".into())),
    }
}

fn read(refund: &Refund, value: &Value) -> RefundAnswer {
    let unknown = |what: String| RefundAnswer::of(RefundOutcome::Unknown(what));
    let Some(id) = read::id(value, "/id").filter(|id| id.starts_with("re_") || id.starts_with("pyr_")) else {
        return unknown("Stripe's answer names no refund".into());
    };
    if read::text(value, "/metadata/refund").as_deref() != Some(refund.id.as_str()) {
        return unknown(format!("{id} is not this refund"));
    }
    let status = read::text(value, "/status").unwrap_or_default();
    let outcome = match (status.as_str(), read::minor(value, "/amount"), read::currency(value, "/currency")) {
        ("succeeded", Some(amount), Some(currency)) => RefundOutcome::Done { amount, currency },
        ("pending" | "requires_action", ..) => RefundOutcome::Pending,
        ("failed" | "canceled", ..) => {
            let why = read::text(value, "/failure_reason").unwrap_or(status);
            RefundOutcome::Declined(format!("Stripe says {why}"))
        }
        _ => RefundOutcome::Unknown(format!("Stripe's refund has the state {status:?}")),
    };
    RefundAnswer::of(outcome).about(id)
}
