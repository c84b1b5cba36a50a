//! Checkout.com: a hosted page, and the payment made on it.

use serde_json::{Value, json};

use super::books::{Books, Call, Dispute, Payment, Refund, Standing, number, posted, shape};
use super::{Kind, Posted, field};
use crate::harness::hmac;

pub static CHECKOUT_COM: Kind = Kind {
    name: "checkout_com",
    method: "CARD",
    base: "",
    settings: &["processing_channel_id", "country"],
    secrets: &["secret_key", "webhook_key"],
    steps: 1,
    page: "card-continue",
    // a page cannot be looked for; nobody knows the lost one's address
    page_after_loss: "processing",
    // the payer may try another card on the same page
    declined: ("card-continue", "invoice:opened"),
    signs_body: true,
    knows_unknown_refunds: true,
    has_disputes: true,
    serve,
    shown: |payment| vec![format!(r#"href="{}""#, address(payment))],
    event,
};

fn page(payment: &Payment) -> String {
    format!("hpp_{:012}", payment.nth)
}

/// A declined try is a payment of its own.
fn id(payment: &Payment) -> String {
    let kind = if payment.standing == Standing::Declined { "no" } else { "go" };
    format!("pay_{kind}{:024}", payment.nth)
}

/// With what must come through to the payer as it is.
fn address(payment: &Payment) -> String {
    format!("https://pay.checkout.com/page/{}?a=%2F&b=1", page(payment))
}

fn tried(payment: &Payment) -> bool {
    matches!(payment.standing, Standing::Paid | Standing::Declined)
}

fn page_shape(payment: &Payment) -> Value {
    let mut changes = vec![
        ("/id", json!(page(payment))),
        ("/amount", number(payment.amount)),
        ("/currency", json!(payment.currency)),
        ("/reference", json!(payment.charge)),
        ("/_links/redirect/href", json!(address(payment))),
    ];
    if tried(payment) {
        changes.push(("/payment_id", json!(id(payment))));
    }
    let name = match payment.standing {
        Standing::Paid => "checkout_com/page_paid.meanwhile",
        Standing::Declined => "checkout_com/page_declined.still_open",
        Standing::Begun | Standing::Waiting | Standing::Closed => "checkout_com/sync_pending.page",
    };
    shape(name, &changes)
}

fn payment_shape(payment: &Payment) -> Value {
    let (units, currency) = payment.paid();
    let mut changes = vec![
        ("/id", json!(id(payment))),
        ("/amount", number(payment.amount)),
        ("/currency", json!(currency)),
        ("/reference", json!(payment.charge)),
    ];
    if payment.standing == Standing::Declined {
        return shape("checkout_com/decline.later", &changes);
    }
    changes.extend([
        ("/balances/total_authorized", number(payment.amount)),
        ("/balances/total_captured", number(units)),
        ("/balances/total_refunded", number(payment.refunded())),
    ]);
    shape("checkout_com/sync_paid", &changes)
}

fn action(refund: &Refund) -> Value {
    let changes = [
        ("/0/id", json!(format!("act_{:026}", refund.nth))),
        ("/0/amount", number(refund.amount)),
        ("/0/reference", json!(refund.ours)),
    ];
    shape("checkout_com/refund_sync", &changes)[0].clone()
}

fn actions(payment: &Payment) -> Value {
    let captured = shape("checkout_com/refund_sync", &[("/1/reference", json!(payment.charge))])[1].clone();
    payment.refunds.iter().rev().map(action).chain([captured]).collect()
}

fn disputes(payment: &Payment) -> Value {
    let Some(dispute) = payment.dispute else { return shape("checkout_com/disputes.none", &[]) };
    let name = match dispute {
        Dispute::Open => "checkout_com/dispute_open",
        Dispute::Won => "checkout_com/dispute_won",
        Dispute::Lost => "checkout_com/dispute_lost",
    };
    let changes = [
        ("/data/0/id", json!(format!("dsp_{:020}", payment.nth))),
        ("/data/0/amount", number(payment.amount)),
        ("/data/0/currency", json!(payment.currency)),
        ("/data/0/payment_id", json!(id(payment))),
        ("/data/0/payment_reference", json!(payment.charge)),
    ];
    shape(name, &changes)
}

fn serve(books: &mut Books, call: &Call) -> Option<(u16, Value)> {
    let parts = call.parts();
    Some(match (call.verb.as_str(), &parts[..]) {
        ("POST", ["hosted-payments"]) => {
            let (charge, currency) = (call.text("/reference"), call.text("/currency"));
            let made = books.begin(&charge, call.minor("/amount"), &currency, Standing::Waiting);
            let changes = [
                ("/id", json!(page(made))),
                ("/reference", json!(made.charge)),
                ("/_links/redirect/href", json!(address(made))),
            ];
            (201, shape("checkout_com/create", &changes))
        }
        ("GET", ["hosted-payments", wanted]) => (200, page_shape(books.find(|payment| page(payment) == *wanted)?)),
        ("GET", ["payments"]) => {
            let ours = |payment: &&Payment| payment.charge == call.query("reference") && tried(payment);
            let items: Vec<Value> = books.payments.iter().filter(ours).map(payment_shape).collect();
            let changes = [("/total_count", json!(items.len())), ("/data", json!(items))];
            (200, shape("checkout_com/sync_nothing", &changes))
        }
        ("GET", ["payments", wanted]) => (200, payment_shape(books.find(|payment| id(payment) == *wanted)?)),
        ("POST", ["payments", wanted, "refunds"]) => {
            let made =
                books.refund(&call.text("/reference"), call.minor("/amount"), |payment| id(payment) == *wanted)?;
            let changes = [("/action_id", action(&made.1)["id"].clone()), ("/reference", json!(made.1.ours))];
            (202, shape("checkout_com/refund", &changes))
        }
        ("GET", ["payments", wanted, "actions"]) => (200, actions(books.find(|payment| id(payment) == *wanted)?)),
        ("GET", ["disputes"]) => (200, disputes(books.find(|payment| id(payment) == call.query("payment_id"))?)),
        _ => return None,
    })
}

fn event(payment: &Payment, _: i64) -> Posted {
    let body = match payment.dispute {
        Some(_) => {
            let changes =
                [("/data/payment_id", json!(id(payment))), ("/data/payment_reference", json!(payment.charge))];
            posted("checkout_com/callback.dispute", &changes)
        }
        None => {
            let changes = [
                ("/data/id", json!(id(payment))),
                ("/data/amount", number(payment.amount)),
                ("/data/reference", json!(payment.charge)),
                ("/data/metadata/charge", json!(payment.charge)),
            ];
            posted("checkout_com/callback", &changes)
        }
    };
    let signature = hmac(field("webhook_key").as_bytes(), body.as_bytes());
    (vec![("cko-signature", hex::encode(signature))], body)
}
