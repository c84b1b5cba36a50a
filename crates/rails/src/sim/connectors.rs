//! The connectors to the sandbox's acquirer: what talks to it as to any provider.

mod payout;
mod read;
mod report;
#[cfg(test)]
mod tests;
mod write;

use domain::charge::Method;

use crate::provider::{CardFlow, Connector, Field, Flow, RefundFlows, Webhook};

const FIELDS: &[Field] = &[
    Field { name: "api_key", help: "The sandbox makes it.", secret: true, required: true },
    Field { name: "webhook_secret", help: "The sandbox makes it.", secret: true, required: true },
];

/// Where a sandbox on its usual address has its acquirer.
const BASE_URL: &str = "http://127.0.0.1:8080/sandbox/acquirer";

/// Cards. Without card data it turns every charge away.
pub const SANDBOX_CARD: Connector = Connector {
    name: "sandbox_card",
    title: "Sandbox acquirer",
    method: Method::Card,
    base_url: BASE_URL,
    fields: FIELDS,
    currencies: None,
    login: None,
    create: &[Flow { request: write::create_card_page, response: read::created }],
    create_with_card: Some(CardFlow { request: write::create_with_card, response: read::created }),
    sync: Flow { request: write::sync, response: read::synced },
    sync_more: None,
    cancel: Some(Flow { request: write::cancel, response: read::canceled }),
    refund: Some(REFUND),
    disputes: Some(Flow { request: write::sync, response: read::disputes }),
    report: Some(report::FLOWS),
    webhook: Some(Webhook { read: read::webhook }),
    payout: Some(payout::FLOWS),
    collect: None,
};

/// UPI intent links and QR codes.
pub const SANDBOX_UPI: Connector = Connector {
    name: "sandbox_upi",
    title: "Sandbox UPI switch",
    method: Method::Upi,
    base_url: BASE_URL,
    fields: FIELDS,
    currencies: Some(&["INR"]),
    login: None,
    create: &[Flow { request: write::create_upi, response: read::created }],
    create_with_card: None,
    sync: Flow { request: write::sync, response: read::synced },
    sync_more: None,
    cancel: Some(Flow { request: write::cancel, response: read::canceled }),
    refund: Some(REFUND),
    disputes: Some(Flow { request: write::sync, response: read::disputes }),
    report: Some(report::FLOWS),
    webhook: Some(Webhook { read: read::webhook }),
    payout: None,
    collect: None,
};

const REFUND: RefundFlows = RefundFlows {
    create: Flow { request: write::refund, response: read::refunded },
    sync: Flow { request: write::sync_refund, response: read::synced_refund },
};
