//! Refunds, under our own id: <https://www.cashfree.com/docs/api-reference/payments/latest/refunds/create>.

use serde_json::{Value, json};

use super::{ask, refusal, signed};
use crate::provider::read::{self, Begun};
use crate::provider::{Account, HttpRequest, HttpResponse, Refund, RefundAnswer, RefundOutcome};

pub(super) fn create(account: &Account, refund: &Refund) -> HttpRequest {
    let body = json!({
        "refund_id": refund.id,
        "refund_amount": read::number(refund.amount, refund.charge.digits),
        "refund_note": read::cut(&format!("Refund of {}", refund.charge.description), 100),
        "refund_speed": "STANDARD",
    });
    let url = account.url(&format!("/orders/{}/refunds", refund.charge.id));
    signed(account, HttpRequest::post_json(url, &body), &refund.id, "refund")
}

fn unclear(response: &HttpResponse) -> RefundAnswer {
    let what = format!("Cashfree answered with status {} and no clear word", response.status);
    RefundAnswer::of(RefundOutcome::Unknown(what))
}

pub(super) fn created(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    let value = read::json(response);
    match (read::begun(response.status), &value, refusal(value.as_ref())) {
        (Begun::Answered, Some(value), None) => read(refund, value),
        (Begun::Refused, _, Some(code)) => {
            RefundAnswer::of(RefundOutcome::Declined(format!("Cashfree refused it: {code}")))
        }
        (Begun::No, ..) => {
            RefundAnswer::of(RefundOutcome::NotSent(format!("Cashfree turned it away with status {}", response.status)))
        }
        _ => unclear(response),
    }
}

/// <https://www.cashfree.com/docs/api-reference/payments/latest/refunds/get>
pub(super) fn find(account: &Account, refund: &Refund) -> HttpRequest {
    ask(account, &format!("/orders/{}/refunds/{}", refund.charge.id, refund.id))
}

pub(super) fn found(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    let value = read::json(response);
    match (response.status, &value, refusal(value.as_ref()).as_deref()) {
        (200, Some(value), None) => read(refund, value),
        (404, _, Some("refund_not_found")) => {
            RefundAnswer::of(RefundOutcome::NotSent("Cashfree has no such refund of the order".into()))
        }
        _ => unclear(response),
    }
}

fn read(refund: &Refund, value: &Value) -> RefundAnswer {
    if read::text(value, "/refund_id").as_deref() != Some(refund.id.as_str()) {
        return RefundAnswer::of(RefundOutcome::Unknown("Cashfree's answer is not this refund".into()));
    }
    let amount = read::decimal(value, "/refund_amount", refund.charge.digits);
    let state = read::text(value, "/refund_status").unwrap_or_default();
    let outcome = match (state.as_str(), amount, read::currency(value, "/refund_currency")) {
        ("SUCCESS", Some(amount), Some(currency)) => RefundOutcome::Done { amount, currency },
        ("PENDING" | "ONHOLD", ..) => RefundOutcome::Pending,
        ("CANCELLED" | "FAILED", ..) => RefundOutcome::Declined(format!("Cashfree says {state}")),
        _ => RefundOutcome::Unknown(format!("Cashfree's refund has the state {state:?}")),
    };
    let answer = RefundAnswer::of(outcome);
    match read::id(value, "/cf_refund_id") {
        Some(id) => answer.about(id),
        None => answer,
    }
}
