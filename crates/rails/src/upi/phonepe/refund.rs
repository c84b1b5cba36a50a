//! Refunds, under our own id:
//! <https://developer.phonepe.com/payment-gateway-custom-checkout/mobile-app-integration/api-reference/refund>.

use serde_json::{Value, json};

use super::{ask, authorized, currency, fits, may_be_repeated, no_clear_word, refusal};
use crate::provider::read::{self, Begun};
use crate::provider::{Account, HttpRequest, HttpResponse, Refund, RefundAnswer, RefundOutcome};

pub(super) fn create(account: &Account, refund: &Refund) -> HttpRequest {
    let body = json!({
        "merchantRefundId": refund.id,
        "originalMerchantOrderId": refund.charge.id,
        "amount": read::number(refund.amount, 0),
    });
    authorized(account, HttpRequest::post_json(account.url("/payments/v2/refund"), &body))
}

pub(super) fn created(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    let value = read::json(response);
    let outcome = match (read::begun(response.status), &value, refusal(value.as_ref())) {
        (Begun::Answered, Some(value), None) => return read(refund, value),
        (Begun::Refused, _, Some(code)) if !may_be_repeated(response.status, &code) => {
            RefundOutcome::Declined(format!("PhonePe refused it: {code}"))
        }
        (Begun::No, ..) => RefundOutcome::NotSent(format!("PhonePe turned it away with status {}", response.status)),
        _ => RefundOutcome::Unknown(no_clear_word(response)),
    };
    RefundAnswer::of(outcome)
}

pub(super) fn find(account: &Account, refund: &Refund) -> HttpRequest {
    ask(account, &format!("/payments/v2/refund/{}/status", refund.id))
}

/// The reference has no words for a refund that PhonePe does not know: it stays unknown, and people look at it.
pub(super) fn found(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    match read::json(response).filter(|_| response.status == 200) {
        Some(value) if refusal(Some(&value)).is_none() => read(refund, &value),
        _ => RefundAnswer::of(RefundOutcome::Unknown(no_clear_word(response))),
    }
}

/// Our id of the refund is in the path or the request, and in hardly any answer.
fn read(refund: &Refund, value: &Value) -> RefundAnswer {
    let of_this = fits(value, "/merchantRefundId", Some(&refund.id))
        && fits(value, "/originalMerchantOrderId", Some(&refund.charge.id))
        && fits(value, "/refundId", refund.reference.as_deref());
    if !of_this {
        return RefundAnswer::of(RefundOutcome::Unknown("PhonePe's answer is not this refund".into()));
    }
    let state = read::text(value, "/state").unwrap_or_default();
    let outcome = match (state.as_str(), read::minor(value, "/amount"), currency(value)) {
        ("COMPLETED", Some(amount), Some(currency)) => RefundOutcome::Done { amount, currency },
        // confirmed is accepted, not done
        ("PENDING" | "CONFIRMED", ..) => RefundOutcome::Pending,
        ("FAILED", ..) => {
            let code = read::text(value, "/errorCode").unwrap_or_else(|| "without a code".into());
            RefundOutcome::Declined(format!("PhonePe says FAILED: {}", read::cut(&code, 100)))
        }
        _ => RefundOutcome::Unknown(format!("PhonePe's refund has the state {state:?}")),
    };
    match read::id(value, "/refundId") {
        Some(id) => RefundAnswer::of(outcome).about(id),
        None => RefundAnswer::of(outcome),
    }
}
