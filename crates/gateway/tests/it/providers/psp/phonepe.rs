//! PhonePe: order and payment in one request, under the gateway's own id.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::books::{Books, Call, Payment, Standing, number, posted, shape};
use super::{Kind, Posted, drawn, field};

pub static PHONEPE: Kind = Kind {
    name: "phonepe",
    method: "UPI",
    base: "/apis/pg",
    settings: &["client_id", "client_version", "webhook_username"],
    secrets: &["client_secret", "webhook_password"],
    steps: 1,
    page: "upi",
    // the link came with the lost answer, and cannot be asked for
    page_after_loss: "processing",
    declined: ("failed", "invoice:failed"),
    signs_body: false,
    knows_unknown_refunds: false,
    has_disputes: false,
    serve,
    shown: |payment| {
        let (link, code) = (format!(r#"href="{}""#, link(payment)), drawn(&link(payment)));
        if payment.on_phone { vec![link] } else { vec![code] }
    },
    event,
};

fn id(payment: &Payment) -> String {
    format!("OMO{:022}", payment.nth)
}

/// With what must come through to the payer as it is.
fn link(payment: &Payment) -> String {
    let (amount, nth) = (payment.amount.decimal(2, 2), payment.nth);
    format!("upi://pay?pa=TESTSHOP@ybl&pn=Test%20shop&am={amount}&mam={amount}&tr=OM{nth:022}&mc=5399&mode=03")
}

fn order(payment: &Payment) -> Value {
    let (units, currency) = payment.paid();
    let mut changes = vec![("/orderId", json!(id(payment))), ("/amount", number(payment.amount))];
    let name = match payment.standing {
        Standing::Begun | Standing::Waiting | Standing::Closed => "phonepe/sync_pending.on_phone",
        Standing::Declined => "phonepe/decline.refused",
        Standing::Paid => {
            changes.extend([
                ("/paymentDetails/0/amount", number(units)),
                ("/paymentDetails/0/rail/utr", json!(format!("{:012}", payment.nth))),
            ]);
            if currency == "INR" { "phonepe/sync_paid" } else { "phonepe/wrong_currency" }
        }
    };
    if payment.standing == Standing::Paid && currency != "INR" {
        changes.push(("/currency", json!(currency)));
    }
    shape(name, &changes)
}

fn serve(books: &mut Books, call: &Call) -> Option<(u16, Value)> {
    let parts = call.parts();
    let body = match (call.verb.as_str(), &parts[..]) {
        ("POST", [.., "identity-manager", "v1", "oauth", "token"]) => {
            shape("phonepe/login", &[("/issued_at", json!(books.now)), ("/expires_at", json!(books.now + 3_600))])
        }
        ("POST", ["payments", "v2", "pay"]) => {
            let on_phone = call.text("/paymentFlow/paymentMode/type") == "UPI_INTENT";
            let charge = call.text("/merchantOrderId");
            let made = books.begin(&charge, call.minor("/amount"), "INR", Standing::Waiting);
            made.on_phone = on_phone;
            let changes = [("/orderId", json!(id(made))), ("/intentUrl", json!(link(made)))];
            shape(if on_phone { "phonepe/create.on_phone" } else { "phonepe/create" }, &changes)
        }
        ("GET", ["payments", "v2", "order", wanted, "status"]) => match books.find(|payment| payment.charge == *wanted)
        {
            Some(payment) => order(payment),
            None => return Some((400, shape("phonepe/sync_nothing", &[]))),
        },
        ("POST", ["payments", "v2", "refund"]) => {
            let (wanted, ours) = (call.text("/originalMerchantOrderId"), call.text("/merchantRefundId"));
            let (_, made) = books.refund(&ours, call.minor("/amount"), |payment| payment.charge == wanted)?;
            let changes = [("/refundId", json!(format!("OMR{:022}", made.nth))), ("/amount", number(made.amount))];
            shape("phonepe/refund", &changes)
        }
        ("GET", ["payments", "v2", "refund", ours, "status"]) => {
            let all =
                || books.payments.iter().flat_map(|payment| payment.refunds.iter().map(move |made| (payment, made)));
            let Some((payment, made)) = all().find(|(_, made)| made.ours == *ours) else {
                return Some((400, shape("phonepe/refund_sync.not_known", &[])));
            };
            let changes = [
                ("/originalMerchantOrderId", json!(payment.charge)),
                ("/amount", number(made.amount)),
                ("/refundId", json!(format!("OMR{:022}", made.nth))),
            ];
            shape("phonepe/refund_sync", &changes)
        }
        _ => return None,
    };
    Some((200, body))
}

fn event(payment: &Payment, _: i64) -> Posted {
    let changes = [
        ("/payload/merchantOrderId", json!(payment.charge)),
        ("/payload/orderId", json!(id(payment))),
        ("/payload/amount", number(payment.amount)),
    ];
    let words = format!("{}:{}", field("webhook_username"), field("webhook_password"));
    let header = ("authorization", hex::encode(Sha256::digest(words)));
    (vec![header], posted("phonepe/callback", &changes))
}
