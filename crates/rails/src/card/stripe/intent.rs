//! What a PaymentIntent says: <https://docs.stripe.com/api/payment_intents/object>, its states:
//! <https://docs.stripe.com/payments/paymentintents/lifecycle>.

use serde_json::Value;

use super::{BASE_URL, decline};
use crate::provider::read::{self, Begun};
use crate::provider::{Account, Answer, Charge, Decline, HttpResponse, NeedsPayer, Outcome, Proof};

/// Notes at Stripe how the charge was begun: with the card, a decline is final; in Stripe's fields the payer tries again.
pub(super) const BEGUN: &str = "metadata[begun]";
pub(super) const WITH_CARD: &str = "with_card";

/// The answer to both ways of beginning.
pub(super) fn begun(account: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    let value = read::json(response);
    match (read::begun(response.status), value) {
        (Begun::Answered, Some(value)) => read(account, charge, &value),
        (Begun::No | Begun::Refused, Some(value)) if value.pointer("/error/type").is_some() => refused(&value),
        (Begun::No, _) => {
            Answer::of(Outcome::NotSent(format!("Stripe turned it away with status {}", response.status)))
        }
        _ => unclear(response),
    }
}

pub(super) fn unclear(response: &HttpResponse) -> Answer {
    Answer::of(Outcome::Unknown(format!("Stripe answered with status {} and no clear word", response.status)))
}

/// An error object: <https://docs.stripe.com/api/errors>. A declined card has left an intent behind; anything else has not.
fn refused(value: &Value) -> Answer {
    let error = value.pointer("/error").unwrap_or(&Value::Null);
    let kind = read::text(error, "/type").unwrap_or_default();
    let code = read::text(error, "/code").unwrap_or_else(|| kind.clone());
    match kind.as_str() {
        // the key was used with another body: then there is a charge under it
        "idempotency_error" | "api_error" => Answer::of(Outcome::Unknown(format!("Stripe says {code}"))),
        "card_error" => {
            let answer = Answer::of(Outcome::Declined(decline::of(error)));
            match read::id(error, "/payment_intent/id") {
                Some(id) => answer.about(id),
                None => answer,
            }
        }
        _ => Answer::of(Outcome::NotSent(format!("Stripe refused it: {code}"))),
    }
}

/// The answer to a cancellation: the intent; or, if it was too late, an error that carries it.
pub(super) fn canceled(account: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    if charge.reference.is_none() {
        return super::find::read(account, charge, response);
    }
    let Some(value) = read::json(response) else { return unclear(response) };
    match (response.status, value.pointer("/error/payment_intent")) {
        (200, _) => read(account, charge, &value),
        (400, Some(intent)) => read(account, charge, intent),
        _ => unclear(response),
    }
}

/// Reads an intent, with `latest_charge` expanded or not.
pub(super) fn read(account: &Account, charge: &Charge, intent: &Value) -> Answer {
    let Some(id) = read::id(intent, "/id").filter(|id| id.starts_with("pi_")) else {
        return Answer::of(Outcome::Unknown("Stripe's answer names no payment intent".into()));
    };
    if read::text(intent, "/metadata/charge").as_deref() != Some(charge.id.as_str()) {
        return Answer::of(Outcome::Unknown(format!("{id} is not the intent of this charge")));
    }
    Answer::of(outcome(account, intent)).about(id)
}

fn outcome(account: &Account, intent: &Value) -> Outcome {
    let status = read::text(intent, "/status").unwrap_or_default();
    match status.as_str() {
        "succeeded" => match proof(intent) {
            Some(proof) => Outcome::Final(Box::new(proof)),
            None => Outcome::Unknown("Stripe's answer lacks what was received".into()),
        },
        "processing" | "requires_capture" => Outcome::Pending,
        // `automatic` and `expired` are Stripe's own words, `abandoned` is that of people; our own cancellation gives no reason
        "canceled" => match read::text(intent, "/cancellation_reason").as_deref() {
            Some("automatic" | "expired" | "abandoned") => Outcome::Declined(Decline::TimedOut),
            _ => Outcome::Declined(Decline::Canceled),
        },
        "requires_action" => match read::text(intent, "/next_action/redirect_to_url/url") {
            Some(url) => Outcome::NeedsPayer(NeedsPayer::Visit { url, challenge: true }),
            // Stripe's script in the page carries it out
            None => fields(account, intent),
        },
        "requires_payment_method" | "requires_confirmation" => {
            let with_card = read::text(intent, "/metadata/begun").as_deref() == Some(WITH_CARD);
            match intent.pointer("/last_payment_error").filter(|error| error.is_object()) {
                Some(error) if with_card => Outcome::Declined(decline::of(error)),
                _ if with_card => Outcome::Pending,
                _ => fields(account, intent),
            }
        }
        _ => Outcome::Unknown(format!("Stripe's answer has the state {status:?}")),
    }
}

fn fields(account: &Account, intent: &Value) -> Outcome {
    let Some(client_secret) = read::text(intent, "/client_secret") else {
        return Outcome::Unknown("Stripe's answer lacks the client secret".into());
    };
    let script = match account.base_url.as_str() {
        BASE_URL => "https://js.stripe.com/v3/".to_owned(),
        // stand-ins for Stripe serve the script themselves
        other => format!("{other}/js.stripe.com/v3/"),
    };
    let publishable_key = account.get("publishable_key").to_owned();
    Outcome::NeedsPayer(NeedsPayer::Fields { script, publishable_key, client_secret })
}

fn proof(intent: &Value) -> Option<Proof> {
    let captured = || {
        let whole = intent.pointer("/latest_charge/captured")?.as_bool()?;
        whole.then(|| read::minor(intent, "/latest_charge/amount"))?
    };
    // a stand-in may leave out `amount_received`; a whole capture says the same
    let amount = read::minor(intent, "/amount_received").or_else(captured)?;
    let details = "/latest_charge/payment_method_details/card";
    Some(Proof {
        amount,
        currency: read::currency(intent, "/currency")?,
        rrn: None,
        card: read::card(intent, &format!("{details}/brand"), &format!("{details}/last4")),
        held: intent.pointer("/review/open").and_then(Value::as_bool) == Some(true),
        reversed: false,
        refunded: read::minor(intent, "/latest_charge/amount_refunded"),
    })
}
