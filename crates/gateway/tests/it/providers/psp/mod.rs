//! Payment providers that run inside the tests, on loopback: books of their own, and answers in the shapes of the recorded exchanges.
//! They make one payment of each request, whatever its idempotency key says, so that a second send shows as a second payment.

mod books;
mod cashfree;
mod checkout_com;
mod phonepe;
mod razorpay;
mod server;
mod stripe;

use gateway::clock::Clock;
use serde_json::Value;

pub use books::{Books, Call, Dispute, Payment, Refund, Standing, posted, shape};
pub use cashfree::CASHFREE;
pub use checkout_com::CHECKOUT_COM;
pub use phonepe::PHONEPE;
pub use razorpay::RAZORPAY;
pub use server::{Fault, Psp};
pub use stripe::STRIPE;

/// A provider, as the tests know it.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    /// As the contract calls it: `CARD` or `UPI`.
    pub method: &'static str,
    /// After host and port.
    pub base: &'static str,
    pub settings: &'static [&'static str],
    pub secrets: &'static [&'static str],
    /// Requests it takes until the payer has something to act on, not on a phone.
    pub steps: usize,
    /// The page when the payer has something to act on.
    pub page: &'static str,
    /// The page when the answer was lost, and the provider was asked: whether it can tell what the payer was to be shown.
    pub page_after_loss: &'static str,
    /// Page and status after a decline; some providers let the payer try again.
    pub declined: (&'static str, &'static str),
    /// Whether what it posts is signed over the body.
    pub signs_body: bool,
    /// Whether it says in words of its own that there is no such refund.
    pub knows_unknown_refunds: bool,
    pub has_disputes: bool,
    pub serve: fn(&mut Books, &Call) -> Option<(u16, Value)>,
    /// Texts that the page shows exactly so.
    pub shown: fn(&Payment) -> Vec<String>,
    /// What it posts about a payment, or its dispute, signed: headers and body.
    pub event: fn(&Payment, now: i64) -> Posted,
}

/// A callback: headers and body.
pub type Posted = (Vec<(&'static str, String)>, String);

/// The value of a field of the account.
pub fn field(name: &str) -> String {
    if name == "country" { "DE".into() } else { format!("test-{name}") }
}

/// How the page draws a text as a QR code; that such drawings can be read is tested in a browser.
fn drawn(text: &str) -> String {
    let svg = gateway::checkout::qr::svg(text, "").unwrap();
    let from = svg.rfind(" d=\"").unwrap();
    svg[from..].split_once("/>").unwrap().0.to_owned()
}

pub fn now() -> i64 {
    Clock::system().now() / 1_000
}
