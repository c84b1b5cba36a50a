//! The connector to the sandbox's pay-out processor.

use super::{FIELDS, read, write};
use crate::provider::read::{Begun, begun, json, minor, text};
use crate::provider::{
    Account, Flow, HttpRequest, HttpResponse, Payout, PayoutAnswer, PayoutCard, PayoutFlow, PayoutFlows, PayoutOutcome,
};
use crate::sim::acquirer::wire::{CreatePayout, PayoutCardFields};

pub(super) const FLOWS: PayoutFlows = PayoutFlows {
    fields: FIELDS,
    currencies: &["EUR"],
    create: PayoutFlow { request: create, response: created },
    sync: Flow { request: sync, response: synced },
};

fn create(account: &Account, payout: &Payout, card: &PayoutCard) -> HttpRequest {
    let expiry = format!("{:02}/{}", card.expiry.month, card.expiry.year);
    let body = CreatePayout {
        reference: &payout.id,
        amount: payout.amount.0,
        currency: &payout.currency,
        description: (&payout.description).into(),
        first_name: (&payout.first_name).into(),
        last_name: (&payout.last_name).into(),
        card: PayoutCardFields { number: card.number.expose(), expiry: &expiry },
    };
    write::post(account, "/v1/payouts", &payout.id, &body)
}

fn sync(account: &Account, payout: &Payout) -> HttpRequest {
    write::by_reference(account, "/v1/payouts", &payout.id)
}

fn unknown(response: &HttpResponse) -> PayoutAnswer {
    PayoutAnswer::of(PayoutOutcome::Unknown(read::unclear(response)))
}

fn created(_: &Account, payout: &Payout, response: &HttpResponse) -> PayoutAnswer {
    match (response.status, begun(response.status)) {
        (200..=299 | 402, _) => answer(payout, json(response).as_ref(), response),
        (_, Begun::No) => PayoutAnswer::of(PayoutOutcome::NotSent(read::message(response))),
        (_, Begun::Refused) => PayoutAnswer::of(PayoutOutcome::Declined(read::message(response))),
        _ => unknown(response),
    }
}

fn synced(_: &Account, payout: &Payout, response: &HttpResponse) -> PayoutAnswer {
    match read::only(response, "/payouts") {
        Ok(None) => PayoutAnswer::of(PayoutOutcome::NotSent("the processor knows no such payment".into())),
        Ok(Some(found)) => answer(payout, Some(&found), response),
        Err(why) => PayoutAnswer::of(PayoutOutcome::Unknown(why)),
    }
}

fn answer(payout: &Payout, body: Option<&serde_json::Value>, response: &HttpResponse) -> PayoutAnswer {
    let ours = body.filter(|body| text(body, "/reference").as_ref() == Some(&payout.id));
    let read = ours.and_then(|body| {
        let outcome = match text(body, "/status")?.as_str() {
            "paid" => PayoutOutcome::Done { amount: minor(body, "/paid")?, currency: text(body, "/currency")? },
            "pending" => PayoutOutcome::Pending,
            "declined" => PayoutOutcome::Declined(text(body, "/reason")?),
            _ => return None,
        };
        Some(PayoutAnswer::of(outcome).about(text(body, "/id")?))
    });
    read.unwrap_or_else(|| unknown(response))
}
