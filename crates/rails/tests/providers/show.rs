//! Outcomes as fixtures write them. What is absent or false is left out; sentences stand under `says`.

use rails::provider::{Answer, DisputeState, Disputes, Hint, Outcome, Proof, RefundAnswer, RefundOutcome, Token};
use serde_json::{Map, Value, json};

pub fn answer(answer: &Answer) -> Value {
    let mut shown = match &answer.outcome {
        Outcome::Next => json!({ "outcome": "next" }),
        Outcome::Final(proof) => paid(proof),
        Outcome::Pending => json!({ "outcome": "pending" }),
        Outcome::NeedsPayer(what) => {
            let mut shown = serde_json::to_value(what).unwrap();
            shown.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            shown["outcome"] = json!("needs_payer");
            shown
        }
        Outcome::Declined(why) => json!({ "outcome": "declined", "why": why }),
        Outcome::NotSent(says) => json!({ "outcome": "not_sent", "says": says }),
        Outcome::Unknown(says) => json!({ "outcome": "unknown", "says": says }),
    };
    put(&mut shown, "reference", answer.reference.as_ref().map(|id| json!(id)));
    put(&mut shown, "memory", Some(&answer.memory).filter(|memory| !memory.is_empty()).map(|memory| json!(memory)));
    shown
}

fn paid(proof: &Proof) -> Value {
    let mut shown = json!({ "outcome": "paid", "amount": proof.amount.to_string(), "currency": proof.currency });
    put(&mut shown, "rrn", proof.rrn.as_ref().map(|rrn| json!(rrn)));
    let card = proof.card.as_ref().map(|card| json!(format!("{} {}", card.brand.title(), card.last4)));
    put(&mut shown, "card", card);
    put(&mut shown, "held", proof.held.then(|| json!(true)));
    put(&mut shown, "reversed", proof.reversed.then(|| json!(true)));
    put(&mut shown, "refunded", proof.refunded.map(|units| json!(units.to_string())));
    shown
}

pub fn refund(answer: &RefundAnswer) -> Value {
    let mut shown = match &answer.outcome {
        RefundOutcome::Done { amount, currency } => {
            json!({ "outcome": "done", "amount": amount.to_string(), "currency": currency })
        }
        RefundOutcome::Pending => json!({ "outcome": "pending" }),
        RefundOutcome::Declined(says) => json!({ "outcome": "declined", "says": says }),
        RefundOutcome::NotSent(says) => json!({ "outcome": "not_sent", "says": says }),
        RefundOutcome::Unknown(says) => json!({ "outcome": "unknown", "says": says }),
    };
    put(&mut shown, "reference", answer.reference.as_ref().map(|id| json!(id)));
    shown
}

pub fn disputes(disputes: &Disputes) -> Value {
    let seen = match disputes {
        Disputes::Seen(seen) => seen,
        Disputes::Unknown(says) => return json!({ "outcome": "unknown", "says": says }),
    };
    let state = |state| match state {
        DisputeState::Open => "open",
        DisputeState::UnderReview => "under review",
        DisputeState::Won => "won",
        DisputeState::Lost => "lost",
    };
    let seen = seen.iter().map(|one| {
        let mut shown = json!({
            "reference": one.reference, "amount": one.amount.to_string(), "currency": one.currency, "state": state(one.state)
        });
        put(&mut shown, "evidence_due", one.evidence_due.map(|at| json!(at.0)));
        shown
    });
    json!({ "outcome": "seen", "disputes": seen.collect::<Vec<_>>() })
}

pub fn hint(hint: &Hint) -> Value {
    json!({ "event_id": hint.event_id, "what": hint.what, "about": hint.about })
}

pub fn token(token: Option<Token>) -> Value {
    match token {
        Some(token) => json!({ "outcome": "token", "token": token.text.as_str(), "expires_at": token.expires_at }),
        None => json!({ "outcome": "refused" }),
    }
}

fn put(shown: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(value), Some(shown)) = (value, shown.as_object_mut()) {
        shown.insert(name.into(), value);
    }
}

/// Whether an outcome is the expected one. A sentence counts only where the fixture gives it.
pub fn is_as_expected(shown: &Value, expected: &Value) -> bool {
    let bare = |value: &Value| -> Map<String, Value> {
        let mut map = value.as_object().cloned().unwrap_or_default();
        if expected.get("says").is_none() {
            map.remove("says");
        }
        map
    };
    bare(shown) == bare(expected)
}
