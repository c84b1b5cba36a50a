//! Asks for an intent, by its id or, when that was lost, by our id in its metadata, among those made about the time of the charge
//! (<https://docs.stripe.com/api/payment_intents/list>). Whoever refuses to filter by time (decision 0024) is asked for all there are.

use serde_json::Value;

use super::intent::{self, unclear};
use super::signed;
use crate::provider::{Account, Answer, Charge, HttpRequest, HttpResponse, Outcome, read};

/// Remembered: where the list goes on, and that it is the whole one.
const AFTER: &str = "list_after";
const WHOLE: &str = "list_whole";
/// An intent is made at most so long before the charge, by another clock, and so long after it, by a request that was slow: seconds.
const BEFORE: i64 = 600;
const LATER: i64 = 3_600;

pub(super) fn first(account: &Account, charge: &Charge) -> HttpRequest {
    match &charge.reference {
        Some(id) => ask(account, &format!("/v1/payment_intents/{id}?expand%5B%5D=latest_charge")),
        None => list(account, charge, ""),
    }
}

/// The next page; or, when the intent is known, whether its review is still open.
pub(super) fn more(account: &Account, charge: &Charge) -> HttpRequest {
    match &charge.reference {
        Some(id) => ask(account, &format!("/v1/payment_intents/{id}?expand%5B%5D=latest_charge&expand%5B%5D=review")),
        None => list(account, charge, charge.memory.get(AFTER).map_or("", String::as_str)),
    }
}

fn list(account: &Account, charge: &Charge, after: &str) -> HttpRequest {
    let mut path = "/v1/payment_intents?limit=100&expand%5B%5D=data.latest_charge".to_owned();
    if !charge.memory.contains_key(WHOLE) {
        let made = charge.created_at.seconds();
        let (from, to) = (made.saturating_sub(BEFORE), made.saturating_add(LATER));
        path = format!("{path}&created%5Bgte%5D={from}&created%5Blte%5D={to}");
    }
    if !after.is_empty() {
        path = format!("{path}&starting_after={after}");
    }
    ask(account, &path)
}

fn ask(account: &Account, path: &str) -> HttpRequest {
    signed(account, HttpRequest::get(account.url(path)))
}

pub(super) fn read(account: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let answer = read_more(account, charge, response);
    match (&answer.outcome, &answer.reference) {
        // paid, and reviewed at some time: whether the review is open takes another question
        (Outcome::Final(_), Some(_)) if is_reviewed(&answer, response) => Answer { outcome: Outcome::Next, ..answer },
        _ => answer,
    }
}

pub(super) fn read_more(account: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let Some(value) = read::json(response) else { return unclear(response) };
    match (&charge.reference, response.status) {
        (Some(_), 200) => intent::read(account, charge, &value),
        (None, 200) => page(account, charge, &value),
        (None, 400) if is_refused(&value) && !charge.memory.contains_key(WHOLE) => {
            Answer::of(Outcome::Next).remember(WHOLE, "1").remember(AFTER, "")
        }
        _ => unclear(response),
    }
}

fn is_refused(value: &Value) -> bool {
    read::text(value, "/error/type").as_deref() == Some("invalid_request_error")
}

/// A page of the list: without ours it proves something only at its end.
fn page(account: &Account, charge: &Charge, value: &Value) -> Answer {
    let unknown = |what: &str| Answer::of(Outcome::Unknown(format!("Stripe's list {what}")));
    let Some(items) = value.pointer("/data").and_then(Value::as_array) else { return unknown("has no entries") };
    let Some(more) = value.pointer("/has_more").and_then(Value::as_bool) else {
        return unknown("does not say if it ends");
    };
    if let Some(found) = items.iter().find(|item| is_of(charge, item)) {
        return intent::read(account, charge, found);
    }
    if !more {
        return Answer::of(Outcome::NotSent("Stripe has no payment intent of this charge".into()));
    }
    match items.last().and_then(|item| read::id(item, "/id")) {
        Some(last) => Answer::of(Outcome::Next).remember(AFTER, last),
        None => unknown("has an entry without id"),
    }
}

fn is_of(charge: &Charge, item: &Value) -> bool {
    read::text(item, "/metadata/charge").as_deref() == Some(charge.id.as_str())
}

fn is_reviewed(answer: &Answer, response: &HttpResponse) -> bool {
    let value = read::json(response).unwrap_or_default();
    let items = value.pointer("/data").and_then(Value::as_array);
    let mut intents = std::iter::once(&value).chain(items.into_iter().flatten());
    let intent = intents.find(|intent| read::id(intent, "/id") == answer.reference);
    intent.and_then(|intent| read::id(intent, "/review")).is_some()
}
