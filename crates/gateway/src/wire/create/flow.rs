//! Which flow one path picks: the first match of `checkoutMode`, `payment_solution_type`, `card_number`, `payableCurrencies`.

use super::CreateRules;
use crate::wire::errors::CreateError;
use crate::wire::field::{Field, field};
use crate::wire::params::Params;
use serde::{Deserialize, Serialize};

/// A kind of payment, as in `payment_solution_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SolutionType {
    Card,
    Upi,
    Crypto,
}

impl SolutionType {
    /// The exact, upper-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Card => "CARD",
            Self::Upi => "UPI",
            Self::Crypto => "CRYPTO",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Card, Self::Upi, Self::Crypto].into_iter().find(|kind| kind.word() == word)
    }
}

/// A row of the table of payable currencies; also a row of the answer that lists them, without the aliases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayableCurrency {
    /// Such as `USDT_polygon`: the spelling we echo.
    pub value: String,
    pub symbol: String,
    pub network: String,
    pub name: String,
    /// Other spellings of `value` that are understood.
    #[serde(default, skip_serializing)]
    pub aliases: Vec<String>,
}

impl PayableCurrency {
    fn is_called(&self, given: &str) -> bool {
        std::iter::once(&self.value).chain(&self.aliases).any(|name| name.eq_ignore_ascii_case(given))
    }
}

/// How the customer will pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// The hosted page, offering one type only if `only` names it, and opened on one currency if there is one.
    Hosted { only: Option<SolutionType>, payable_currency: Option<String> },
    /// The hosted page of one currency; the answer also carries `status` and `ID`.
    CryptoS2s { payable_currency: String },
    /// The merchant posted the card; the answer also carries `status` and `ID`.
    CardS2s,
}

/// The match, before it is known whether the merchant may have it: that is checked after the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picked {
    Nft,
    OnRamp,
    Solution(SolutionType),
    CardS2s,
    Crypto,
    Hosted,
}

pub(super) fn pick(params: &Params, rules: &CreateRules<'_>) -> Picked {
    let given = |name: &str| field(params, name) != Field::Absent;
    match field(params, "checkoutMode") {
        Field::Text("nft") => return Picked::Nft,
        Field::Text("onramp") => return Picked::OnRamp,
        _ => {}
    }
    match solution_type(params, rules) {
        // One of three forgotten is a mistake to be told, not a wish for the hosted page.
        Some(SolutionType::Card) if ["card_number", "card_expiry_date", "card_ccv"].into_iter().any(given) => {
            Picked::CardS2s
        }
        Some(kind) => Picked::Solution(kind),
        None if given("card_number") => Picked::CardS2s,
        None if given("payableCurrencies") => Picked::Crypto,
        None => Picked::Hosted,
    }
}

impl Picked {
    /// Card payments, and pages that may offer them; everything else is in USD.
    pub(super) fn takes_any_devise(self) -> bool {
        matches!(self, Self::Hosted | Self::CardS2s | Self::Solution(SolutionType::Card))
    }

    /// Whether the payer's name, phone and address are mandatory.
    pub(super) fn asks_who_pays(self) -> bool {
        matches!(self, Self::CardS2s | Self::OnRamp)
    }

    /// Whether the page may offer UPI.
    pub(super) fn may_be_upi(self, rules: &CreateRules<'_>) -> bool {
        let offered = self == Self::Hosted && rules.solution_types.contains(&SolutionType::Upi);
        offered || self == Self::Solution(SolutionType::Upi)
    }

    /// NFT sales are not enabled for anyone, and get the contract's answer for that.
    pub(super) fn resolve(self, params: &Params, rules: &CreateRules<'_>) -> Result<Flow, CreateError> {
        let only = match self {
            Self::CardS2s if rules.s2s && rules.solution_types.contains(&SolutionType::Card) => {
                return Ok(Flow::CardS2s);
            }
            Self::Nft | Self::CardS2s => return Err(CreateError::S2sNotEnabled),
            Self::Hosted | Self::OnRamp => None,
            Self::Crypto => Some(SolutionType::Crypto),
            Self::Solution(kind) => Some(kind),
        };
        let chosen = if only == Some(SolutionType::Crypto) { payable_currency(params, rules)? } else { None };
        Ok(match chosen {
            Some(payable_currency) if rules.s2s => Flow::CryptoS2s { payable_currency },
            payable_currency => Flow::Hosted { only, payable_currency },
        })
    }
}

/// The parameter that names the coin.
pub const PAYABLE_CURRENCIES: &str = "payableCurrencies";

fn payable_currency(params: &Params, rules: &CreateRules<'_>) -> Result<Option<String>, CreateError> {
    let known = match field(params, PAYABLE_CURRENCIES) {
        Field::Absent => return Ok(None),
        Field::Text(given) => rules.payable_currencies.iter().find(|currency| currency.is_called(given)),
        Field::NotText => None,
    };
    known.map(|currency| Some(currency.value.clone())).ok_or(CreateError::Invalid(PAYABLE_CURRENCIES))
}

/// Unknown or not allowed is ignored: the documents reserve the parameter and have no code for it.
fn solution_type(params: &Params, rules: &CreateRules<'_>) -> Option<SolutionType> {
    let Field::Text(word) = field(params, "payment_solution_type") else { return None };
    SolutionType::from_word(word).filter(|kind| rules.solution_types.contains(kind))
}

/// As [`solution_type`].
pub(super) fn solution_name(params: &Params, rules: &CreateRules<'_>) -> Option<String> {
    let Field::Text(given) = field(params, "payment_solution_name") else { return None };
    rules.solution_names.iter().find(|name| *name == given).cloned()
}
