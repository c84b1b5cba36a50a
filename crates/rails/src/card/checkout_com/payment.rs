//! What a payment says: <https://www.checkout.com/docs/payments/manage-payments/get-payment-details>.

use serde_json::Value;

use super::{PAYMENT, codes, decline, status, unclear};
use crate::provider::read::{self, Begun};
use crate::provider::{Account, Answer, Charge, Decline, HttpResponse, NeedsPayer, Outcome, Proof};

/// The answer to a payment with card data.
pub(super) fn begun(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let value = read::json(response);
    match (status(response), &value) {
        (Begun::Answered, Some(value)) => read(charge, value),
        (Begun::Refused, _) => match codes(value.as_ref()) {
            Some(codes) => Answer::of(Outcome::NotSent(format!("Checkout.com refused it: {codes}"))),
            None => unclear(response),
        },
        (Begun::No, _) => Answer::of(Outcome::NotSent("Checkout.com did not accept the secret key".into())),
        _ => unclear(response),
    }
}

/// Reads a payment, from its own page or from the answer that began it. Its id is remembered apart: the charge may be known by the
/// hosted page's.
pub(super) fn read(charge: &Charge, value: &Value) -> Answer {
    let Some(id) = read::id(value, "/id").filter(|id| id.starts_with("pay_")) else {
        return Answer::of(Outcome::Unknown("Checkout.com's answer names no payment".into()));
    };
    // the 202 answer of a payment that needs 3-D Secure may leave the reference out
    let reference = read::text(value, "/reference");
    if reference.as_deref().is_some_and(|reference| reference != charge.id) {
        return Answer::of(Outcome::Unknown(format!("{id} is not the payment of this charge")));
    }
    let answer = Answer::of(outcome(value)).remember(PAYMENT, &*id);
    if charge.reference.is_some() { answer } else { answer.about(id) }
}

fn outcome(value: &Value) -> Outcome {
    let state = read::text(value, "/status").unwrap_or_default();
    match state.as_str() {
        "Captured" | "Partially Captured" | "Refunded" | "Partially Refunded" | "Paid" => match proof(value) {
            Some(proof) => Outcome::Final(Box::new(proof)),
            None => Outcome::Unknown("Checkout.com's answer lacks what was captured".into()),
        },
        // captured by Checkout.com at once or soon: it is money only then
        "Authorized" => Outcome::Pending,
        "Pending" => match read::text(value, "/_links/redirect/href") {
            Some(url) => Outcome::NeedsPayer(NeedsPayer::Visit { url, challenge: true }),
            None => Outcome::Pending,
        },
        "Declined" => {
            let code = ["/response_code", "/actions/0/response_code"].iter().find_map(|at| read::text(value, at));
            Outcome::Declined(decline::of(&code.unwrap_or_default()))
        }
        "Canceled" | "Voided" => Outcome::Declined(Decline::Canceled),
        // nobody passed 3-D Secure in time, or the authorization ran out before it was captured
        "Expired" => Outcome::Declined(Decline::TimedOut),
        _ => Outcome::Unknown(format!("Checkout.com's answer has the state {state:?}")),
    }
}

/// A flagged risk (`risk.flagged`) holds no money back here, so nothing is `held`.
fn proof(value: &Value) -> Option<Proof> {
    Some(Proof {
        amount: read::minor(value, "/balances/total_captured").or_else(|| read::minor(value, "/amount"))?,
        currency: read::currency(value, "/currency")?,
        rrn: None,
        card: read::card(value, "/source/scheme", "/source/last4"),
        held: false,
        reversed: false,
        refunded: read::minor(value, "/balances/total_refunded"),
    })
}
