//! Checks of single parameters.

use super::card_numbers::CardNumbers;
use super::json;
use super::params::Params;
use crate::net::guard::{self, Policy};
use std::net::IpAddr;
use zeroize::Zeroizing;

/// Most bytes of `callbackJson` as stored.
pub const MAX_CALLBACK_JSON_BYTES: usize = 4096;

/// A parameter of the wrong type, form or length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// A parameter that should be one line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'a> {
    /// Not sent, null, or nothing but blanks.
    Absent,
    /// Without the blanks around it.
    Text(&'a str),
    /// A JSON boolean, array or object.
    NotText,
}

/// Looks a parameter up.
pub fn field<'a>(params: &'a Params, name: &str) -> Field<'a> {
    match params.get(name).map(|value| value.text().map(|text| text.trim_matches(' '))) {
        None | Some(Some("")) => Field::Absent,
        Some(Some(text)) => Field::Text(text),
        Some(None) => Field::NotText,
    }
}

/// One line of optional text of at most `max_chars` characters.
pub fn line<'a>(params: &'a Params, name: &str, max_chars: usize) -> Result<Option<&'a str>, Malformed> {
    match field(params, name) {
        Field::Absent => Ok(None),
        Field::Text(text) if text.chars().count() <= max_chars && !has_forbidden(text) => Ok(Some(text)),
        Field::Text(_) | Field::NotText => Err(Malformed),
    }
}

/// Control characters, and the invisible ones that end a line or turn its direction: a name that carries them can forge a log
/// line, a mail header, or what a reader of the dashboard sees.
pub fn has_forbidden(text: &str) -> bool {
    text.chars().any(|c| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// An optional IP address. The contract asks for IPv4; IPv6 is taken too, since customers have it.
pub fn ip(params: &Params, name: &str) -> Result<Option<IpAddr>, Malformed> {
    line(params, name, 45)?.map(|text| text.parse().map_err(|_| Malformed)).transpose()
}

/// An optional two-letter country code, answered in capitals. Whether such a country exists is not checked.
pub fn country(params: &Params, name: &str) -> Result<Option<String>, Malformed> {
    match line(params, name, 2)? {
        Some(code) if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) => Err(Malformed),
        code => Ok(code.map(str::to_ascii_uppercase)),
    }
}

/// An optional `YYYY-MM-DD` of the calendar, answered as it was sent.
pub fn date<'a>(params: &'a Params, name: &str) -> Result<Option<(&'a str, jiff::civil::Date)>, Malformed> {
    let Some(text) = line(params, name, 10)? else { return Ok(None) };
    let is_form = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    match text.parse() {
        Ok(date) if is_form => Ok(Some((text, date))),
        _ => Err(Malformed),
    }
}

/// An optional URL to send the customer's browser to. Answered in the normal form of the URL standard, which is pure ASCII and
/// means the same to every browser.
pub fn link(params: &Params, name: &str, policy: Policy) -> Result<Option<String>, Malformed> {
    match field(params, name) {
        Field::Absent => Ok(None),
        Field::NotText => Err(Malformed),
        Field::Text(text) => guard::check_link(text, policy).map(Some).map_err(|_| Malformed),
    }
}

/// The merchant's own data as the text to be echoed: a string as it was sent, other JSON without the blanks between its tokens.
/// Card numbers in it are masked.
pub fn callback_json(params: &Params, numbers: &CardNumbers) -> Result<Option<String>, Malformed> {
    own_data(params, "callbackJson", numbers)
}

/// As [`callback_json`], under another name.
pub fn own_data(params: &Params, name: &str, numbers: &CardNumbers) -> Result<Option<String>, Malformed> {
    let Some(value) = params.get(name) else { return Ok(None) };
    let text = match (value.text(), value.json()) {
        (Some(text), _) => Zeroizing::new(text.to_owned()),
        (None, Some(raw)) => Zeroizing::new(json::compact(raw)),
        (None, None) => return Ok(None),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    // Line ends are fine in pretty-printed JSON; no database column takes NUL.
    if text.len() > MAX_CALLBACK_JSON_BYTES || text.contains('\0') {
        return Err(Malformed);
    }
    let masked = numbers.mask_json(&text);
    if masked.len() > MAX_CALLBACK_JSON_BYTES { Err(Malformed) } else { Ok(Some(masked)) }
}
