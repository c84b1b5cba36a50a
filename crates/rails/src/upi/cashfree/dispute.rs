//! Disputes: <https://www.cashfree.com/docs/api-reference/payments/latest/disputes/get-disputes-by-order-id>.

use serde_json::Value;

use super::ask;
use crate::provider::{Account, Charge, DisputeSeen, DisputeState, Disputes, HttpRequest, HttpResponse, read};

pub(super) fn list(account: &Account, charge: &Charge) -> HttpRequest {
    ask(account, &format!("/orders/{}/disputes", charge.id))
}

pub(super) fn listed(_: &Account, charge: &Charge, response: &HttpResponse) -> Disputes {
    let unknown = |what: &str| Disputes::Unknown(format!("Cashfree's list of disputes {what}"));
    let Some(Value::Array(items)) = read::json(response).filter(|_| response.status == 200) else {
        return Disputes::Unknown(format!("Cashfree answered with status {}", response.status));
    };
    let mut seen = Vec::new();
    for item in &items {
        if read::text(item, "/order_details/order_id").as_deref() != Some(charge.id.as_str()) {
            return unknown("has one of another order");
        }
        let state = match state(&read::text(item, "/dispute_status").unwrap_or_default()) {
            Some(Some(state)) => state,
            Some(None) => continue,
            None => return unknown("has one in a state that is not known"),
        };
        let currency = read::currency(item, "/dispute_amount_currency")
            .or_else(|| read::currency(item, "/order_details/payment_currency"));
        let (Some(reference), Some(amount), Some(currency)) =
            (read::id(item, "/dispute_id"), read::decimal(item, "/dispute_amount", charge.digits), currency)
        else {
            return unknown("has one without id or amount");
        };
        let evidence_due = read::instant(item, "/respond_by");
        seen.push(DisputeSeen { reference, amount, currency, state, evidence_due });
    }
    Disputes::Seen(seen)
}

/// States are a kind (`DISPUTE`, `CHARGEBACK`, `RETRIEVAL`, `PRE_ARBITRATION`, `ARBITRATION`) and a step. A retrieval only asks, unless it
/// is lost: `Some(None)`.
fn state(text: &str) -> Option<Option<DisputeState>> {
    let ends = |steps: &[&str]| steps.iter().any(|step| text.ends_with(step));
    if ends(&["_MERCHANT_LOST", "_MERCHANT_ACCEPTED"]) {
        return Some(Some(DisputeState::Lost));
    }
    if text.starts_with("RETRIEVAL_") {
        return Some(None);
    }
    if ends(&["_MERCHANT_WON"]) {
        return Some(Some(DisputeState::Won));
    }
    if ends(&["_DOCS_RECEIVED", "_UNDER_REVIEW"]) {
        return Some(Some(DisputeState::UnderReview));
    }
    ends(&["_CREATED", "_INSUFFICIENT_EVIDENCE"]).then_some(Some(DisputeState::Open))
}
