//! Asks for a charge under our own order id: first its payments
//! (<https://www.cashfree.com/docs/api-reference/payments/latest/payments/get-payments-for-order>), then, if there are none, the order
//! (<https://www.cashfree.com/docs/api-reference/payments/latest/orders/get>).

use serde_json::{Value, json};

use super::{ask, begin, is_of, signed, unclear};
use crate::provider::{Account, Answer, Charge, Decline, HttpRequest, HttpResponse, Outcome, Proof, read};

pub(super) fn payments(account: &Account, charge: &Charge) -> HttpRequest {
    ask(account, &format!("/orders/{}/payments", charge.id))
}

pub(super) fn order(account: &Account, charge: &Charge) -> HttpRequest {
    ask(account, &format!("/orders/{}", charge.id))
}

/// <https://www.cashfree.com/docs/api-reference/payments/latest/orders/terminate>
pub(super) fn terminate(account: &Account, charge: &Charge) -> HttpRequest {
    let body = json!({ "order_status": "TERMINATED" });
    let request = HttpRequest::patch_json(account.url(&format!("/orders/{}", charge.id)), &body);
    signed(account, request, &charge.id, "terminate")
}

/// What a 404 with the right code says; any other 404 may come from anywhere.
fn nothing(response: &HttpResponse) -> Option<Answer> {
    let code = super::refusal(read::json(response).as_ref())?;
    let none = response.status == 404 && code == "order_not_found";
    none.then(|| Answer::of(Outcome::NotSent("Cashfree has no order of this charge".into())))
}

pub(super) fn payments_read(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let value = read::json(response).filter(|_| response.status == 200);
    let Some(Value::Array(items)) = value else { return nothing(response).unwrap_or_else(|| unclear(response)) };
    if items.iter().any(|item| !is_of(charge, item)) {
        return Answer::of(Outcome::Unknown("Cashfree's list has a payment of another order".into()));
    }
    let of_state =
        |state: &str| items.iter().find(|item| read::text(item, "/payment_status").as_deref() == Some(state));
    if let Some(paid) = of_state("SUCCESS") {
        return match proof(charge, paid) {
            Some(proof) => Answer::of(Outcome::Final(Box::new(proof))),
            None => Answer::of(Outcome::Unknown("Cashfree's payment has no amount that can be read".into())),
        };
    }
    if of_state("PENDING").is_some() {
        return Answer::of(Outcome::Pending);
    }
    let over = ["FAILED", "USER_DROPPED", "CANCELLED", "VOID"].iter().find_map(|state| of_state(state));
    match (of_state("NOT_ATTEMPTED"), over) {
        (Some(_), _) => waiting(charge),
        (None, Some(over)) => Answer::of(Outcome::Declined(decline(over))),
        (None, None) if items.is_empty() => Answer::of(Outcome::Next),
        (None, None) => Answer::of(Outcome::Unknown("Cashfree's payment has a state that is not known".into())),
    }
}

fn waiting(charge: &Charge) -> Answer {
    match begin::shown(charge) {
        Some(shown) => Answer::of(Outcome::NeedsPayer(shown)),
        None => Answer::of(Outcome::Pending),
    }
}

/// Also the answer to a termination.
pub(super) fn order_read(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let Some(value) = read::json(response).filter(|_| response.status == 200) else {
        return nothing(response).unwrap_or_else(|| unclear(response));
    };
    if !is_of(charge, &value) {
        return Answer::of(Outcome::Unknown("Cashfree's answer is not the order of this charge".into()));
    }
    let answer = match read::text(&value, "/order_status").as_deref() {
        Some("ACTIVE") => match begin::shown(charge) {
            Some(shown) => Answer::of(Outcome::NeedsPayer(shown)),
            // what the payer should have been shown was lost with the answer: nobody can pay it
            None => Answer::of(Outcome::NotSent("Cashfree has an order of this charge, and no payment".into())),
        },
        // paid between the two questions, or about to be closed: the next sync will tell
        Some("PAID" | "TERMINATION_REQUESTED") => Answer::of(Outcome::Pending),
        Some("EXPIRED") => Answer::of(Outcome::Declined(Decline::TimedOut)),
        Some("TERMINATED") => Answer::of(Outcome::Declined(Decline::Canceled)),
        state => Answer::of(Outcome::Unknown(format!("Cashfree's order has the state {state:?}"))),
    };
    match read::id(&value, "/cf_order_id") {
        Some(id) => answer.about(id),
        None => answer,
    }
}

/// The payment amount, not the order's: it may hold a fee that was added, and then it is not what was asked.
fn proof(charge: &Charge, paid: &Value) -> Option<Proof> {
    Some(Proof {
        amount: read::decimal(paid, "/payment_amount", charge.digits)?,
        currency: read::currency(paid, "/payment_currency")?,
        rrn: read::rrn(paid, "/bank_reference"),
        card: None,
        held: false,
        reversed: false,
        refunded: None,
    })
}

/// <https://www.cashfree.com/docs/api-reference/payments/error-codes>
fn decline(item: &Value) -> Decline {
    if read::text(item, "/payment_status").as_deref() != Some("FAILED") {
        return Decline::Canceled;
    }
    match read::text(item, "/error_details/error_reason").unwrap_or_default().as_str() {
        "insufficient_funds" | "limit_exceeded" | "transaction_limit_exceeded" => Decline::InsufficientFunds,
        "invalid_mpin" | "incorrect_mpin" | "incorrect_pin" => Decline::WrongCode,
        "payment_cancelled" | "user_dropped" => Decline::Canceled,
        "payment_timed_out" | "timeout" => Decline::TimedOut,
        "bank_technical_error" | "gateway_technical_error" | "issuer_down" | "server_error" => Decline::TryAgain,
        _ => Decline::Refused,
    }
}
