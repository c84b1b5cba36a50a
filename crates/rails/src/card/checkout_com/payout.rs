//! Pay-outs to cards: <https://www.checkout.com/docs/payouts/card-payouts>, from a currency account of the operator's. They are taken on
//! at once and done later; what became of one is asked by our reference.

use serde::Serialize;
use serde_json::Value;

use super::{codes, signed, status};
use crate::provider::read::{self, Begun};
use crate::provider::{
    Account, Field, Flow, HttpRequest, HttpResponse, Payout, PayoutAnswer, PayoutCard, PayoutFlow, PayoutFlows,
    PayoutOutcome,
};

pub(super) const FLOWS: PayoutFlows = PayoutFlows {
    fields: &[
        Field { name: "secret_key", help: "Secret API key, sk_…: Developers, Keys", secret: true, required: true },
        Field {
            name: "processing_channel_id",
            help: "Processing channel, pc_…: Settings, Channels",
            secret: false,
            required: true,
        },
        Field {
            name: "currency_account_id",
            help: "The EUR currency account that pays, ca_…: Balances",
            secret: false,
            required: true,
        },
    ],
    currencies: &["EUR"],
    create: PayoutFlow { request: create, response: created },
    sync: Flow { request: find, response: found },
};

/// Written straight into the request's memory: a `Value` would leave the number behind in memory that is not wiped.
#[derive(Serialize)]
struct Body<'a> {
    source: Source<'a>,
    destination: Destination<'a>,
    amount: Value,
    currency: &'a str,
    reference: &'a str,
    description: String,
    processing_channel_id: &'a str,
}

#[derive(Serialize)]
struct Source<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
struct Destination<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    number: &'a str,
    expiry_month: u8,
    expiry_year: u16,
    account_holder: Holder<'a>,
}

#[derive(Serialize)]
struct Holder<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    first_name: &'a str,
    last_name: &'a str,
}

fn create(account: &Account, payout: &Payout, card: &PayoutCard) -> HttpRequest {
    let body = Body {
        source: Source { kind: "currency_account", id: account.get("currency_account_id") },
        destination: Destination {
            kind: "card",
            number: card.number.expose(),
            expiry_month: card.expiry.month,
            expiry_year: card.expiry.year,
            account_holder: Holder { kind: "individual", first_name: &payout.first_name, last_name: &payout.last_name },
        },
        amount: read::number(payout.amount, 0),
        currency: &payout.currency,
        reference: &payout.id,
        description: read::cut(&payout.description, 100),
        processing_channel_id: account.get("processing_channel_id"),
    };
    let request = HttpRequest::post_json_wiped(account.url("/payments"), &body);
    signed(account, request).with("cko-idempotency-key", &payout.id)
}

fn unclear(response: &HttpResponse) -> PayoutAnswer {
    let what = format!("Checkout.com answered with status {} and no clear word", response.status);
    PayoutAnswer::of(PayoutOutcome::Unknown(what))
}

fn created(_: &Account, payout: &Payout, response: &HttpResponse) -> PayoutAnswer {
    let value = read::json(response);
    match (status(response), &value) {
        (Begun::Answered, Some(value)) => payment(payout, value, response),
        (Begun::Refused, _) => match codes(value.as_ref()) {
            Some(codes) => PayoutAnswer::of(PayoutOutcome::Declined(format!("Checkout.com refused it: {codes}"))),
            None => unclear(response),
        },
        (Begun::No, _) => PayoutAnswer::of(PayoutOutcome::NotSent("Checkout.com did not accept the secret key".into())),
        _ => unclear(response),
    }
}

fn find(account: &Account, payout: &Payout) -> HttpRequest {
    let path = match payout.reference.as_deref().filter(|id| id.starts_with("pay_")) {
        Some(id) => format!("/payments/{id}"),
        None => format!("/payments?reference={}&limit=100&skip=0", payout.id),
    };
    signed(account, HttpRequest::get(account.url(&path)))
}

fn found(_: &Account, payout: &Payout, response: &HttpResponse) -> PayoutAnswer {
    let Some(value) = read::json(response).filter(|_| response.status == 200) else { return unclear(response) };
    if payout.reference.as_deref().is_some_and(|id| id.starts_with("pay_")) {
        return payment(payout, &value, response);
    }
    let items = value.pointer("/data").and_then(Value::as_array).map(Vec::as_slice);
    match (items, read::minor(&value, "/total_count")) {
        (Some([]), Some(total)) if total.is_zero() => {
            PayoutAnswer::of(PayoutOutcome::NotSent("Checkout.com has no payment under this reference".into()))
        }
        // a second one under our reference would be for a person to look at
        (Some([only]), Some(_)) => payment(payout, only, response),
        _ => unclear(response),
    }
}

/// A payment out, as it stands. The answer that began it has neither amount nor currency: only one that is paid needs them.
fn payment(payout: &Payout, value: &Value, response: &HttpResponse) -> PayoutAnswer {
    let Some(id) = read::id(value, "/id").filter(|id| id.starts_with("pay_")) else { return unclear(response) };
    if read::text(value, "/reference").is_some_and(|reference| reference != payout.id) {
        return PayoutAnswer::of(PayoutOutcome::Unknown(format!("{id} is not this payment")));
    }
    let state = read::text(value, "/status").unwrap_or_default();
    let outcome = match state.as_str() {
        "Paid" => match (read::minor(value, "/amount"), read::currency(value, "/currency")) {
            (Some(amount), Some(currency)) => PayoutOutcome::Done { amount, currency },
            _ => PayoutOutcome::Pending,
        },
        "Pending" | "Authorized" | "Captured" => PayoutOutcome::Pending,
        "Declined" | "Canceled" | "Expired" | "Voided" => {
            let code = ["/response_code", "/actions/0/response_code"].iter().find_map(|at| read::text(value, at));
            let code = code.map_or_else(String::new, |code| format!(" ({})", read::cut(&code, 10)));
            PayoutOutcome::Declined(format!("Card declined by the issuer{code}"))
        }
        "Returned" => PayoutOutcome::Declined("The card's bank sent it back".into()),
        _ => PayoutOutcome::Unknown(format!("Checkout.com's answer has the state {state:?}")),
    };
    PayoutAnswer::of(outcome).about(id)
}
