//! Payments and refunds as JSON. Amounts are whole numbers of minor units; every key is always there.

use domain::{Units, fiat};
use serde::Serialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::Settings;
use super::record::{Method, Payment, Refund, RefundState, State};
use crate::provider::read;

pub(super) fn payment(payment: &Payment, settings: &Settings) -> Value {
    let page = |name: &str| format!("{}/{name}/{}", settings.base_url, payment.id);
    let disputes = payment.disputes.iter().map(|dispute| {
        json!({
            "id": dispute.id,
            "amount": minor(dispute.amount),
            "currency": payment.currency,
            "status": word(dispute.state),
            "evidence_due_at": dispute.evidence_due.map(|at| at.0),
        })
    });
    let is_upi = payment.method == Method::Upi;
    json!({
        "id": payment.id,
        "reference": payment.reference,
        "method": word(payment.method),
        "status": word(payment.state),
        "reason": payment.reason.map(word),
        "amount": minor(payment.amount),
        "currency": payment.currency,
        "taken": minor(payment.taken),
        "refunded": minor(payment.refunded(RefundState::Done)),
        "held": payment.held,
        "card": payment.card,
        "rrn": payment.rrn,
        "challenge_url": (payment.state == State::Challenge).then(|| page("challenge")),
        "upi_link": is_upi.then(|| upi_link(payment)),
        "upi_app_url": is_upi.then(|| page("upi")),
        "disputes": disputes.collect::<Vec<_>>(),
        "created_at": payment.created_at.0,
        "expires_at": payment.expires_at.0,
    })
}

pub(super) fn refund(payment: &Payment, refund: &Refund) -> Value {
    json!({
        "id": refund.id,
        "reference": refund.reference,
        "payment": payment.id,
        "amount": minor(refund.amount),
        "currency": payment.currency,
        "status": word(refund.state),
    })
}

fn minor(units: Units) -> Value {
    read::number(units, 0)
}

/// The word that JSON has for it.
pub(super) fn word(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// NPCI UPI Linking Specification 1.6. No `mc`, `tid` or `sign`: those are issued by a bank.
fn upi_link(payment: &Payment) -> String {
    let digits = fiat::minor_digits(&payment.currency).unwrap_or(2);
    let amount = payment.amount.decimal(digits, digits);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("pa", "shop@sandbox").append_pair("pn", &payment.payee).append_pair("am", &amount);
    query.append_pair("cu", &payment.currency).append_pair("tr", &payment.reference);
    query.append_pair("tn", &payment.description);
    // a blank is %20 there, not the form's plus sign; a plus sign of the text is %2B by now
    format!("upi://pay?{}", query.finish().replace('+', "%20"))
}

impl super::Acquirer {
    /// The payment as the API shows it.
    pub fn shown(&self, of: &Payment) -> Value {
        payment(of, &self.settings)
    }
}
