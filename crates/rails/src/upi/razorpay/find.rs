//! Asks for a charge: the payments of its order or QR code; when their ids were lost, first for an order by its receipt
//! (<https://razorpay.com/docs/api/orders/fetch-all>), then through the QR codes made about that time.

use domain::time::MINUTE;
use serde_json::Value;

use super::{begin, is_noted, items, payments, signed, unclear};
use crate::provider::{Account, Answer, Charge, Decline, HttpRequest, HttpResponse, Outcome, read};

/// Remembered: which question is next.
const NEXT: &str = "next";
const STATE: &str = "qr_state";
const PAGE: usize = 100;

enum Question<'a> {
    PaymentsOf(&'a str),
    /// Whether a QR code that was not paid is still open.
    StateOf(&'a str),
    Orders,
    /// From how many on.
    Codes(usize),
}

fn first_question(charge: &Charge) -> Question<'_> {
    charge.reference.as_deref().map_or(Question::Orders, Question::PaymentsOf)
}

fn next_question(charge: &Charge) -> Question<'_> {
    let next = charge.memory.get(NEXT).map(String::as_str);
    match (charge.reference.as_deref(), next) {
        (Some(id), Some(STATE)) => Question::StateOf(id),
        (Some(id), _) => Question::PaymentsOf(id),
        (None, next) => Question::Codes(next.and_then(|skip| skip.parse().ok()).unwrap_or(0)),
    }
}

pub(super) fn first(account: &Account, charge: &Charge) -> HttpRequest {
    request(account, charge, &first_question(charge))
}

pub(super) fn more(account: &Account, charge: &Charge) -> HttpRequest {
    request(account, charge, &next_question(charge))
}

fn request(account: &Account, charge: &Charge, question: &Question) -> HttpRequest {
    let path = match question {
        Question::PaymentsOf(id) if id.starts_with("qr_") => {
            format!("/v1/payments/qr_codes/{id}/payments?count={PAGE}")
        }
        Question::PaymentsOf(id) => format!("/v1/orders/{id}/payments"),
        Question::StateOf(id) => format!("/v1/payments/qr_codes/{id}"),
        Question::Orders => format!("/v1/orders?receipt={}&count={PAGE}", charge.id),
        Question::Codes(skip) => {
            let (from, to) = (charge.created_at.plus(-10 * MINUTE), charge.expires_at.plus(10 * MINUTE));
            format!("/v1/payments/qr_codes?from={}&to={}&count={PAGE}&skip={skip}", from.seconds(), to.seconds())
        }
    };
    signed(account, HttpRequest::get(account.url(&path)))
}

pub(super) fn read(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    answer(charge, response, &first_question(charge))
}

pub(super) fn read_more(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    answer(charge, response, &next_question(charge))
}

fn answer(charge: &Charge, response: &HttpResponse, question: &Question) -> Answer {
    let Some(value) = read::json(response).filter(|_| response.status == 200) else { return unclear(response) };
    match question {
        Question::PaymentsOf(id) => paid(charge, &value, id),
        Question::StateOf(_) => state(charge, &value),
        Question::Orders => orders(charge, &value),
        Question::Codes(skip) => codes(charge, &value, *skip),
    }
}

fn unknown(what: &str) -> Answer {
    Answer::of(Outcome::Unknown(format!("Razorpay's list {what}")))
}

fn paid(charge: &Charge, value: &Value, id: &str) -> Answer {
    match (payments::read(value), payments::shown(charge)) {
        (Err(what), _) => unknown(what),
        // another try of a code is as good as the first
        (Ok(Some(Answer { outcome: Outcome::Declined(_), .. })), _) if id.starts_with("qr_") => {
            Answer::of(Outcome::Next).remember(NEXT, STATE)
        }
        (Ok(Some(answer)), _) => answer,
        (Ok(None), _) if id.starts_with("qr_") => Answer::of(Outcome::Next).remember(NEXT, STATE),
        (Ok(None), Some(shown)) => Answer::of(Outcome::NeedsPayer(shown)),
        (Ok(None), None) if items(value).is_some_and(Vec::is_empty) => {
            // the link of an order's payment was lost with the answer: nobody can pay it
            Answer::of(Outcome::NotSent("Razorpay has an order of this charge, and no payment".into()))
        }
        (Ok(None), None) => Answer::of(Outcome::Pending),
    }
}

/// <https://razorpay.com/docs/api/qr-codes/fetch-with-id>. It closes when it is paid (`paid`), when somebody closes it (`on_demand`), and at
/// `close_by`, for which the reference names no reason.
fn state(charge: &Charge, value: &Value) -> Answer {
    if !is_noted(value, "charge", &charge.id) {
        return Answer::of(Outcome::Unknown("Razorpay's answer is not the QR code of this charge".into()));
    }
    let received = read::minor(value, "/payments_amount_received");
    match (read::text(value, "/status").as_deref(), received) {
        (_, Some(received)) if !received.is_zero() => Answer::of(Outcome::Pending),
        (Some("active"), Some(_)) => begin::shown(value),
        (Some("closed"), Some(_)) => match read::text(value, "/close_reason").as_deref() {
            Some("on_demand") => Answer::of(Outcome::Declined(Decline::Canceled)),
            // the sum is not there yet
            Some("paid") => Answer::of(Outcome::Pending),
            _ => Answer::of(Outcome::Declined(Decline::TimedOut)),
        },
        (state, _) => Answer::of(Outcome::Unknown(format!("Razorpay's QR code has the state {state:?}"))),
    }
}

fn orders(charge: &Charge, value: &Value) -> Answer {
    let Some(items) = items(value) else { return unknown("of orders has no entries") };
    match items.iter().find(|item| read::text(item, "/receipt").as_deref() == Some(charge.id.as_str())) {
        Some(order) => match read::id(order, "/id").filter(|id| id.starts_with("order_")) {
            Some(id) => Answer::of(Outcome::Next).about(id),
            None => unknown("of orders has one without id"),
        },
        None if items.is_empty() => Answer::of(Outcome::Next).remember(NEXT, "0"),
        None => unknown("of orders has other receipts than asked for"),
    }
}

fn codes(charge: &Charge, value: &Value, skip: usize) -> Answer {
    let Some(items) = items(value) else { return unknown("of QR codes has no entries") };
    match items.iter().find(|item| is_noted(item, "charge", &charge.id)) {
        Some(code) => match read::id(code, "/id").filter(|id| id.starts_with("qr_")) {
            Some(id) => Answer::of(Outcome::Next).about(id).remember(NEXT, ""),
            None => unknown("of QR codes has one without id"),
        },
        None if items.len() < PAGE => {
            Answer::of(Outcome::NotSent("Razorpay has no order or QR code of this charge".into()))
        }
        None => Answer::of(Outcome::Next).remember(NEXT, skip.saturating_add(PAGE).to_string()),
    }
}

/// A QR code can be closed (<https://razorpay.com/docs/api/qr-codes/close>), an order cannot: it is asked for instead.
pub(super) fn close(account: &Account, charge: &Charge) -> HttpRequest {
    match charge.reference.as_deref().filter(|id| id.starts_with("qr_")) {
        Some(id) => {
            let url = account.url(&format!("/v1/payments/qr_codes/{id}/close"));
            signed(account, HttpRequest::post(url, "application/json", Default::default()))
        }
        None => first(account, charge),
    }
}

pub(super) fn closed(account: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    match charge.reference.as_deref().is_some_and(|id| id.starts_with("qr_")) {
        true => answer(charge, response, &Question::StateOf("")),
        false => read(account, charge, response),
    }
}
