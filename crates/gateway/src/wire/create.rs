//! "Create invoice": from parameters to a request, in the contract's order of checks.

mod flow;

pub use flow::{Flow, PayableCurrency, SolutionType};

use super::amount::{MinorUnits, WrittenAmount};
use super::errors::CreateError;
use super::params::Params;
use super::{email, field};
use crate::net::guard::Policy;
use field::Field;
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
    /// The types the merchant may name in `payment_solution_type`.
    pub solution_types: &'a [SolutionType],
    /// The names the merchant may give in `payment_solution_name`.
    pub solution_names: &'a [String],
    /// The values the merchant may name in `payableCurrencies`.
    pub payable_currencies: &'a [PayableCurrency],
    /// Whether crypto invoices are answered with an id and a page for the chosen currency.
    pub crypto_s2s: bool,
    /// Live refuses redirects to private hosts.
    pub policy: Policy,
}

/// A checked request. Card data is never part of it.
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
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
    pub pending_url: Option<String>,
    pub failure_url: Option<String>,
    /// Text of at most 4,096 bytes.
    pub callback_json: Option<String>,
    /// Only if the merchant may name one.
    pub solution_name: Option<String>,
}

/// Reads the parameters of a caller whose key, address and wallet have been checked.
///
/// Optional parameters that are malformed are refused with 50014 rather than dropped, so that a mistake shows at the first try.
/// Digits finer than the minor unit are found once the currency is known, and then give 50003 like any unreadable amount.
pub fn parse(params: &Params, rules: &CreateRules<'_>) -> Result<CreateRequest, CreateError> {
    let email = match field::field(params, "email") {
        Field::Absent => return Err(CreateError::EmailRequired),
        Field::Text(text) if email::is_valid(text) => text.to_owned(),
        Field::Text(_) | Field::NotText => return Err(CreateError::EmailInvalid),
    };
    let amount = params.get("amount").ok_or(CreateError::AmountRequired)?;
    let amount = WrittenAmount::read(amount).map_err(|_| CreateError::AmountRequired)?;
    let picked = flow::pick(params, rules);
    let rule = devise_rule(params, rules, picked.takes_any_devise())?;
    let amount_minor = within_limits(&amount, rule)?;
    let flow = picked.resolve(params, rules)?;

    Ok(CreateRequest {
        flow,
        email,
        amount_minor,
        devise: rule.devise,
        name: line(params, "name", 255)?,
        phone: line(params, "phone", 32)?,
        customer_ip: field::ip(params, "customer_ip").map_err(|_| CreateError::Invalid("customer_ip"))?,
        country: field::country(params, "country").map_err(|_| CreateError::Invalid("country"))?,
        success_url: link(params, "success_url", rules)?,
        cancel_url: link(params, "cancel_url", rules)?,
        pending_url: link(params, "pending_url", rules)?,
        failure_url: link(params, "failure_url", rules)?,
        callback_json: field::callback_json(params).map_err(|_| CreateError::Invalid("callbackJson"))?,
        solution_name: flow::solution_name(params, rules),
    })
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

fn line(params: &Params, name: &'static str, max_chars: usize) -> Result<Option<String>, CreateError> {
    let text = field::line(params, name, max_chars).map_err(|_| CreateError::Invalid(name))?;
    Ok(text.map(str::to_owned))
}

fn link(params: &Params, name: &'static str, rules: &CreateRules<'_>) -> Result<Option<String>, CreateError> {
    field::link(params, name, rules.policy).map_err(|_| CreateError::Invalid(name))
}

#[cfg(test)]
mod tests;
