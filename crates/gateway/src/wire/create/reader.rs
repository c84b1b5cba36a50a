//! Single parameters of "create invoice", as they are kept: checked, and with card numbers masked.

use super::CreateRules;
use crate::wire::card_numbers::CardNumbers;
use crate::wire::errors::CreateError;
use crate::wire::field::{self, Malformed};
use crate::wire::params::Params;
use std::net::IpAddr;

type Kept<T> = Result<Option<T>, CreateError>;

pub(super) struct Reader<'a> {
    pub params: &'a Params,
    pub rules: &'a CreateRules<'a>,
    pub numbers: CardNumbers,
}

impl<'a> Reader<'a> {
    pub fn new(params: &'a Params, rules: &'a CreateRules<'a>) -> Self {
        Self { params, rules, numbers: CardNumbers::of(params) }
    }

    pub fn line(&self, name: &'static str, max_chars: usize, mandatory: bool) -> Kept<String> {
        let text = valid(name, field::line(self.params, name, max_chars))?;
        needed(name, text.map(|text| self.numbers.mask(text)), mandatory)
    }

    pub fn mandatory_line(&self, name: &'static str, max_chars: usize) -> Result<String, CreateError> {
        self.line(name, max_chars, true)?.ok_or(CreateError::Required(name))
    }

    pub fn ip(&self, name: &'static str, mandatory: bool) -> Kept<IpAddr> {
        needed(name, valid(name, field::ip(self.params, name))?, mandatory)
    }

    pub fn country(&self, name: &'static str) -> Kept<String> {
        valid(name, field::country(self.params, name))
    }

    /// Eleven digits: too few for a card number.
    pub fn personal_id(&self, name: &'static str) -> Kept<String> {
        match valid(name, field::line(self.params, name, 11))? {
            Some(id) if id.len() != 11 || !id.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(CreateError::Invalid(name))
            }
            id => Ok(id.map(str::to_owned)),
        }
    }

    pub fn link(&self, name: &'static str) -> Kept<String> {
        match valid(name, field::link(self.params, name, self.rules.policy))? {
            Some(link) if self.numbers.are_in_link(&link) => Err(CreateError::Invalid(name)),
            link => Ok(link),
        }
    }

    pub fn callback_json(&self, name: &'static str) -> Kept<String> {
        valid(name, field::callback_json(self.params, &self.numbers))
    }
}

pub(super) fn valid<T>(name: &'static str, read: Result<T, Malformed>) -> Result<T, CreateError> {
    read.map_err(|Malformed| CreateError::Invalid(name))
}

fn needed<T>(name: &'static str, value: Option<T>, mandatory: bool) -> Kept<T> {
    if mandatory && value.is_none() { Err(CreateError::Required(name)) } else { Ok(value) }
}
