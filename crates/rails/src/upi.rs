//! UPI: connectors to providers (how to write one: `docs/providers.md`), and UPI without a provider: the link a payer's app opens, the
//! reference number of a transfer, and the bank statement that proves it.

pub mod cashfree;
pub mod link;
pub mod phonepe;
pub mod razorpay;
pub mod rrn;
pub mod statement;
pub mod vpa;
