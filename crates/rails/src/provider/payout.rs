//! Pay-outs to cards: what is asked, and what an answer means.

use domain::Units;
use domain::card::{CardNumber, Expiry};

/// A payment out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// Ours, `trf_ULID`: the provider's idempotency key and the reference it can be asked by.
    pub id: String,
    /// Minor units of `currency`, above zero.
    pub amount: Units,
    /// ISO 4217, upper case.
    pub currency: String,
    /// For the statement of the card's holder.
    pub description: String,
    /// The card's holder.
    pub first_name: String,
    pub last_name: String,
    /// The provider's id of it, once known.
    pub reference: Option<String>,
}

/// Where it goes. Lives for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutCard {
    pub number: CardNumber,
    pub expiry: Expiry,
}

/// An answer about a pay-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutAnswer {
    /// The provider's id of it, if the answer names it.
    pub reference: Option<String>,
    pub outcome: PayoutOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutOutcome {
    /// The card has, or will have, this: minor units and currency as the provider says.
    Done {
        amount: Units,
        currency: String,
    },
    Pending,
    /// Not paid, and it will not be. The sentence says why; the merchant reads it. From a sync also of one that was done, for weeks after
    /// that: what was paid came back.
    Declined(String),
    /// Nothing was begun; from a sync: the provider has nothing under our id.
    NotSent(String),
    Unknown(String),
}

impl PayoutAnswer {
    pub fn of(outcome: PayoutOutcome) -> Self {
        Self { reference: None, outcome }
    }

    #[must_use]
    pub fn about(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }
}
