//! What the payments of an order or of a QR code say: <https://razorpay.com/docs/api/payments/entity>.

use domain::Units;
use serde_json::Value;

use super::{LINK, PAYMENT, QR_PAGE, QR_TEXT, begin, items};
use crate::provider::{Answer, Charge, Decline, NeedsPayer, Outcome, Proof, read};

/// Reads a list of payments; `None` when none of them decides.
pub(super) fn read(value: &Value) -> Result<Option<Answer>, &'static str> {
    let items = items(value).ok_or("has no entries")?;
    let of_state =
        |state: &str| items.iter().filter(|item| read::text(item, "/status").as_deref() == Some(state)).collect();
    let captured: Vec<&Value> = of_state("captured");
    let refunded: Vec<&Value> = of_state("refunded");
    let authorized: Vec<&Value> = of_state("authorized");
    let failed: Vec<&Value> = of_state("failed");
    let paid: Vec<&Value> =
        captured.into_iter().chain(refunded.iter().copied().filter(|item| is_captured(item))).collect();
    if let Some(first) = paid.first() {
        return proof(&paid).map(|proof| Some(known(first, Outcome::Final(Box::new(proof))))).ok_or("lacks an amount");
    }
    if !authorized.is_empty() {
        return Ok(Some(Answer::of(Outcome::Pending)));
    }
    if let Some(first) = refunded.first() {
        // it went back without ever having been captured
        let proof = proof(&refunded).map(|proof| Proof { reversed: true, refunded: None, ..proof });
        return proof.map(|proof| Some(known(first, Outcome::Final(Box::new(proof))))).ok_or("lacks an amount");
    }
    match items.iter().any(|item| read::text(item, "/status").as_deref() == Some("created")) {
        false if !failed.is_empty() => Ok(failed.last().map(|item| Answer::of(Outcome::Declined(decline(item))))),
        _ => Ok(None),
    }
}

fn is_captured(item: &Value) -> bool {
    item.pointer("/captured").and_then(Value::as_bool) == Some(true)
}

fn known(payment: &Value, outcome: Outcome) -> Answer {
    let answer = Answer::of(outcome);
    match read::id(payment, "/id") {
        Some(id) => answer.remember(PAYMENT, id),
        None => answer,
    }
}

/// The sum of what was taken: more than one payment is more than was asked, and the gateway will see it.
fn proof(paid: &[&Value]) -> Option<Proof> {
    let first = paid.first()?;
    let sum = |at: &str| paid.iter().try_fold(Units::ZERO, |sum, item| sum.plus(read::minor(item, at)?).ok());
    let currency = read::currency(first, "/currency")?;
    if paid.iter().any(|item| read::currency(item, "/currency").as_ref() != Some(&currency)) {
        return None;
    }
    Some(Proof {
        amount: sum("/amount")?,
        currency,
        rrn: read::rrn(first, "/acquirer_data/rrn"),
        card: None,
        held: false,
        reversed: false,
        refunded: sum("/amount_refunded"),
    })
}

/// <https://razorpay.com/docs/errors/payments/list>
fn decline(item: &Value) -> Decline {
    match read::text(item, "/error_reason").unwrap_or_default().as_str() {
        "insufficient_funds" | "insufficient_fund" | "transaction_limit_exceeded" => Decline::InsufficientFunds,
        "payment_cancelled" => Decline::Canceled,
        "payment_timed_out" | "payment_collect_request_expired" => Decline::TimedOut,
        "incorrect_pin" | "invalid_pin" => Decline::WrongCode,
        "gateway_technical_error"
        | "bank_technical_error"
        | "server_error"
        | "upi_app_technical_error"
        | "payment_failed" => Decline::TryAgain,
        _ => Decline::Refused,
    }
}

/// What the payer was shown, as far as it is remembered.
pub(super) fn shown(charge: &Charge) -> Option<NeedsPayer> {
    let known = |name: &str| charge.memory.get(name).cloned();
    match (known(LINK), known(QR_TEXT), known(QR_PAGE)) {
        (None, None, Some(url)) => Some(NeedsPayer::Visit { url, challenge: false }),
        (None, None, None) => None,
        (link, qr_text, _) => Some(begin::upi(link, qr_text)),
    }
}
