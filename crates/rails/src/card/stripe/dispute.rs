//! Disputes: <https://docs.stripe.com/api/disputes>. Inquiries (`warning_…`) and prevented disputes take no money and are left out.

use serde_json::Value;

use super::signed;
use crate::provider::{Account, Charge, DisputeSeen, DisputeState, Disputes, HttpRequest, HttpResponse, read};

pub(super) fn list(account: &Account, charge: &Charge) -> HttpRequest {
    let intent = charge.reference.as_deref().unwrap_or_default();
    signed(account, HttpRequest::get(account.url(&format!("/v1/disputes?payment_intent={intent}&limit=100"))))
}

pub(super) fn listed(_: &Account, charge: &Charge, response: &HttpResponse) -> Disputes {
    let unknown = |what: &str| Disputes::Unknown(format!("Stripe's list of disputes {what}"));
    let Some(value) = read::json(response).filter(|_| response.status == 200) else {
        return Disputes::Unknown(format!("Stripe answered with status {}", response.status));
    };
    let Some(items) = value.pointer("/data").and_then(Value::as_array) else { return unknown("has no entries") };
    let mut seen = Vec::new();
    for item in items {
        if read::text(item, "/payment_intent") != charge.reference {
            return unknown("has one of another payment");
        }
        let state = match read::text(item, "/status").unwrap_or_default().as_str() {
            "needs_response" => DisputeState::Open,
            "under_review" => DisputeState::UnderReview,
            "won" => DisputeState::Won,
            "lost" => DisputeState::Lost,
            "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" => continue,
            _ => return unknown("has one in a state that is not known"),
        };
        let (Some(reference), Some(amount), Some(currency)) =
            (read::id(item, "/id"), read::minor(item, "/amount"), read::currency(item, "/currency"))
        else {
            return unknown("has one without id or amount");
        };
        let evidence_due = read::seconds(item, "/evidence_details/due_by");
        seen.push(DisputeSeen { reference, amount, currency, state, evidence_due });
    }
    Disputes::Seen(seen)
}
