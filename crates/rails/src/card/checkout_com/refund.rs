//! Refunds: <https://www.checkout.com/docs/payments/manage-payments/refund-a-payment>. They are taken on at once and done later; what
//! became of one stands in the payment's actions.

use serde_json::{Value, json};

use super::{PAYMENT, codes, signed, status};
use crate::provider::read::{self, Begun};
use crate::provider::{Account, Charge, HttpRequest, HttpResponse, Refund, RefundAnswer, RefundOutcome};

pub(super) fn payment_of(charge: &Charge) -> &str {
    charge.memory.get(PAYMENT).or(charge.reference.as_ref()).map_or("", String::as_str)
}

pub(super) fn create(account: &Account, refund: &Refund) -> HttpRequest {
    let body = json!({
        "amount": read::number(refund.amount, 0),
        "reference": refund.id,
        "metadata": { "refund": refund.id, "charge": refund.charge.id },
    });
    let url = account.url(&format!("/payments/{}/refunds", payment_of(&refund.charge)));
    signed(account, HttpRequest::post_json(url, &body)).with("cko-idempotency-key", &refund.id)
}

fn unclear(response: &HttpResponse) -> RefundAnswer {
    let what = format!("Checkout.com answered with status {} and no clear word", response.status);
    RefundAnswer::of(RefundOutcome::Unknown(what))
}

pub(super) fn created(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    let value = read::json(response);
    match (status(response), &value) {
        (Begun::Answered, Some(value)) => match read::id(value, "/action_id") {
            Some(id) if read::text(value, "/reference").as_deref() == Some(refund.id.as_str()) => {
                RefundAnswer::of(RefundOutcome::Pending).about(id)
            }
            _ => unclear(response),
        },
        (Begun::Refused, _) if response.status == 403 || codes(value.as_ref()).is_some() => {
            let why = codes(value.as_ref()).unwrap_or_else(|| "it is not permitted".into());
            RefundAnswer::of(RefundOutcome::Declined(format!("Checkout.com refused it: {why}")))
        }
        (Begun::No, _) => RefundAnswer::of(RefundOutcome::NotSent("Checkout.com did not accept the secret key".into())),
        _ => unclear(response),
    }
}

pub(super) fn find(account: &Account, refund: &Refund) -> HttpRequest {
    let url = account.url(&format!("/payments/{}/actions", payment_of(&refund.charge)));
    signed(account, HttpRequest::get(url))
}

pub(super) fn found(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    let value = read::json(response).filter(|_| response.status == 200);
    let Some(Value::Array(actions)) = value else { return unclear(response) };
    // a paid payment has been captured at least, and every action says what it was
    if actions.is_empty() || actions.iter().any(|action| read::text(action, "/type").is_none()) {
        return unclear(response);
    }
    let ours = |action: &&Value| {
        let is = |at: &str, wanted: Option<&str>| wanted.is_some() && read::text(action, at).as_deref() == wanted;
        is("/type", Some("Refund")) && (is("/reference", Some(&refund.id)) || is("/id", refund.reference.as_deref()))
    };
    let Some(action) = actions.iter().find(ours) else {
        return RefundAnswer::of(match refund.reference {
            Some(_) => RefundOutcome::Pending,
            None => RefundOutcome::NotSent("Checkout.com has no such action of the payment".into()),
        });
    };
    let approved = action.pointer("/approved").and_then(Value::as_bool);
    let outcome = match (approved, read::minor(action, "/amount")) {
        // an action has no currency of its own: it is the payment's
        (Some(true), Some(amount)) => RefundOutcome::Done { amount, currency: refund.charge.currency.clone() },
        (Some(false), _) => {
            let code = read::text(action, "/response_code").unwrap_or_default();
            RefundOutcome::Declined(format!("Checkout.com says {code}"))
        }
        (None, _) => RefundOutcome::Pending,
        (Some(true), None) => RefundOutcome::Unknown("Checkout.com's action has no amount".into()),
    };
    let answer = RefundAnswer::of(outcome);
    match read::id(action, "/id") {
        Some(id) => answer.about(id),
        None => answer,
    }
}
