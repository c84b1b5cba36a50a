//! What is asked of a provider.

use domain::{Time, Units};

use super::outcome::Memory;

/// A payment attempt at a provider, as its request needs it. The same value, with what has been learned since, is given to every
/// later question about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Ours, `chg_ULID`: letters, digits and `_`, 30 characters. Sent as the provider's idempotency key and as the merchant's
    /// reference, so that the provider can be asked by it.
    pub id: String,
    /// Minor units of `currency`, above zero.
    pub amount: Units,
    /// ISO 4217, upper case.
    pub currency: String,
    /// Decimal places of the currency's minor unit.
    pub digits: u8,
    /// For the payer's bank statement and the provider's pages: names the invoice.
    pub description: String,
    /// The merchant's name, at most 60 characters.
    pub payee: String,
    pub payer: Payer,
    pub device: Device,
    /// Where the provider sends the payer's browser back to.
    pub return_url: String,
    /// Where the provider posts its callbacks to.
    pub callback_url: String,
    pub created_at: Time,
    /// After this the provider should take no payment any more.
    pub expires_at: Time,
    /// The provider's id of it, once known.
    pub reference: Option<String>,
    /// What the connector wanted to remember.
    pub memory: Memory,
}

/// Who pays, as far as the merchant or the payer said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payer {
    pub email: String,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub ip: Option<String>,
    pub address1: Option<String>,
    pub address2: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postcode: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// For Collect alone.
    pub vpa: Option<String>,
}

/// What the payer holds in his hand: UPI shows a link on a phone and a QR on anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    Phone,
    Other,
}

/// A refund of a paid charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Ours, `trf_ULID`: the provider's idempotency key and reference.
    pub id: String,
    /// Minor units of the charge's currency.
    pub amount: Units,
    /// The paid charge; its `reference` and `memory` are known.
    pub charge: Charge,
    /// The provider's id of the refund, once known.
    pub reference: Option<String>,
}
