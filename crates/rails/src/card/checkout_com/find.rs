//! Asks for a payment: by its id; or all under our reference
//! (<https://www.checkout.com/docs/payments/manage-payments/get-a-list-of-payments>), of which one hosted page may see several: a payer
//! who was declined tries again there. Only one that took money settles what became of a page; as long as there is none, the page itself
//! says whether it is over.

use serde_json::Value;

use super::{PAGE, PAYMENT, payment, signed, unclear};
use crate::provider::{Account, Answer, Charge, Decline, HttpRequest, HttpResponse, NeedsPayer, Outcome, read};

/// Remembered: what is asked next, a payment's id or [`THE_PAGE`]; and, while the page is asked, the payment that was seen to have failed
/// on it.
const ASK: &str = "ask";
const THE_PAGE: &str = "page";
const FAILED: &str = "failed";

enum Question<'a> {
    Payment(&'a str),
    Page(&'a str),
    Payments,
}

/// The id of the hosted page, if the charge was begun with one.
fn page_of(charge: &Charge) -> Option<&str> {
    charge.reference.as_deref().filter(|id| id.starts_with("hpp_"))
}

fn first_question(charge: &Charge) -> Question<'_> {
    match charge.reference.as_deref().filter(|id| id.starts_with("pay_")) {
        Some(id) => Question::Payment(id),
        None => Question::Payments,
    }
}

fn next_question(charge: &Charge) -> Question<'_> {
    match (charge.memory.get(ASK).map(String::as_str), page_of(charge)) {
        (Some(THE_PAGE), Some(page)) => Question::Page(page),
        (Some(payment), Some(_)) if payment.starts_with("pay_") => Question::Payment(payment),
        _ => first_question(charge),
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
        Question::Payment(id) => format!("/payments/{id}"),
        Question::Page(id) => format!("/hosted-payments/{id}"),
        Question::Payments => format!("/payments?reference={}&limit=100&skip=0", charge.id),
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
        Question::Payment(id) => one(charge, &value, id),
        Question::Page(_) => page(charge, &value),
        Question::Payments => list(charge, &value),
    }
}

/// One that failed on a page leaves the question to the page.
fn one(charge: &Charge, value: &Value, id: &str) -> Answer {
    let answer = payment::read(charge, value);
    match (&answer.outcome, page_of(charge)) {
        (Outcome::Declined(_), Some(_)) => ask_page(id),
        _ => answer,
    }
}

fn ask_page(failed: &str) -> Answer {
    Answer::of(Outcome::Next).remember(ASK, THE_PAGE).remember(FAILED, failed)
}

/// Of several tries the one that took money counts, then one that still may.
fn list(charge: &Charge, value: &Value) -> Answer {
    let (Some(items), Some(total)) =
        (value.pointer("/data").and_then(Value::as_array), read::minor(value, "/total_count"))
    else {
        return Answer::of(Outcome::Unknown("Checkout.com's list cannot be read".into()));
    };
    if items.is_empty() && total.is_zero() {
        return match page_of(charge) {
            Some(_) => ask_page(""),
            None => Answer::of(Outcome::NotSent("Checkout.com has no payment under this reference".into())),
        };
    }
    if items.iter().any(|item| read::text(item, "/reference").as_deref() != Some(charge.id.as_str())) {
        return Answer::of(Outcome::Unknown("Checkout.com's list has a payment of another reference".into()));
    }
    let Some((best, id)) = items
        .iter()
        .min_by_key(|item| rank(item))
        .and_then(|item| Some((rank(item), read::id(item, "/id").filter(|id| id.starts_with("pay_"))?)))
    else {
        return Answer::of(Outcome::Unknown("Checkout.com's list has an entry without id".into()));
    };
    match page_of(charge) {
        Some(_) if best == Rank::Failed => ask_page(&id),
        Some(_) => Answer::of(Outcome::Next).remember(ASK, id),
        None => Answer::of(Outcome::Next).about(&*id).remember(PAYMENT, id),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    TookMoney,
    Authorized,
    /// Under way, or in a state that is not known.
    Open,
    Failed,
}

fn rank(payment: &Value) -> Rank {
    match read::text(payment, "/status").unwrap_or_default().as_str() {
        "Captured" | "Partially Captured" | "Refunded" | "Partially Refunded" | "Paid" => Rank::TookMoney,
        "Authorized" => Rank::Authorized,
        "Declined" | "Canceled" | "Expired" | "Voided" => Rank::Failed,
        _ => Rank::Open,
    }
}

/// The states of a hosted page: `Payment Pending`, `Payment Received`, `Expired`.
fn page(charge: &Charge, value: &Value) -> Answer {
    if read::text(value, "/reference").as_deref() != Some(charge.id.as_str()) {
        return Answer::of(Outcome::Unknown("Checkout.com's answer is not the page of this charge".into()));
    }
    let failed = charge.memory.get(FAILED).map(String::as_str).unwrap_or_default();
    let named = read::id(value, "/payment_id").filter(|id| id.starts_with("pay_"));
    if let Some(other) = named.as_deref().filter(|id| *id != failed) {
        // made after the list was read, or not in it yet
        return Answer::of(Outcome::Next).remember(ASK, other);
    }
    match read::text(value, "/status").as_deref() {
        Some("Payment Pending") => still_open(charge),
        // the reference does not say that a page is over when the payment on it failed: another try is not ruled out before it expires
        Some("Payment Received") if named.is_some() => still_open(charge),
        Some("Payment Received") => Answer::of(Outcome::Pending),
        Some("Expired") => Answer::of(Outcome::Declined(Decline::TimedOut)),
        state => Answer::of(Outcome::Unknown(format!("Checkout.com's page has the state {state:?}"))),
    }
}

fn still_open(charge: &Charge) -> Answer {
    match charge.memory.get(PAGE) {
        Some(url) => Answer::of(Outcome::NeedsPayer(NeedsPayer::Visit { url: url.clone(), challenge: false })),
        None => Answer::of(Outcome::Pending),
    }
}
