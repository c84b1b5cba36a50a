//! Asks for an order under our own id, with all tries to pay it:
//! <https://developer.phonepe.com/payment-gateway-custom-checkout/mobile-app-integration/api-reference/order-status>.

use domain::Units;
use serde_json::Value;

use super::{ask, begin, currency, fits, refusal, unclear};
use crate::provider::read::{self, Begun};
use crate::provider::{Account, Answer, Charge, Decline, HttpRequest, HttpResponse, Outcome, Proof};

pub(super) fn order(account: &Account, charge: &Charge) -> HttpRequest {
    ask(account, &format!("/payments/v2/order/{}/status?details=true", charge.id))
}

/// What an error object with the right code says; the reference gives no status for it.
fn nothing(response: &HttpResponse) -> Option<Answer> {
    let code = refusal(read::json(response).as_ref())?;
    let none = read::begun(response.status) == Begun::Refused && code == "INVALID_MERCHANT_ORDER_ID";
    none.then(|| Answer::of(Outcome::NotSent("PhonePe has no order of this charge".into())))
}

/// The order's own state is what counts; those of its payments must not say otherwise. Our id is in the path, and not in every answer.
pub(super) fn order_read(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let Some(value) = read::json(response).filter(|_| response.status == 200) else {
        return nothing(response).unwrap_or_else(|| unclear(response));
    };
    let of_this =
        fits(&value, "/merchantOrderId", Some(&charge.id)) && fits(&value, "/orderId", charge.reference.as_deref());
    if !of_this {
        return Answer::of(Outcome::Unknown("PhonePe's answer is not the order of this charge".into()));
    }
    let tries = value.pointer("/paymentDetails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of_state = |state: &str| -> Vec<&Value> {
        tries.iter().filter(|it| read::text(it, "/state").as_deref() == Some(state)).collect()
    };
    let paid = of_state("COMPLETED");
    let outcome = match read::text(&value, "/state").as_deref() {
        Some("COMPLETED") => match proof(&value, &paid) {
            Some(proof) => Outcome::Final(Box::new(proof)),
            None => Outcome::Unknown("PhonePe's paid order has no payment that can be read".into()),
        },
        Some("PENDING" | "FAILED") if !paid.is_empty() => {
            Outcome::Unknown("PhonePe's order is not paid, and has a payment that is done".into())
        }
        Some("PENDING") => begin::shown(charge).map_or(Outcome::Pending, Outcome::NeedsPayer),
        // the order ran out while a bank was at work
        Some("FAILED") if !of_state("PENDING").is_empty() => Outcome::Pending,
        Some("FAILED") => Outcome::Declined(decline(&value)),
        state => Outcome::Unknown(format!("PhonePe's order has the state {state:?}")),
    };
    match read::id(&value, "/orderId") {
        Some(id) => Answer::of(outcome).about(id),
        None => Answer::of(outcome),
    }
}

/// The sum of the payments that are done, not the order's amount: that is what we asked for, and proves nothing. A fee that PhonePe
/// took from the payer is beside it (`payableAmount`).
fn proof(order: &Value, paid: &[&Value]) -> Option<Proof> {
    let mut sum: Option<Units> = None;
    for payment in paid {
        let amount = read::minor(payment, "/amount")?;
        sum = Some(match sum {
            Some(sum) => Units(sum.0.checked_add(amount.0)?),
            None => amount,
        });
    }
    let rrn = match paid {
        [one] => ["/rail/utr", "/splitInstruments/0/rail/utr"].iter().find_map(|at| read::rrn(one, at)),
        _ => None,
    };
    Some(Proof {
        amount: sum?,
        currency: currency(order)?,
        rrn,
        card: None,
        held: false,
        reversed: false,
        refunded: None,
    })
}

/// <https://developer.phonepe.com/payment-gateway/error-codes>; the details are NPCI's own codes.
fn decline(order: &Value) -> Decline {
    let code = |at: &str| read::text(order, at).unwrap_or_default();
    match (code("/errorCode").as_str(), code("/detailedErrorCode").as_str()) {
        ("INSUFFICIENT_FUNDS", _) | (_, "Z9" | "Z8" | "Z7") => Decline::InsufficientFunds,
        ("INVALID_MPIN", _) | (_, "ZM") => Decline::WrongCode,
        // refused by the payer in his app, whatever stands beside it
        (_, "ZA") | ("TXN_CANCELLED", _) => Decline::Canceled,
        ("TXN_NOT_COMPLETED" | "ORDER_EXPIRED", _) => Decline::TimedOut,
        (_, "UP" | "UB") => Decline::TryAgain,
        _ => Decline::Refused,
    }
}
