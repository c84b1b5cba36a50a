//! Razorpay: a QR code for one payment, or, on a phone, an order and an intent payment of it.

use serde_json::{Value, json};

use super::books::{Books, Call, Dispute, Payment, Refund, Standing, number, posted, set, shape};
use super::{Kind, Posted, drawn, field};
use crate::harness::hmac;

pub static RAZORPAY: Kind = Kind {
    name: "razorpay",
    method: "UPI",
    base: "",
    settings: &["key_id"],
    secrets: &["key_secret", "webhook_secret"],
    steps: 1,
    page: "upi",
    // found among the account's codes, by its notes
    page_after_loss: "upi",
    declined: ("upi", "invoice:opened"),
    signs_body: true,
    knows_unknown_refunds: true,
    has_disputes: true,
    serve,
    shown: |payment| {
        let (link, code) = (format!(r#"href="{}""#, link(payment)), drawn(&link(payment)));
        if payment.on_phone { vec![link] } else { vec![link, code] }
    },
    event,
};

fn begun(payment: &Payment) -> String {
    format!("{}_{:014}", if payment.on_phone { "order" } else { "qr" }, payment.nth)
}

fn id(payment: &Payment) -> String {
    format!("pay_{:014}", payment.nth)
}

/// With what must come through to the payer as it is.
fn link(payment: &Payment) -> String {
    let amount = payment.amount.decimal(2, 2);
    format!("upi://pay?pa=rzr.shop@icici&pn=Test%20shop&tr=RZP{:08}qrv2&cu=INR&mc=5811&am={amount}", payment.nth)
}

fn code(payment: &Payment) -> Value {
    let (closed, paid) = (payment.standing == Standing::Closed, payment.standing == Standing::Paid);
    let received = if paid { number(payment.paid().0) } else { json!(0) };
    let changes = [
        ("/id", json!(begun(payment))),
        ("/created_at", json!(payment.created)),
        ("/payment_amount", number(payment.amount)),
        ("/payments_amount_received", received),
        ("/notes/charge", json!(payment.charge)),
        ("/image_content", json!(link(payment))),
    ];
    shape(if closed { "razorpay/qr_closed" } else { "razorpay/create" }, &changes)
}

fn order(payment: &Payment) -> Value {
    let changes = [
        ("/id", json!(begun(payment))),
        ("/amount", number(payment.amount)),
        ("/amount_due", number(payment.amount)),
        ("/receipt", json!(payment.charge)),
        ("/notes/charge", json!(payment.charge)),
        ("/created_at", json!(payment.created)),
    ];
    shape("razorpay/create.1_order", &changes)
}

fn entity(payment: &Payment) -> Option<Value> {
    let name = match payment.standing {
        Standing::Paid => "razorpay/sync_paid.qr",
        Standing::Declined => "razorpay/decline_by_qr",
        // as the payer's app got it, and nothing more
        Standing::Waiting if payment.on_phone => "razorpay/decline_by_qr",
        Standing::Begun | Standing::Waiting | Standing::Closed => return None,
    };
    let (units, currency) = payment.paid();
    let mut entity = shape(name, &[])["items"][0].clone();
    let changes = [
        ("/id", json!(id(payment))),
        ("/amount", number(units)),
        ("/currency", json!(currency)),
        ("/amount_refunded", number(payment.refunded())),
        ("/notes/charge", json!(payment.charge)),
    ];
    entity = set(entity, &changes);
    if payment.standing == Standing::Waiting {
        entity =
            set(entity, &[("/status", json!("created")), ("/error_code", Value::Null), ("/error_reason", Value::Null)]);
    }
    if payment.standing == Standing::Paid {
        entity = set(entity, &[("/acquirer_data/rrn", json!(format!("{:012}", payment.nth)))]);
    }
    Some(entity)
}

fn list(items: Vec<Value>) -> Value {
    shape("razorpay/refund_sync_nothing", &[("/count", json!(items.len())), ("/items", json!(items))])
}

fn refund(payment: &Payment, refund: &Refund) -> Value {
    let changes = [
        ("/id", json!(format!("rfnd_{:014}", refund.nth))),
        ("/amount", number(refund.amount)),
        ("/receipt", json!(refund.ours)),
        ("/payment_id", json!(id(payment))),
        ("/notes/refund", json!(refund.ours)),
        ("/notes/charge", json!(payment.charge)),
    ];
    shape("razorpay/refund", &changes)
}

fn dispute(payment: &Payment) -> Option<Value> {
    let name = match payment.dispute? {
        Dispute::Open => "razorpay/dispute_open",
        Dispute::Won => "razorpay/dispute_won",
        Dispute::Lost => "razorpay/dispute_lost",
    };
    let mut changes = vec![
        ("/items/1/id", json!(format!("disp_{:014}", payment.nth))),
        ("/items/1/payment_id", json!(id(payment))),
        ("/items/1/amount", number(payment.amount)),
    ];
    if payment.dispute == Some(Dispute::Lost) {
        changes.push(("/items/1/amount_deducted", number(payment.amount)));
    }
    Some(shape(name, &changes)["items"][1].clone())
}

fn serve(books: &mut Books, call: &Call) -> Option<(u16, Value)> {
    let parts = call.parts();
    let body = match (call.verb.as_str(), &parts[..]) {
        ("POST", ["v1", "payments", "qr_codes"]) => {
            let charge = call.text("/notes/charge");
            code(books.begin(&charge, call.minor("/payment_amount"), "INR", Standing::Waiting))
        }
        ("POST", ["v1", "orders"]) => {
            let made = books.begin(&call.text("/receipt"), call.minor("/amount"), "INR", Standing::Begun);
            made.on_phone = true;
            order(made)
        }
        ("POST", ["v1", "payments", "create", "upi"]) => {
            let of = books.find(|payment| begun(payment) == call.text("/order_id"))?;
            let (charge, amount) = (of.charge.clone(), of.amount);
            let made = match of.standing {
                Standing::Begun => of,
                _ => books.begin(&charge, amount, "INR", Standing::Waiting),
            };
            (made.standing, made.on_phone) = (Standing::Waiting, true);
            let changes = [("/razorpay_payment_id", json!(id(made))), ("/link", json!(link(made)))];
            shape("razorpay/create.2_intent", &changes)
        }
        ("GET", ["v1", "payments", "qr_codes"]) => {
            let [from, to] = ["from", "to"].map(|name| call.query(name).parse::<i64>().unwrap());
            let asked = |payment: &&Payment| !payment.on_phone && (from..=to).contains(&payment.created);
            list(books.payments.iter().filter(asked).map(code).collect())
        }
        ("GET", ["v1", "payments", "qr_codes", wanted]) => code(books.find(|payment| begun(payment) == *wanted)?),
        ("GET", ["v1", "payments", "qr_codes", wanted, "payments"] | ["v1", "orders", wanted, "payments"]) => {
            list(entity(books.find(|payment| begun(payment) == *wanted)?).into_iter().collect())
        }
        ("POST", ["v1", "payments", "qr_codes", wanted, "close"]) => {
            let payment = books.find(|payment| begun(payment) == *wanted)?;
            if payment.standing == Standing::Waiting {
                payment.standing = Standing::Closed;
            }
            code(payment)
        }
        ("GET", ["v1", "orders"]) => {
            let asked = |payment: &&Payment| payment.on_phone && payment.charge == call.query("receipt");
            list(books.payments.iter().filter(asked).map(order).collect())
        }
        ("POST", ["v1", "payments", wanted, "refund"]) => {
            let made = books.refund(&call.text("/receipt"), call.minor("/amount"), |payment| id(payment) == *wanted)?;
            refund(made.0, &made.1)
        }
        ("GET", ["v1", "payments", wanted, "refunds"]) => {
            let payment = books.find(|payment| id(payment) == *wanted)?;
            list(payment.refunds.iter().map(|made| refund(payment, made)).collect())
        }
        ("GET", ["v1", "payments", wanted, "refunds", of]) => {
            let payment = books.find(|payment| id(payment) == *wanted)?;
            payment.refunds.iter().map(|made| refund(payment, made)).find(|made| made["id"] == *of)?
        }
        ("GET", ["v1", "disputes"]) => list(books.payments.iter().filter_map(dispute).collect()),
        _ => return None,
    };
    Some((200, body))
}

/// Its callbacks about disputes have no recorded shape: they look like those about the payment here.
fn event(payment: &Payment, _: i64) -> Posted {
    let none = json!({ "id": id(payment), "notes": { "charge": payment.charge } });
    let body = match payment.on_phone {
        true => posted("razorpay/callback", &[("/payload/payment/entity", entity(payment).unwrap_or(none))]),
        false => {
            let changes = [
                ("/payload/payment/entity", entity(payment).unwrap_or(none)),
                ("/payload/qr_code/entity", code(payment)),
            ];
            posted("razorpay/callback.qr", &changes)
        }
    };
    let signature = hmac(field("webhook_secret").as_bytes(), body.as_bytes());
    (vec![("x-razorpay-signature", hex::encode(signature))], body)
}
