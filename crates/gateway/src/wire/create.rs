//! "Create invoice": from parameters to a request, in the contract's order of checks.

mod card;
mod flow;
mod reader;

pub use flow::{Flow, PAYABLE_CURRENCIES, PayableCurrency, SolutionType};

use super::amount::{MinorUnits, WrittenAmount};
use super::errors::CreateError;
use super::params::Params;
use super::{email, field};
use crate::net::guard::Policy;
use domain::Time;
use domain::card::Card;
use field::Field;
use reader::Reader;
use std::net::IpAddr;

/// A currency in which invoices may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Devise {
    Usd,
    Eur,
    Gbp,
    Inr,
    Zar,
}

impl Devise {
    pub const ALL: [Self; 5] = [Self::Usd, Self::Eur, Self::Gbp, Self::Inr, Self::Zar];

    /// The exact, upper-case code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Inr => "INR",
            Self::Zar => "ZAR",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|devise| devise.code() == code)
    }

    /// Decimals of the minor unit by ISO 4217.
    pub fn minor_digits(self) -> u8 {
        match self {
            Self::Usd | Self::Eur | Self::Gbp | Self::Inr | Self::Zar => 2,
        }
    }
}

/// A currency this merchant may use, with the smallest and the largest amount in its minor units, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviseRule {
    pub devise: Devise,
    pub minimum: u128,
    pub maximum: u128,
}

/// What the merchant may do.
#[derive(Debug, Clone, Copy)]
pub struct CreateRules<'a> {
    /// More than USD only if the merchant has card payments.
    pub devises: &'a [DeviseRule],
    /// The types the merchant can be paid by: it may name them in `payment_solution_type`, and card data need `CARD`.
    pub solution_types: &'a [SolutionType],
    /// The names the merchant may give in `payment_solution_name`.
    pub solution_names: &'a [String],
    /// The values the merchant may name in `payableCurrencies`.
    pub payable_currencies: &'a [PayableCurrency],
    /// Whether the merchant may post card data, and has its crypto invoices answered with an id and a page for the chosen currency.
    pub s2s: bool,
    pub cards: CardData,
    pub now: Time,
    /// Live refuses redirects to private hosts.
    pub policy: Policy,
}

/// What happens to posted card data. They are checked the same way in both modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardData {
    /// They are handed on in memory. `check_expiry` is the instant that decides whether a card has run out; `None` takes any month:
    /// the contract's sample card is past.
    Direct { check_expiry: Option<Time> },
    /// They are dropped, and the payer enters them on the hosted page. Without the operator's named PCI mode.
    Redirect,
}

/// A request, and beside it the card, so that whatever keeps requests never keeps cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub request: CreateRequest,
    /// Only for [`Flow::CardS2s`] with [`CardData::Direct`].
    pub card: Option<Card>,
}

/// A checked request. Card data is never part of it; card numbers in its texts are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRequest {
    pub flow: Flow,
    pub email: String,
    /// In minor units of `devise`; above zero and within the merchant's limits.
    pub amount_minor: u128,
    pub devise: Devise,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub customer_ip: Option<IpAddr>,
    /// Two capital letters.
    pub country: Option<String>,
    /// Eleven digits. Only where UPI may be offered.
    pub personal_id: Option<String>,
    /// Only for [`Flow::CardS2s`].
    pub billing: Option<Billing>,
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
    pub pending_url: Option<String>,
    pub failure_url: Option<String>,
    /// Text of at most 4,096 bytes.
    pub callback_json: Option<String>,
    /// Only if the merchant may name one.
    pub solution_name: Option<String>,
}

/// Where the holder of a posted card lives, and since when. The country is with the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billing {
    pub address1: String,
    pub address2: String,
    pub city: String,
    pub state: Option<String>,
    pub postcode: String,
    /// `YYYY-MM-DD`, not in the future.
    pub date_of_birth: String,
}

/// Reads the parameters of a caller whose key, address and wallet have been checked.
///
/// Optional parameters that are malformed are refused with 50014 rather than dropped, so that a mistake shows at the first try.
/// Digits finer than the minor unit are found once the currency is known, and then give 50003 like any unreadable amount.
pub fn parse(params: &Params, rules: &CreateRules<'_>) -> Result<Parsed, CreateError> {
    let reader = Reader::new(params, rules);
    let email = match field::field(params, "email") {
        Field::Absent => return Err(CreateError::EmailRequired),
        Field::Text(text) if email::is_valid(text) && !reader.numbers.are_in(text) => text.to_owned(),
        Field::Text(_) | Field::NotText => return Err(CreateError::EmailInvalid),
    };
    let amount = params.get("amount").ok_or(CreateError::AmountRequired)?;
    let amount = WrittenAmount::read(amount).map_err(|_| CreateError::AmountRequired)?;
    let picked = flow::pick(params, rules);
    let rule = devise_rule(params, rules, picked.takes_any_devise())?;
    let amount_minor = within_limits(&amount, rule)?;
    let flow = picked.resolve(params, rules)?;

    let asked = picked.asks_who_pays();
    let name = reader.line("name", 255, asked)?;
    let phone = reader.line("phone", 32, asked)?;
    let customer_ip = reader.ip("customer_ip", asked)?;
    let (country, billing, card) = match flow {
        Flow::CardS2s => {
            let posted = card::read(&reader, name.as_deref().unwrap_or_default())?;
            (Some(posted.country), Some(posted.billing), posted.card)
        }
        Flow::Hosted { .. } | Flow::CryptoS2s { .. } => (reader.country("country")?, None, None),
    };
    let request = CreateRequest {
        flow,
        email,
        amount_minor,
        devise: rule.devise,
        name,
        phone,
        customer_ip,
        country,
        personal_id: if picked.may_be_upi(rules) { reader.personal_id("personal_id")? } else { None },
        billing,
        success_url: reader.link("success_url")?,
        cancel_url: reader.link("cancel_url")?,
        pending_url: reader.link("pending_url")?,
        failure_url: reader.link("failure_url")?,
        callback_json: reader.callback_json("callbackJson")?,
        solution_name: flow::solution_name(params, rules),
    };
    Ok(Parsed { request, card })
}

fn devise_rule(params: &Params, rules: &CreateRules<'_>, any: bool) -> Result<DeviseRule, CreateError> {
    let devise = match field::field(params, "devise") {
        Field::Absent => return Err(CreateError::DeviseRequired),
        Field::Text(code) => Devise::from_code(code).ok_or(CreateError::DeviseInvalid)?,
        Field::NotText => return Err(CreateError::DeviseInvalid),
    };
    let rule = rules.devises.iter().find(|rule| rule.devise == devise);
    rule.filter(|rule| any || rule.devise == Devise::Usd).copied().ok_or(CreateError::DeviseInvalid)
}

fn within_limits(amount: &WrittenAmount, rule: DeviseRule) -> Result<u128, CreateError> {
    match amount.minor_units(rule.devise.minor_digits()) {
        Err(_) => Err(CreateError::AmountRequired),
        Ok(MinorUnits::Positive(units)) if units > rule.maximum => Err(CreateError::AboveMaximum),
        Ok(MinorUnits::Positive(units)) if units >= rule.minimum => Ok(units),
        Ok(MinorUnits::Positive(_) | MinorUnits::NotPositive) => Err(CreateError::BelowMinimum),
    }
}

#[cfg(test)]
mod tests;
