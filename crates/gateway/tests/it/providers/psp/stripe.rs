//! Stripe.

use serde_json::{Value, json};

use super::books::{Books, Call, Dispute, Payment, Refund, Standing, number, posted, shape};
use super::{Kind, Posted, field};
use crate::harness::hmac;

pub static STRIPE: Kind = Kind {
    name: "stripe",
    method: "CARD",
    base: "",
    settings: &["publishable_key"],
    secrets: &["secret_key", "webhook_secret"],
    steps: 1,
    page: "card-fields",
    page_after_loss: "card-fields",
    declined: ("card-fields", "invoice:opened"),
    signs_body: true,
    knows_unknown_refunds: true,
    has_disputes: true,
    serve,
    shown: |payment| vec![format!(r#"data-secret="{}""#, secret(payment)), r#"data-key="test-publishable_key""#.into()],
    event,
};

fn id(payment: &Payment) -> String {
    format!("pi_{:024}", payment.nth)
}

fn secret(payment: &Payment) -> String {
    format!("{}_secret_{}", id(payment), "Yr".repeat(12))
}

fn intent(payment: &Payment) -> Value {
    let mut changes = vec![
        ("/id", json!(id(payment))),
        ("/amount", number(payment.amount)),
        ("/client_secret", json!(secret(payment))),
        ("/created", json!(payment.created)),
        ("/currency", json!(payment.currency.to_ascii_lowercase())),
        ("/metadata/charge", json!(payment.charge)),
    ];
    let name = match payment.standing {
        Standing::Begun | Standing::Waiting => "stripe/create",
        Standing::Declined => "stripe/sync_pending.declined_in_fields",
        Standing::Closed => "stripe/cancel",
        Standing::Paid => {
            let (units, currency) = payment.paid();
            changes.extend([
                ("/amount_received", number(units)),
                ("/currency", json!(currency.to_ascii_lowercase())),
                ("/latest_charge/amount", number(payment.amount)),
                ("/latest_charge/amount_captured", number(units)),
                ("/latest_charge/amount_refunded", number(payment.refunded())),
                ("/latest_charge/payment_intent", json!(id(payment))),
            ]);
            "stripe/sync_paid"
        }
    };
    shape(name, &changes)
}

fn refund(payment: &Payment, refund: &Refund) -> Value {
    shape(
        "stripe/refund",
        &[
            ("/id", json!(format!("re_{:024}", refund.nth))),
            ("/amount", number(refund.amount)),
            ("/currency", json!(payment.currency.to_ascii_lowercase())),
            ("/metadata/refund", json!(refund.ours)),
            ("/metadata/charge", json!(payment.charge)),
            ("/payment_intent", json!(id(payment))),
        ],
    )
}

fn list(url: &str, items: Vec<Value>) -> Value {
    shape("stripe/disputes.none", &[("/url", json!(url)), ("/data", json!(items))])
}

fn dispute(payment: &Payment) -> Option<Value> {
    let name = match payment.dispute? {
        Dispute::Open => "stripe/dispute_open",
        Dispute::Won => "stripe/dispute_won",
        Dispute::Lost => "stripe/dispute_lost",
    };
    let changes = [
        ("/data/0/id", json!(format!("du_{:024}", payment.nth))),
        ("/data/0/amount", number(payment.amount)),
        ("/data/0/currency", json!(payment.currency.to_ascii_lowercase())),
        ("/data/0/payment_intent", json!(id(payment))),
    ];
    Some(shape(name, &changes)["data"][0].clone())
}

fn serve(books: &mut Books, call: &Call) -> Option<(u16, Value)> {
    let parts = call.parts();
    let body = match (call.verb.as_str(), &parts[..]) {
        ("POST", ["v1", "payment_intents"]) => {
            let (charge, currency) = (call.text("/metadata[charge]"), call.text("/currency"));
            intent(books.begin(&charge, call.minor("/amount"), &currency, Standing::Waiting))
        }
        ("GET", ["v1", "payment_intents"]) => {
            list("/v1/payment_intents", books.payments.iter().rev().map(intent).collect())
        }
        ("GET", ["v1", "payment_intents", wanted]) => intent(books.find(|payment| id(payment) == *wanted)?),
        ("POST", ["v1", "payment_intents", wanted, "cancel"]) => {
            let payment = books.find(|payment| id(payment) == *wanted)?;
            if payment.standing == Standing::Paid {
                return Some((400, shape("stripe/cancel.too_late", &[("/error/payment_intent", intent(payment))])));
            }
            payment.standing = Standing::Closed;
            intent(payment)
        }
        ("POST", ["v1", "refunds"]) => {
            let (wanted, ours) = (call.text("/payment_intent"), call.text("/metadata[refund]"));
            let (payment, made) = books.refund(&ours, call.minor("/amount"), |payment| id(payment) == wanted)?;
            refund(payment, &made)
        }
        ("GET", ["v1", "refunds"]) => {
            let payment = books.find(|payment| id(payment) == call.query("payment_intent"))?;
            list("/v1/refunds", payment.refunds.iter().map(|made| refund(payment, made)).collect())
        }
        ("GET", ["v1", "refunds", wanted]) => {
            let all = books.payments.iter().flat_map(|payment| payment.refunds.iter().map(move |made| (payment, made)));
            all.map(|(payment, made)| refund(payment, made)).find(|made| made["id"] == *wanted)?
        }
        ("GET", ["v1", "disputes"]) => {
            let payment = books.find(|payment| id(payment) == call.query("payment_intent"))?;
            list("/v1/disputes", dispute(payment).into_iter().collect())
        }
        ("GET", ["v1", list_of @ ("payouts" | "balance_transactions")]) => list(&format!("/v1/{list_of}"), Vec::new()),
        _ => return None,
    };
    Some((200, body))
}

fn event(payment: &Payment, now: i64) -> Posted {
    let body = match dispute(payment) {
        Some(dispute) => posted("stripe/callback.dispute", &[("/data/object", dispute)]),
        None => posted("stripe/callback", &[("/data/object", intent(payment))]),
    };
    let signature = hmac(field("webhook_secret").as_bytes(), format!("{now}.{body}").as_bytes());
    (vec![("stripe-signature", format!("t={now},v1={}", hex::encode(signature)))], body)
}
