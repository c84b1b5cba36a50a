//! Cashfree: an order under the gateway's own id, and a payment of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Units;
use serde_json::{Value, json};

use super::books::{Books, Call, Dispute, Payment, Refund, Standing, posted, shape};
use super::{Kind, Posted, field};
use crate::harness::hmac;

pub static CASHFREE: Kind = Kind {
    name: "cashfree",
    method: "UPI",
    base: "/pg",
    settings: &["client_id"],
    secrets: &["client_secret"],
    steps: 2,
    page: "upi",
    // the picture or link came with the lost answer, and cannot be asked for
    page_after_loss: "processing",
    declined: ("failed", "invoice:failed"),
    signs_body: true,
    knows_unknown_refunds: true,
    has_disputes: true,
    serve,
    shown: |payment| vec![if payment.on_phone { link(payment) } else { format!(r#"src="{}""#, picture(payment)) }],
    event,
};

/// Each a picture of its own: its last bytes are the payment's number.
fn picture(payment: &Payment) -> String {
    let recorded = shape("cashfree/create", &[])["data"]["payload"]["qrcode"].as_str().unwrap().to_owned();
    let mut bytes = STANDARD.decode(recorded.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
    bytes.extend(payment.nth.to_be_bytes());
    format!("data:image/png;base64,{}", STANDARD.encode(bytes))
}

/// With what must come through to the payer as it is.
fn link(payment: &Payment) -> String {
    let (amount, nth) = (payment.amount.decimal(2, 2), payment.nth);
    format!("upi://pay?pa=cashfree@yesbank&pn=Test%20shop&tr={nth:010}&am={amount}&cu=INR&mode=00&purpose=00")
}

fn session(payment: &Payment) -> String {
    format!("session_{:032}", payment.nth)
}

/// Rupees with their places.
fn rupees(units: Units) -> Value {
    serde_json::from_str(&units.decimal(2, 2)).unwrap()
}

fn order(payment: &Payment) -> Value {
    let status = match payment.standing {
        Standing::Paid => "PAID",
        Standing::Closed => "TERMINATED",
        Standing::Begun | Standing::Waiting | Standing::Declined => "ACTIVE",
    };
    let changes = [
        ("/cf_order_id", json!(format!("{:010}", payment.nth))),
        ("/order_id", json!(payment.charge)),
        ("/order_amount", rupees(payment.amount)),
        ("/order_status", json!(status)),
        ("/payment_session_id", json!(session(payment))),
    ];
    shape("cashfree/create.1_order", &changes)
}

fn entity(payment: &Payment) -> Option<Value> {
    let name = match payment.standing {
        Standing::Paid => "cashfree/sync_paid",
        Standing::Declined => "cashfree/decline",
        Standing::Waiting => "cashfree/sync_pending.not_yet",
        Standing::Begun | Standing::Closed => return None,
    };
    let (units, currency) = payment.paid();
    let mut changes = vec![
        ("/0/cf_payment_id", json!(format!("{:013}", payment.nth))),
        ("/0/order_id", json!(payment.charge)),
        ("/0/order_amount", rupees(payment.amount)),
        ("/0/payment_amount", rupees(units)),
        ("/0/payment_currency", json!(currency)),
    ];
    if payment.standing == Standing::Paid {
        changes.push(("/0/bank_reference", json!(format!("{:012}", payment.nth))));
    }
    Some(shape(name, &changes)[0].clone())
}

/// Taken on at once, done a moment later.
fn refund(name: &str, payment: &Payment, refund: &Refund) -> Value {
    let changes = [
        ("/cf_refund_id", json!(refund.nth.to_string())),
        ("/refund_id", json!(refund.ours)),
        ("/order_id", json!(payment.charge)),
        ("/refund_amount", rupees(refund.amount)),
    ];
    shape(name, &changes)
}

fn disputes(payment: &Payment) -> Value {
    let Some(dispute) = payment.dispute else { return shape("cashfree/disputes.none", &[]) };
    let name = match dispute {
        Dispute::Open => "cashfree/dispute_open",
        Dispute::Won => "cashfree/dispute_won",
        Dispute::Lost => "cashfree/dispute_lost",
    };
    let changes = [
        ("/0/dispute_id", json!(433_447_000 + payment.nth)),
        ("/0/dispute_amount", rupees(payment.amount)),
        ("/0/order_details/order_id", json!(payment.charge)),
    ];
    shape(name, &changes)
}

fn serve(books: &mut Books, call: &Call) -> Option<(u16, Value)> {
    let parts = call.parts();
    let no_order = || Some((404, shape("cashfree/sync_nothing", &[])));
    let of = |wanted: &str| {
        let wanted = wanted.to_owned();
        move |payment: &Payment| payment.charge == wanted
    };
    let body = match (call.verb.as_str(), &parts[..]) {
        ("POST", ["orders"]) => {
            let amount = Units::parse(&call.text("/order_amount"), 2).unwrap();
            order(books.begin(&call.text("/order_id"), amount, "INR", Standing::Begun))
        }
        ("POST", ["orders", "sessions"]) => {
            let wanted = call.text("/payment_session_id");
            let of = books.find(|payment| session(payment) == wanted)?;
            let (charge, amount) = (of.charge.clone(), of.amount);
            let made = match of.standing {
                Standing::Begun => of,
                _ => books.begin(&charge, amount, "INR", Standing::Waiting),
            };
            made.standing = Standing::Waiting;
            made.on_phone = call.text("/payment_method/upi/channel") == "link";
            let number = json!(format!("{:013}", made.nth));
            let mut changes = vec![("/cf_payment_id", number), ("/payment_amount", rupees(made.amount))];
            match made.on_phone {
                true => changes.push(("/data/payload/default", json!(link(made)))),
                false => changes.push(("/data/payload/qrcode", json!(picture(made)))),
            }
            shape(if made.on_phone { "cashfree/create.2_link" } else { "cashfree/create" }, &changes)
        }
        ("GET", ["orders", wanted]) => match books.find(of(wanted)) {
            Some(payment) => order(payment),
            None => return no_order(),
        },
        ("PATCH", ["orders", wanted]) => {
            let Some(payment) = books.find(of(wanted)) else { return no_order() };
            if matches!(payment.standing, Standing::Begun | Standing::Waiting) {
                payment.standing = Standing::Closed;
            }
            order(payment)
        }
        ("GET", ["orders", wanted, "payments"]) => match books.find(of(wanted)) {
            Some(payment) => entity(payment).into_iter().collect(),
            None => return no_order(),
        },
        ("POST", ["orders", wanted, "refunds"]) => {
            let amount = Units::parse(&call.text("/refund_amount"), 2).unwrap();
            let made = books.refund(&call.text("/refund_id"), amount, of(wanted))?;
            refund("cashfree/refund", made.0, &made.1)
        }
        ("GET", ["orders", wanted, "refunds", ours]) => {
            let payment = books.find(of(wanted))?;
            match payment.refunds.iter().find(|made| made.ours == *ours) {
                Some(made) => refund("cashfree/refund_sync", payment, made),
                None => return Some((404, shape("cashfree/refund_sync_nothing", &[]))),
            }
        }
        ("GET", ["orders", wanted, "disputes"]) => disputes(books.find(of(wanted))?),
        _ => return None,
    };
    Some((200, body))
}

/// Its callbacks about disputes have no recorded shape: they look like those about the payment here.
fn event(payment: &Payment, now: i64) -> Posted {
    let changes =
        [("/data/order/order_id", json!(payment.charge)), ("/data/order/order_amount", rupees(payment.amount))];
    let (body, time) = (posted("cashfree/callback", &changes), format!("{now}000"));
    let signature = STANDARD.encode(hmac(field("client_secret").as_bytes(), format!("{time}{body}").as_bytes()));
    (vec![("x-webhook-timestamp", time), ("x-webhook-signature", signature)], body)
}
