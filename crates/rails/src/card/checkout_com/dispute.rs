//! Disputes: <https://www.checkout.com/docs/risk-management/disputes/disputes-api>.

use serde_json::Value;

use super::{refund::payment_of, signed};
use crate::provider::{Account, Charge, DisputeSeen, DisputeState, Disputes, HttpRequest, HttpResponse, read};

pub(super) fn list(account: &Account, charge: &Charge) -> HttpRequest {
    let url = account.url(&format!("/disputes?payment_id={}&limit=250", payment_of(charge)));
    signed(account, HttpRequest::get(url))
}

pub(super) fn listed(_: &Account, charge: &Charge, response: &HttpResponse) -> Disputes {
    let unknown = |what: &str| Disputes::Unknown(format!("Checkout.com's list of disputes {what}"));
    let Some(value) = read::json(response).filter(|_| response.status == 200) else {
        return Disputes::Unknown(format!("Checkout.com answered with status {}", response.status));
    };
    // without any dispute, `data` may be missing
    let none = Vec::new();
    let items = match (value.pointer("/data"), read::minor(&value, "/total_count")) {
        (Some(Value::Array(items)), _) => items,
        (None, Some(total)) if total.is_zero() => &none,
        _ => return unknown("has no entries"),
    };
    let mut seen = Vec::new();
    for item in items {
        if read::text(item, "/payment_id").as_deref() != Some(payment_of(charge)) {
            return unknown("has one of another payment");
        }
        let state = match read::text(item, "/status").unwrap_or_default().as_str() {
            // `resolved`: it had been refunded before, and nothing more is taken; `canceled`: the bank withdrew it
            "won" | "arbitration_won" | "canceled" | "resolved" => DisputeState::Won,
            "lost" | "arbitration_lost" | "accepted" | "expired" => DisputeState::Lost,
            state if ["_under_review", "_submitted"].iter().any(|step| state.ends_with(step)) => {
                DisputeState::UnderReview
            }
            "" => return unknown("has one without state"),
            _ => DisputeState::Open,
        };
        let (Some(reference), Some(amount), Some(currency)) =
            (read::id(item, "/id"), read::minor(item, "/amount"), read::currency(item, "/currency"))
        else {
            return unknown("has one without id or amount");
        };
        let evidence_due = read::instant(item, "/evidence_required_by");
        seen.push(DisputeSeen { reference, amount, currency, state, evidence_due });
    }
    Disputes::Seen(seen)
}
