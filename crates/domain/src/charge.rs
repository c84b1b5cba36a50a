//! A payment attempt at a provider, by card or UPI: what was asked, and what is known of it.

use crate::amount::{AmountError, Units};
use crate::fee::BasisPoints;
use crate::ids::{AccountId, ChargeId};
use crate::invoice::State as InvoiceState;
use crate::ledger::Owner;
use crate::rate::Rate;
use crate::time::Time;

/// What an account at a provider is for: how payers pay there (contract: `payment_solution_type` CARD and UPI), or paying out to cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    Card,
    Upi,
    /// Money goes out, to cards. No charge has it.
    Payout,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Card => "card",
            Method::Upi => "upi",
            Method::Payout => "payout",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Method::Card, Method::Upi, Method::Payout].into_iter().find(|method| method.name() == name)
    }
}

/// Where a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Decided; nothing has been sent.
    Created,
    /// Sent, and no clear answer yet: it is only asked about, never sent again.
    Unknown,
    /// The payer must act.
    NeedsPayer,
    /// The provider or a bank works on it.
    Pending,
    /// The payer says he has paid, and gave an RRN; the merchant has to confirm it.
    Claimed,
    /// Proven: see [`Charge::received`].
    Paid,
    /// Was paid, and taken back by the provider.
    Reversed,
    /// Over, and no money moved.
    Declined,
    /// Nothing was begun at the provider.
    NotSent,
    /// The payer went another way, or its time is over.
    Lapsed,
}

impl State {
    pub const ALL: [(State, &'static str); 10] = [
        (State::Created, "created"),
        (State::Unknown, "unknown"),
        (State::NeedsPayer, "needs_payer"),
        (State::Pending, "pending"),
        (State::Claimed, "claimed"),
        (State::Paid, "paid"),
        (State::Reversed, "reversed"),
        (State::Declined, "declined"),
        (State::NotSent, "not_sent"),
        (State::Lapsed, "lapsed"),
    ];

    pub fn name(self) -> &'static str {
        State::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<State> {
        State::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }

    /// Whether money may be moving right now, so that no other charge of the invoice may begin.
    pub fn is_unresolved(self) -> bool {
        matches!(self, State::Created | State::Unknown | State::Pending | State::Claimed)
    }

    /// Whether `self` may be followed by `next`. Facts are recorded whenever they come: a charge that was declined, or given up,
    /// may turn out to be paid; one that is paid is never anything else but reversed.
    pub fn may_become(self, next: State) -> bool {
        match (self, next) {
            (was, next) if was == next => false,
            (State::Paid, next) => next == State::Reversed,
            (State::Reversed, next) => next == State::Paid,
            (_, State::Reversed) => false,
            (_, State::Paid) => true,
            (State::Declined | State::NotSent, _) => false,
            (State::Lapsed, next) => next == State::Declined,
            (State::Created, next) => next != State::Claimed,
            (_, State::Created) => false,
            (State::NeedsPayer | State::Pending | State::Claimed, State::Unknown | State::NotSent) => false,
            _ => true,
        }
    }
}

/// Where money of a proven charge belongs. Decided once, when it is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Counts towards the invoice.
    Credited,
    /// The invoice was paid already.
    Extra,
    /// The invoice was over.
    Late,
    /// The provider took another amount or currency than was asked.
    Mismatch,
}

impl Placement {
    pub const ALL: [(Placement, &'static str); 4] = [
        (Placement::Credited, "credited"),
        (Placement::Extra, "extra"),
        (Placement::Late, "late"),
        (Placement::Mismatch, "mismatch"),
    ];

    pub fn name(self) -> &'static str {
        Placement::ALL.iter().find(|(placement, _)| *placement == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<Placement> {
        Placement::ALL.iter().find(|(_, known)| *known == name).map(|(placement, _)| *placement)
    }
}

/// An amount of a currency by its ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub units: Units,
    /// Upper case.
    pub currency: String,
}

/// What the merchant is settled for a charge on the operator's account, at the rate locked with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// [`crate::asset::Asset::code`].
    pub asset: String,
    /// Base units of it, before fees.
    pub units: Units,
}

/// A charge. What was asked never changes after it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub id: ChargeId,
    pub account_id: AccountId,
    /// Whose the account at the provider is: the money goes there.
    pub owner: Owner,
    /// The connector's name.
    pub provider: String,
    pub method: Method,
    /// What the payer is asked for.
    pub asked: Money,
    /// The part of the invoice this is for, minor units of its currency.
    pub due_minor: Units,
    /// Units of the charge's currency for one unit of the invoice's; `None` when they are the same.
    pub rate: Option<Rate>,
    pub settle: Option<Settle>,
    pub fee: BasisPoints,
    pub created_at: Time,
    /// When the price stops holding, and the provider is told to close it.
    pub expires_at: Time,
    pub state: State,
    /// What was proven to have been taken from the payer.
    pub received: Option<Money>,
    pub placement: Option<Placement>,
    /// The provider holds the money back.
    pub held: bool,
    /// How many times it was proven: part of the ledger causes.
    pub round: u32,
}

impl Charge {
    /// Whether its money counts towards the invoice now.
    pub fn counts(&self) -> bool {
        self.state == State::Paid && self.placement == Some(Placement::Credited)
    }

    /// Where proven money belongs. `complete` is whether what was credited before already covers the invoice.
    pub fn place(&self, proven: &Money, invoice: InvoiceState, complete: bool) -> Placement {
        if *proven != self.asked {
            return Placement::Mismatch;
        }
        match invoice {
            InvoiceState::Created | InvoiceState::Opened if complete => Placement::Extra,
            InvoiceState::Created | InvoiceState::Opened => Placement::Credited,
            InvoiceState::Received | InvoiceState::Settled | InvoiceState::Withheld if complete => Placement::Extra,
            // what was counted has left, and this replaces it
            InvoiceState::Received | InvoiceState::Withheld => Placement::Credited,
            _ => Placement::Late,
        }
    }
}

/// Which way a conversion rounds to the other currency's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// For what a payer is charged: never short.
    Up,
    /// For what a merchant is settled: never more than there is.
    Down,
}

/// What `minor` units of a currency with `from_digits` places are in another one with `to_digits` places, at `rate` units of it for one.
///
/// # Errors
/// `OutOfRange` when it does not fit, or the rate is not above zero.
pub fn convert(
    minor: Units,
    from_digits: u8,
    to_digits: u8,
    rate: &Rate,
    rounding: Rounding,
) -> Result<Units, AmountError> {
    let price = rate.price.normalize();
    let mantissa = u128::try_from(price.mantissa()).map_err(|_| AmountError::OutOfRange)?;
    if mantissa == 0 {
        return Err(AmountError::OutOfRange);
    }
    let ten = |places: u32| 10u128.checked_pow(places).ok_or(AmountError::OutOfRange);
    let (up, down) = (u32::from(to_digits), u32::from(from_digits) + price.scale());
    let product = minor.0.checked_mul(mantissa).ok_or(AmountError::OutOfRange)?;
    let (numerator, denominator) = match up >= down {
        true => (product.checked_mul(ten(up - down)?).ok_or(AmountError::OutOfRange)?, 1),
        false => (product, ten(down - up)?),
    };
    Ok(Units(match rounding {
        Rounding::Up => numerator.div_ceil(denominator),
        Rounding::Down => numerator / denominator,
    }))
}

#[cfg(test)]
pub(crate) mod tests;
