//! Requests to the acquirer.

use std::borrow::Cow;

use domain::card::Card;
use serde::Serialize;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::provider::{Account, Charge, HttpRequest, Refund};
use crate::sim::acquirer::Method;
use crate::sim::acquirer::wire::{CardFields, Create, CreateRefund};

/// Large enough for any body, so that none is moved in memory while it is written.
const BODY: usize = 8 << 10;

pub(super) fn create_upi(account: &Account, charge: &Charge) -> HttpRequest {
    create(account, charge, Method::Upi, None)
}

/// Asks for a card page, which the acquirer does not have.
pub(super) fn create_card_page(account: &Account, charge: &Charge) -> HttpRequest {
    create(account, charge, Method::Card, None)
}

pub(super) fn create_with_card(account: &Account, charge: &Charge, card: &Card) -> HttpRequest {
    let expiry = format!("{:02}/{}", card.expiry.month, card.expiry.year);
    let fields = CardFields {
        number: card.number.expose(),
        expiry: &expiry,
        code: card.code.expose(),
        holder: Cow::Borrowed(&card.holder),
    };
    create(account, charge, Method::Card, Some(fields))
}

fn create(account: &Account, charge: &Charge, method: Method, card: Option<CardFields<'_>>) -> HttpRequest {
    let body = Create {
        reference: charge.id.clone(),
        method,
        amount: charge.amount.0,
        currency: charge.currency.clone(),
        description: charge.description.clone(),
        payee: charge.payee.clone(),
        return_url: charge.return_url.clone(),
        callback_url: charge.callback_url.clone(),
        expires_at: charge.expires_at.0,
        card,
    };
    post(account, "/v1/payments", &charge.id, &body)
}

pub(super) fn sync(account: &Account, charge: &Charge) -> HttpRequest {
    by_reference(account, "/v1/payments", &charge.id)
}

pub(super) fn cancel(account: &Account, charge: &Charge) -> HttpRequest {
    let path = format!("/v1/payments/{}/cancel", charge.reference.as_ref().unwrap_or(&charge.id));
    post(account, &path, &charge.id, &serde_json::json!({}))
}

pub(super) fn refund(account: &Account, refund: &Refund) -> HttpRequest {
    let path = format!("/v1/payments/{}/refunds", refund.charge.reference.as_ref().unwrap_or(&refund.charge.id));
    let body = CreateRefund { reference: refund.id.clone(), amount: refund.amount.0 };
    post(account, &path, &refund.id, &body)
}

pub(super) fn sync_refund(account: &Account, refund: &Refund) -> HttpRequest {
    by_reference(account, "/v1/refunds", &refund.id)
}

pub(super) fn by_reference(account: &Account, path: &str, reference: &str) -> HttpRequest {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("reference", reference).finish();
    allowed(account, HttpRequest::get(account.url(&format!("{path}?{query}"))))
}

/// A question.
pub(super) fn get(account: &Account, path: &str) -> HttpRequest {
    allowed(account, HttpRequest::get(account.url(path)))
}

pub(super) fn post(account: &Account, path: &str, key: &str, body: &impl Serialize) -> HttpRequest {
    let mut bytes = Zeroizing::new(Vec::with_capacity(BODY));
    // texts and whole numbers: writing them to memory does not fail
    let _ = serde_json::to_writer(&mut *bytes, body);
    let request = HttpRequest::post(account.url(path), "application/json", bytes);
    allowed(account, request.with("idempotency-key", key))
}

fn allowed(account: &Account, request: HttpRequest) -> HttpRequest {
    request.with("authorization", format!("Bearer {}", account.get("api_key")))
}
