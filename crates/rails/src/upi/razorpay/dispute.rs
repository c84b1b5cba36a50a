//! Disputes: <https://razorpay.com/docs/api/disputes/fetch-all>. They cannot be asked for by payment; the newest hundred of the account
//! are looked through.

use serde_json::Value;

use super::{PAYMENT, items, signed};
use crate::provider::{Account, Charge, DisputeSeen, DisputeState, Disputes, HttpRequest, HttpResponse, read};

const PAGE: usize = 100;

pub(super) fn list(account: &Account, _: &Charge) -> HttpRequest {
    signed(account, HttpRequest::get(account.url(&format!("/v1/disputes?count={PAGE}"))))
}

pub(super) fn listed(_: &Account, charge: &Charge, response: &HttpResponse) -> Disputes {
    let unknown = |what: &str| Disputes::Unknown(format!("Razorpay's list of disputes {what}"));
    let Some(value) = read::json(response).filter(|_| response.status == 200) else {
        return Disputes::Unknown(format!("Razorpay answered with status {}", response.status));
    };
    let Some(items) = items(&value) else { return unknown("has no entries") };
    let payment = charge.memory.get(PAYMENT);
    let mut seen = Vec::new();
    for item in items.iter().filter(|item| payment.is_some() && read::text(item, "/payment_id").as_ref() == payment) {
        let (Some(reference), Some(amount), Some(currency)) =
            (read::id(item, "/id"), read::minor(item, "/amount"), read::currency(item, "/currency"))
        else {
            return unknown("has one without id or amount");
        };
        let evidence_due = read::seconds(item, "/respond_by");
        match state(item) {
            Ok(Some(state)) => seen.push(DisputeSeen { reference, amount, currency, state, evidence_due }),
            Ok(None) => {}
            Err(()) => return unknown("has one in a state that is not known"),
        }
    }
    if seen.is_empty() && items.len() >= PAGE {
        return unknown("is longer than one page, and this payment is not on it");
    }
    Disputes::Seen(seen)
}

/// `None` for questions (`fraud`, `retrieval`) that have taken no money.
fn state(item: &Value) -> Result<Option<DisputeState>, ()> {
    let deducted = read::minor(item, "/amount_deducted").is_some_and(|amount| !amount.is_zero());
    let asks_only = matches!(read::text(item, "/phase").as_deref(), Some("fraud" | "retrieval"));
    match read::text(item, "/status").unwrap_or_default().as_str() {
        _ if deducted => Ok(Some(DisputeState::Lost)),
        _ if asks_only => Ok(None),
        "open" => Ok(Some(DisputeState::Open)),
        "under_review" => Ok(Some(DisputeState::UnderReview)),
        "won" | "closed" => Ok(Some(DisputeState::Won)),
        "lost" => Ok(Some(DisputeState::Lost)),
        _ => Err(()),
    }
}
