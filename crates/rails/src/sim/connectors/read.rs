//! Answers and webhooks of the acquirer.

use domain::Time;
use domain::card::ShownCard;
use domain::time::SECOND;
use serde_json::Value;

use crate::provider::read::{Begun, begun, json, minor, text};
use crate::provider::{
    Account, Answer, Charge, Decline, DisputeSeen, DisputeState, Disputes, Forged, Hint, HttpResponse, NeedsPayer,
    Outcome, Proof, Received, Refund, RefundAnswer, RefundOutcome,
};
use crate::sim::acquirer::{SIGNATURE_HEADER, verify};

/// Webhooks signed longer ago than this, or further in the future, are not believed.
const TOLERANCE_MILLIS: i64 = 300 * SECOND;

pub(super) fn unclear(response: &HttpResponse) -> String {
    format!("an answer with status {} that is not understood", response.status)
}

pub(super) fn message(response: &HttpResponse) -> String {
    let said = json(response).and_then(|body| text(&body, "/error/message"));
    said.unwrap_or_else(|| format!("refused with status {}", response.status))
}

pub(super) fn created(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    match (response.status, begun(response.status)) {
        (200..=299 | 402, _) => payment(charge, json(response).as_ref(), response),
        (_, Begun::No | Begun::Refused) => Answer::of(Outcome::NotSent(message(response))),
        _ => Answer::of(Outcome::Unknown(unclear(response))),
    }
}

pub(super) fn synced(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    match only(response, "/payments") {
        Ok(None) => Answer::of(Outcome::NotSent("the acquirer knows no such payment".into())),
        Ok(Some(found)) => payment(charge, Some(&found), response),
        Err(unclear) => Answer::of(Outcome::Unknown(unclear)),
    }
}

pub(super) fn canceled(_: &Account, charge: &Charge, response: &HttpResponse) -> Answer {
    match response.status {
        200..=299 => payment(charge, json(response).as_ref(), response),
        404 => Answer::of(Outcome::NotSent("the acquirer knows no such payment".into())),
        _ => Answer::of(Outcome::Unknown(unclear(response))),
    }
}

/// The one entry of a list, if it is a list of none or one.
pub(super) fn only(response: &HttpResponse, pointer: &str) -> Result<Option<Value>, String> {
    let body = json(response).filter(|_| response.status == 200);
    let list = body.as_ref().and_then(|body| body.pointer(pointer)).and_then(Value::as_array);
    match list.map(Vec::as_slice) {
        Some([]) => Ok(None),
        Some([found]) => Ok(Some(found.clone())),
        _ => Err(unclear(response)),
    }
}

fn payment(charge: &Charge, body: Option<&Value>, response: &HttpResponse) -> Answer {
    let ours = body.filter(|body| text(body, "/reference").as_ref() == Some(&charge.id));
    let read = ours.and_then(|body| Some((body, text(body, "/id")?, outcome(body)?)));
    let Some((body, id, outcome)) = read else { return Answer::of(Outcome::Unknown(unclear(response))) };
    let answer = Answer::of(outcome).about(id);
    match text(body, "/upi_app_url") {
        Some(url) => answer.remember("upi_app_url", url),
        None => answer,
    }
}

fn outcome(body: &Value) -> Option<Outcome> {
    Some(match text(body, "/status")?.as_str() {
        "challenge" => Outcome::NeedsPayer(NeedsPayer::Visit { url: text(body, "/challenge_url")?, challenge: true }),
        "awaiting_payer" => {
            let link = Some(text(body, "/upi_link")?);
            Outcome::NeedsPayer(NeedsPayer::Upi { qr_text: link.clone(), link, qr_image: None })
        }
        "pending" => Outcome::Pending,
        status @ ("paid" | "reversed") => Outcome::Final(Box::new(proof(body, status == "reversed")?)),
        "declined" => Outcome::Declined(decline(&text(body, "/reason")?)),
        "canceled" if text(body, "/reason").as_deref() == Some("timed_out") => Outcome::Declined(Decline::TimedOut),
        "canceled" => Outcome::Declined(Decline::Canceled),
        _ => return None,
    })
}

fn proof(body: &Value, reversed: bool) -> Option<Proof> {
    Some(Proof {
        amount: minor(body, "/taken")?,
        currency: text(body, "/currency")?,
        rrn: text(body, "/rrn"),
        card: body.get("card").and_then(|card| serde_json::from_value::<ShownCard>(card.clone()).ok()),
        held: body.get("held")?.as_bool()?,
        reversed,
        refunded: Some(minor(body, "/refunded")?),
    })
}

fn decline(reason: &str) -> Decline {
    match reason {
        "insufficient_funds" => Decline::InsufficientFunds,
        "authentication_required" => Decline::TryAgain,
        "wrong_code" => Decline::WrongCode,
        "expired_card" => Decline::Expired,
        "authentication_failed" => Decline::AuthenticationFailed,
        _ => Decline::Refused,
    }
}

pub(super) fn disputes(_: &Account, charge: &Charge, response: &HttpResponse) -> Disputes {
    let found = match only(response, "/payments") {
        Ok(found) => found,
        Err(unclear) => return Disputes::Unknown(unclear),
    };
    let found = found.filter(|body| text(body, "/reference").as_ref() == Some(&charge.id));
    let list = found.as_ref().and_then(|body| body.get("disputes")).and_then(Value::as_array);
    let seen = list.and_then(|list| list.iter().map(dispute).collect::<Option<Vec<_>>>());
    seen.map_or_else(|| Disputes::Unknown(unclear(response)), Disputes::Seen)
}

fn dispute(body: &Value) -> Option<DisputeSeen> {
    let state = match text(body, "/status")?.as_str() {
        "open" => DisputeState::Open,
        "won" => DisputeState::Won,
        "lost" => DisputeState::Lost,
        _ => return None,
    };
    let (reference, currency) = (text(body, "/id")?, text(body, "/currency")?);
    let evidence_due = text(body, "/evidence_due_at").and_then(|millis| millis.parse().ok()).map(Time);
    Some(DisputeSeen { reference, amount: minor(body, "/amount")?, currency, state, evidence_due })
}

pub(super) fn refunded(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    match (response.status, begun(response.status)) {
        (200..=299, _) => refund_answer(refund, json(response).as_ref(), response),
        (422, _) => RefundAnswer::of(RefundOutcome::Declined(message(response))),
        (_, Begun::No | Begun::Refused) => RefundAnswer::of(RefundOutcome::NotSent(message(response))),
        _ => RefundAnswer::of(RefundOutcome::Unknown(unclear(response))),
    }
}

pub(super) fn synced_refund(_: &Account, refund: &Refund, response: &HttpResponse) -> RefundAnswer {
    match only(response, "/refunds") {
        Ok(None) => RefundAnswer::of(RefundOutcome::NotSent("the acquirer knows no such refund".into())),
        Ok(Some(found)) => refund_answer(refund, Some(&found), response),
        Err(unclear) => RefundAnswer::of(RefundOutcome::Unknown(unclear)),
    }
}

fn refund_answer(refund: &Refund, body: Option<&Value>, response: &HttpResponse) -> RefundAnswer {
    let ours = body.filter(|body| text(body, "/reference").as_ref() == Some(&refund.id));
    let read = ours.and_then(|body| {
        let outcome = match text(body, "/status")?.as_str() {
            "done" => RefundOutcome::Done { amount: minor(body, "/amount")?, currency: text(body, "/currency")? },
            "pending" => RefundOutcome::Pending,
            "failed" => RefundOutcome::Declined("the acquirer could not give it back".into()),
            _ => return None,
        };
        Some(RefundAnswer::of(outcome).about(text(body, "/id")?))
    });
    read.unwrap_or_else(|| RefundAnswer::of(RefundOutcome::Unknown(unclear(response))))
}

pub(super) fn webhook(account: &Account, received: &Received, now: Time) -> Result<Hint, Forged> {
    let secret = account.set("webhook_secret").ok_or(Forged::NoSecret)?;
    let signature = received.header(SIGNATURE_HEADER).ok_or(Forged::Signature)?;
    let signed_at = verify(secret, signature, &received.body).ok_or(Forged::Signature)?;
    // signed to the second
    let age = now.since(signed_at);
    if !(-TOLERANCE_MILLIS..=TOLERANCE_MILLIS + SECOND).contains(&age) {
        return Err(Forged::Old);
    }
    let body: Value = serde_json::from_slice(&received.body).map_err(|_| Forged::Malformed)?;
    let read = || {
        let about = vec![text(&body, "/reference")?, text(&body, "/payment")?];
        Some(Hint { event_id: text(&body, "/id")?, what: text(&body, "/type")?, about })
    };
    read().ok_or(Forged::Malformed)
}
