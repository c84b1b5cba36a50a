//! Reading the card form: every field checked, all errors at once, nothing kept but what may be shown again.

use domain::Time;
use domain::card::{Card, CardNumber, Expiry, SecurityCode, contains_number};
use zeroize::Zeroizing;

use super::label::Label;
use super::view::CardError;
use crate::wire::field::{Field, field, has_forbidden};
use crate::wire::params::Params;

/// An entry with errors, and what of it may be shown again.
#[derive(Debug)]
pub struct Refused {
    pub errors: Vec<CardError>,
    pub holder: Option<Label>,
    pub expiry: Option<String>,
}

/// Digits as keyboards of other scripts write them, in ASCII.
fn ascii(text: &str) -> Zeroizing<String> {
    let digit = |c: char| {
        let zeros = ['\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}'];
        let value =
            zeros.iter().find_map(|zero| u32::from(c).checked_sub(u32::from(*zero)).filter(|value| *value < 10));
        value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
    };
    let mut ascii = Zeroizing::new(String::with_capacity(text.len()));
    ascii.extend(text.chars().map(digit));
    ascii
}

/// Reads `number`, `expiry`, `code` and `holder`. `now` decides whether the card has run out; without it any month is taken.
pub fn read(params: &Params, now: Option<Time>) -> Result<Card, Refused> {
    let text = |name: &str| match field(params, name) {
        Field::Text(text) => Some(text),
        Field::Absent | Field::NotText => None,
    };
    let (number, expiry, code) = (text("number").map(ascii), text("expiry").map(ascii), text("code").map(ascii));
    let mut errors = Vec::new();
    let number = match number.as_deref().map(|text| CardNumber::parse(text)) {
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) => Err(CardError::NumberInvalid),
        None => Err(CardError::NumberMissing),
    };
    let number = number.map_err(|error| errors.push(error)).ok();
    let entered = expiry;
    let expiry = match entered.as_deref().map(|text| Expiry::parse(text)) {
        Some(Ok(expiry)) if now.is_some_and(|now| expiry.is_past(now)) => Err(CardError::ExpiryPast),
        Some(Ok(expiry)) => Ok(expiry),
        Some(Err(_)) => Err(CardError::ExpiryInvalid),
        None => Err(CardError::ExpiryMissing),
    };
    let expiry = expiry.map_err(|error| errors.push(error)).ok();
    let code = match (code.as_deref(), &number) {
        (None, _) => Err(CardError::CodeMissing),
        // without a number it is not known how many digits the code has
        (Some(_), None) => Ok(None),
        (Some(code), Some(number)) => SecurityCode::parse(code, number.brand())
            .map(Some)
            .map_err(|bad| CardError::CodeInvalid { digits: u8::try_from(bad.digits).unwrap_or(3) }),
    };
    let code = code.map_err(|error| errors.push(error)).ok().flatten();
    let holder = match text("holder").filter(|holder| holder.chars().count() <= 255) {
        Some(holder) if contains_number(holder) => Err(CardError::HolderLooksLikeNumber),
        Some(holder) => Ok(holder.to_owned()),
        None => Err(CardError::HolderMissing),
    };
    let holder = holder.map_err(|error| errors.push(error)).ok();
    let shown = holder.clone();
    match (number, expiry, code, holder) {
        (Some(number), Some(expiry), Some(code), Some(holder)) if errors.is_empty() => {
            let holder = holder.chars().filter(|c| !has_forbidden(c.encode_utf8(&mut [0; 4]))).collect();
            Ok(Card { number, expiry, code, holder })
        }
        _ => Err(Refused {
            errors,
            holder: shown.as_deref().map(Label::name),
            expiry: entered.map(|text| text.to_string()).filter(|text| Expiry::parse(text).is_ok()),
        }),
    }
}
