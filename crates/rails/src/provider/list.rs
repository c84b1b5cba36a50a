//! Every connector there is.

use super::Connector;
use crate::sim::connectors::{SANDBOX_CARD, SANDBOX_UPI};
use crate::{card, upi};

/// All connectors to real providers; a new one is a line here.
pub static ALL: &[&Connector] = &[
    &card::stripe::STRIPE,
    &card::checkout_com::CHECKOUT_COM,
    &upi::razorpay::RAZORPAY,
    &upi::cashfree::CASHFREE,
    &upi::phonepe::PHONEPE,
];

/// Those to the sandbox's acquirer and UPI switch, which no live gateway has. Tried against these themselves, not by recorded exchanges.
pub static SIMULATED: &[&Connector] = &[&SANDBOX_CARD, &SANDBOX_UPI];

/// The connector of that name, real or simulated.
pub fn by_name(name: &str) -> Option<&'static Connector> {
    ALL.iter().chain(SIMULATED).copied().find(|connector| connector.name == name)
}
