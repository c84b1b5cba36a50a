//! A payment with card data: <https://api-reference.checkout.com/#operation/requestAPaymentOrPayout>.

use domain::card::Card;
use serde::Serialize;
use serde_json::{Value, json};

use super::{address, customer, signed};
use crate::provider::{Account, Charge, HttpRequest, read};

/// Written straight into the request's memory; a `Value` would leave the number behind in memory that is not wiped.
#[derive(Serialize)]
struct Body<'a> {
    source: Source<'a>,
    amount: Value,
    currency: &'a str,
    reference: &'a str,
    description: String,
    processing_channel_id: &'a str,
    capture: bool,
    #[serde(rename = "3ds")]
    three_ds: Value,
    customer: Value,
    success_url: &'a str,
    failure_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_ip: Option<&'a str>,
    metadata: Value,
}

#[derive(Serialize)]
struct Source<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    number: &'a str,
    expiry_month: u8,
    expiry_year: u16,
    cvv: &'a str,
    name: &'a str,
    billing_address: Value,
}

pub(super) fn request(account: &Account, charge: &Charge, card: &Card) -> HttpRequest {
    let body = Body {
        source: Source {
            kind: "card",
            number: card.number.expose(),
            expiry_month: card.expiry.month,
            expiry_year: card.expiry.year,
            cvv: card.code.expose(),
            name: &card.holder,
            billing_address: address(account, charge),
        },
        amount: read::number(charge.amount, 0),
        currency: &charge.currency,
        reference: &charge.id,
        description: read::cut(&charge.description, 100),
        processing_channel_id: account.get("processing_channel_id"),
        capture: true,
        three_ds: json!({ "enabled": true }),
        customer: customer(charge),
        success_url: &charge.return_url,
        failure_url: &charge.return_url,
        payment_ip: charge.payer.ip.as_deref(),
        metadata: json!({ "charge": charge.id }),
    };
    let request = HttpRequest::post_json_wiped(account.url("/payments"), &body);
    signed(account, request).with("cko-idempotency-key", &charge.id)
}
