//! Stripe: PaymentIntents, <https://docs.stripe.com/api/payment_intents>.
//!
//! The payer enters the card in Stripe's own fields on our page (`create`), or, in the operator's PCI mode, we pass it on
//! (`create_with_card`; Stripe must have allowed raw card data on the account). A charge whose answer was lost is found by listing
//! PaymentIntents: lists show what was written before, the search of the same API lags behind
//! (<https://docs.stripe.com/search#data-freshness>).

mod currencies;
mod decline;
mod dispute;
mod find;
mod intent;
mod refund;
mod report;
mod webhook;

use domain::card::Card;
use domain::charge::Method;

use crate::provider::{
    Account, CardFlow, Charge, Connector, Field, Flow, HttpRequest, RefundFlows, ReportFlows, Webhook, read,
};

const BASE_URL: &str = "https://api.stripe.com";

/// The shapes that this module reads: <https://docs.stripe.com/upgrades>.
const VERSION: &str = "2024-06-20";

pub static STRIPE: Connector = Connector {
    name: "stripe",
    title: "Stripe",
    method: Method::Card,
    base_url: BASE_URL,
    fields: &[
        Field {
            name: "secret_key",
            help: "Secret or restricted key, sk_… or rk_…: Developers, API keys",
            secret: true,
            required: true,
        },
        Field {
            name: "publishable_key",
            help: "Publishable key, pk_…: Developers, API keys",
            secret: false,
            required: true,
        },
        Field {
            name: "webhook_secret",
            help: "Signing secret, whsec_…: Developers, Webhooks, your endpoint",
            secret: true,
            required: false,
        },
    ],
    currencies: Some(currencies::ALL),
    login: None,
    create: &[Flow { request: create, response: intent::begun }],
    create_with_card: Some(CardFlow { request: create_with_card, response: intent::begun }),
    sync: Flow { request: find::first, response: find::read },
    sync_more: Some(Flow { request: find::more, response: find::read_more }),
    cancel: Some(Flow { request: cancel, response: intent::canceled }),
    refund: Some(RefundFlows {
        create: Flow { request: refund::create, response: refund::created },
        sync: Flow { request: refund::find, response: refund::found },
    }),
    disputes: Some(Flow { request: dispute::list, response: dispute::listed }),
    report: Some(ReportFlows {
        payouts: Flow { request: report::payouts, response: report::read_payouts },
        lines: Flow { request: report::lines, response: report::read_lines },
    }),
    webhook: Some(Webhook { read: webhook::read }),
    payout: None,
    collect: None,
};

/// Adds what every request carries.
fn signed(account: &Account, request: HttpRequest) -> HttpRequest {
    request.with("authorization", format!("Bearer {}", account.get("secret_key"))).with("stripe-version", VERSION)
}

/// What both ways of beginning have in common. No `receipt_email`: the merchant tells the payer, not Stripe.
fn common<'a>(charge: &'a Charge, amount: &'a str, currency: &'a str, note: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("amount", amount),
        ("currency", currency),
        ("payment_method_types[]", "card"),
        ("capture_method", "automatic"),
        ("metadata[charge]", &charge.id),
        ("metadata[description]", note),
    ]
}

fn create(account: &Account, charge: &Charge) -> HttpRequest {
    let (amount, currency) = (charge.amount.to_string(), charge.currency.to_ascii_lowercase());
    let note = read::cut(&charge.description, 500);
    let pairs = common(charge, &amount, &currency, &note);
    let request = HttpRequest::post_form(account.url("/v1/payment_intents"), &pairs);
    signed(account, request).with("idempotency-key", &charge.id)
}

fn create_with_card(account: &Account, charge: &Charge, card: &Card) -> HttpRequest {
    let (amount, currency) = (charge.amount.to_string(), charge.currency.to_ascii_lowercase());
    let (month, year) = (card.expiry.month.to_string(), card.expiry.year.to_string());
    let note = read::cut(&charge.description, 500);
    let mut pairs = common(charge, &amount, &currency, &note);
    pairs.extend([
        (intent::BEGUN, intent::WITH_CARD),
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", card.number.expose()),
        ("payment_method_data[card][exp_month]", &month),
        ("payment_method_data[card][exp_year]", &year),
        ("payment_method_data[card][cvc]", card.code.expose()),
        ("payment_method_data[billing_details][name]", &card.holder),
        ("confirm", "true"),
        ("return_url", &charge.return_url),
        ("expand[]", "latest_charge"),
    ]);
    let request = HttpRequest::post_form(account.url("/v1/payment_intents"), &pairs);
    signed(account, request).with("idempotency-key", &charge.id)
}

/// An intent that nobody knows of cannot be canceled: then we ask for it.
fn cancel(account: &Account, charge: &Charge) -> HttpRequest {
    let Some(reference) = &charge.reference else { return find::first(account, charge) };
    let request = HttpRequest::post_form(account.url(&format!("/v1/payment_intents/{reference}/cancel")), &[]);
    signed(account, request).with("idempotency-key", format!("{}-cancel", charge.id))
}
