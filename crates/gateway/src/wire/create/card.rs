//! What is mandatory when the merchant posts card data, in the order in which it is checked: each parameter first for being
//! there (50013), then for its form (50014). Name, phone and address of the caller come before.

use super::reader::{Reader, valid};
use super::{Billing, CardData};
use crate::wire::errors::CreateError;
use crate::wire::field::{self, Field};
use domain::Time;
use domain::card::{Card, CardNumber, Expiry, SecurityCode};
use jiff::civil::Date;

/// Card data, and what comes with them.
pub(super) struct Posted {
    pub country: String,
    pub billing: Billing,
    /// `None` if it is to be dropped.
    pub card: Option<Card>,
}

pub(super) fn read(reader: &Reader<'_>, holder: &str) -> Result<Posted, CreateError> {
    let address1 = reader.mandatory_line("address1", 255)?;
    let address2 = reader.mandatory_line("address2", 255)?;
    let city = reader.mandatory_line("city", 128)?;
    let country = country(reader, "country")?;
    let postcode = reader.mandatory_line("postcode", 32)?;
    let date_of_birth = date_of_birth(reader, "date_of_birth")?;
    let number = number(mandatory(reader, "card_number")?).ok_or(CreateError::Invalid("card_number"))?;
    let check_expiry = match reader.rules.cards {
        CardData::Direct { check_expiry } => check_expiry,
        CardData::Redirect => Some(reader.rules.now),
    };
    let expiry = expiry(mandatory(reader, "card_expiry_date")?, check_expiry);
    let expiry = expiry.ok_or(CreateError::Invalid("card_expiry_date"))?;
    let code = SecurityCode::parse(mandatory(reader, "card_ccv")?, number.brand());
    let code = code.map_err(|_| CreateError::Invalid("card_ccv"))?;
    let state = reader.line("state", 128, false)?;

    let card = match reader.rules.cards {
        CardData::Direct { .. } => Some(Card { number, expiry, code, holder: holder.to_owned() }),
        CardData::Redirect => None,
    };
    Ok(Posted { country, billing: Billing { address1, address2, city, state, postcode, date_of_birth }, card })
}

/// Neither kept nor copied: only looked at.
fn mandatory<'a>(reader: &Reader<'a>, name: &'static str) -> Result<&'a str, CreateError> {
    match field::field(reader.params, name) {
        Field::Absent => Err(CreateError::Required(name)),
        Field::Text(text) => Ok(text),
        Field::NotText => Err(CreateError::Invalid(name)),
    }
}

fn country(reader: &Reader<'_>, name: &'static str) -> Result<String, CreateError> {
    let code = reader.country(name)?.ok_or(CreateError::Required(name))?;
    rust_iso3166::from_alpha2(&code).map(|_| code).ok_or(CreateError::Invalid(name))
}

fn date_of_birth(reader: &Reader<'_>, name: &'static str) -> Result<String, CreateError> {
    let (text, born) = valid(name, field::date(reader.params, name))?.ok_or(CreateError::Required(name))?;
    match today(reader.rules.now) {
        Some(today) if born <= today => Ok(text.to_owned()),
        _ => Err(CreateError::Invalid(name)),
    }
}

/// The day in UTC.
fn today(now: Time) -> Option<Date> {
    Some(jiff::Timestamp::from_millisecond(now.0).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date())
}

fn number(text: &str) -> Option<CardNumber> {
    let number = CardNumber::parse(text).ok()?;
    number.brand().has_length(number.expose().len()).then_some(number)
}

/// The contract writes `MM/YYYY`; the shorter forms are for payers who type.
fn expiry(text: &str, check: Option<Time>) -> Option<Expiry> {
    let expiry = Expiry::parse(text).ok().filter(|_| text.len() == 7 && text.as_bytes()[2] == b'/')?;
    (!check.is_some_and(|now| expiry.is_past(now))).then_some(expiry)
}
