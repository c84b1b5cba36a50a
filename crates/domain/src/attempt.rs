//! One way of paying an invoice: a coin, its own deposit address and a locked price.

use crate::amount::{AmountError, Units};
use crate::fee::BasisPoints;
use crate::ids::AttemptId;
use crate::rate::{Rate, value_at_quote};
use crate::time::{MINUTE, Time};

/// How long a quoted price holds.
pub const QUOTE_MILLIS: i64 = 30 * MINUTE;

/// After the quote ran out, a payment is still taken at its price for this long: slow wallets and full blocks.
pub const QUOTE_GRACE_MILLIS: i64 = 15 * MINUTE;

/// A payment attempt on a chain. Nothing in it changes after it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    /// [`crate::asset::Asset::code`].
    pub asset: String,
    pub chain: String,
    /// 20 bytes: the CREATE2 address of the forwarder.
    pub address: [u8; 20],
    /// CREATE2 salt.
    pub salt: [u8; 32],
    /// The forwarder's immutable terms.
    pub merchant_wallet: [u8; 20],
    pub fee_wallet: [u8; 20],
    pub fee: BasisPoints,
    /// The part of the invoice this attempt is for, minor units of its currency.
    pub due_minor: Units,
    /// The same in base units of the coin.
    pub due_units: Units,
    pub rate: Rate,
    /// Whether the coin counts at par, so that its price cannot go stale.
    pub at_par: bool,
    pub quote_expires_at: Time,
    pub created_at: Time,
}

impl Attempt {
    /// What `paid` base units are worth in the invoice's minor units, at the locked price. Rounding: down.
    pub fn value_of(&self, paid: Units) -> Result<Units, AmountError> {
        value_at_quote(paid, self.due_units, self.due_minor)
    }

    /// Whether money that reached the chain at `at` is taken at the locked price.
    pub fn honours(&self, at: Time) -> bool {
        self.at_par || at <= self.quote_expires_at.plus(QUOTE_GRACE_MILLIS)
    }
}
