//! The gateway's own calls under `/api/v1/`: what they take, and their errors in the style of the contract.

use std::borrow::Cow;

use domain::{Time, Units};

use super::create::Devise;
use super::errors::{AccessRefused, ContractError, access_code, access_message};
use super::field::{self, Field, Malformed};
use super::params::Params;
use super::time;

/// Longest title and description, in characters.
const TITLE_CHARS: usize = 120;
const DESCRIPTION_CHARS: usize = 500;

/// Refusals of the calls under `/api/v1/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum V1Error {
    Access(AccessRefused),
    DeviseRequired,
    DeviseInvalid,
    /// Also for an unknown id, so that ids cannot be probed.
    AnotherMerchant(&'static str),
    Required(&'static str),
    Invalid(&'static str),
    IdempotencyKeyReused,
    /// What was asked cannot be done now, in words.
    Refused(String),
}

impl ContractError for V1Error {
    fn code(&self) -> u16 {
        match self {
            Self::Access(refused) => access_code(*refused),
            Self::DeviseRequired => 50004,
            Self::DeviseInvalid => 50009,
            Self::AnotherMerchant(_) => 50011,
            Self::Required(_) => 50013,
            Self::Invalid(_) => 50014,
            Self::IdempotencyKeyReused => 50016,
            Self::Refused(_) => 50017,
        }
    }

    fn message(&self) -> Cow<'static, str> {
        match self {
            Self::Access(refused) => access_message(*refused).into(),
            Self::DeviseRequired => "devise required".into(),
            Self::DeviseInvalid => "invalid devise".into(),
            Self::AnotherMerchant(what) => format!("This {what} belongs to another merchant").into(),
            Self::Required(parameter) => format!("{parameter} required").into(),
            Self::Invalid(parameter) => format!("invalid {parameter}").into(),
            Self::IdempotencyKeyReused => "this Idempotency-Key was used with another request".into(),
            Self::Refused(why) => why.clone().into(),
        }
    }
}

impl From<AccessRefused> for V1Error {
    fn from(refused: AccessRefused) -> Self {
        Self::Access(refused)
    }
}

/// A payment link as a merchant asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRequest {
    pub devise: Devise,
    /// In minor units; an open amount where there is none.
    pub amount: Option<Units>,
    pub min_amount: Option<Units>,
    pub max_amount: Option<Units>,
    pub title: String,
    pub description: Option<String>,
    pub reusable: bool,
    pub expires_at: Option<Time>,
}

/// Reads a request for a payment link. Of `amount` and the bounds of an open one, one or the other.
pub fn link_request(params: &Params, now: Time) -> Result<LinkRequest, V1Error> {
    let line = |name: &'static str, chars| {
        let text = field::line(params, name, chars).map_err(|Malformed| V1Error::Invalid(name))?;
        Ok::<_, V1Error>(text.map(domain::card::mask_numbers).map(|text| text.to_string()))
    };
    let title = line("title", TITLE_CHARS)?.ok_or(V1Error::Required("title"))?;
    let devise = match field::field(params, "devise") {
        Field::Absent => return Err(V1Error::DeviseRequired),
        Field::Text(code) => Devise::from_code(code).ok_or(V1Error::DeviseInvalid)?,
        Field::NotText => return Err(V1Error::DeviseInvalid),
    };
    let amount = |name: &'static str| match field::field(params, name) {
        Field::Absent => Ok(None),
        Field::Text(text) => match Units::parse(text, devise.minor_digits()) {
            Ok(units) if !units.is_zero() => Ok(Some(units)),
            _ => Err(V1Error::Invalid(name)),
        },
        Field::NotText => Err(V1Error::Invalid(name)),
    };
    let (fixed, min, max) = (amount("amount")?, amount("min_amount")?, amount("max_amount")?);
    if fixed.is_some() && (min.is_some() || max.is_some()) {
        return Err(V1Error::Invalid("amount"));
    }
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Err(V1Error::Invalid("max_amount"));
    }
    let expires_at = match line("expires_at", 19)? {
        Some(text) => {
            let at = time::read(&text).map(Time).filter(|at| *at > now);
            Some(at.ok_or(V1Error::Invalid("expires_at"))?)
        }
        None => None,
    };
    Ok(LinkRequest {
        devise,
        amount: fixed,
        min_amount: min,
        max_amount: max,
        title,
        description: line("description", DESCRIPTION_CHARS)?,
        reusable: flag(params, "reusable")?,
        expires_at,
    })
}

/// `true` or `1`, `false` or `0`; false where it is not sent.
fn flag(params: &Params, name: &'static str) -> Result<bool, V1Error> {
    let value = params.get(name).and_then(|value| value.text().or_else(|| value.json()));
    match (params.get(name).is_some(), value.map(str::trim)) {
        (false, _) | (true, Some("" | "0" | "false")) => Ok(false),
        (true, Some("1" | "true")) => Ok(true),
        _ => Err(V1Error::Invalid(name)),
    }
}

/// An optional whole number above zero.
pub fn number(params: &Params, name: &'static str) -> Result<Option<i64>, V1Error> {
    let invalid = V1Error::Invalid(name);
    match field::field(params, name) {
        Field::Absent => Ok(None),
        Field::Text(text) => {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| plain && *number > 0).map(Some).ok_or(invalid)
        }
        Field::NotText => Err(invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::params::decode;

    fn read(body: &str) -> Result<LinkRequest, V1Error> {
        link_request(&decode(Some("application/json"), body.as_bytes()).unwrap(), Time(1_700_000_000_000))
    }

    #[test]
    fn links() {
        let fixed = read(r#"{"title":" Tea ","devise":"USD","amount":"15.04","reusable":true}"#).unwrap();
        assert_eq!((fixed.title.as_str(), fixed.amount, fixed.reusable), ("Tea", Some(Units(1504)), true));
        let open =
            read(r#"{"title":"T","devise":"EUR","min_amount":1,"max_amount":"2","expires_at":"2024-01-01 00:00:00"}"#);
        let open = open.unwrap();
        assert_eq!((open.amount, open.min_amount, open.max_amount), (None, Some(Units(100)), Some(Units(200))));
        assert_eq!(open.expires_at, Some(Time(1_704_067_200_000)));
        for (body, expected) in [
            (r#"{"devise":"USD"}"#, V1Error::Required("title")),
            (r#"{"title":"a\nb","devise":"USD"}"#, V1Error::Invalid("title")),
            (r#"{"title":["a"],"devise":"USD"}"#, V1Error::Invalid("title")),
            (r#"{"title":"a"}"#, V1Error::DeviseRequired),
            (r#"{"title":"a","devise":"usd"}"#, V1Error::DeviseInvalid),
            (r#"{"title":"a","devise":"USD","amount":"0"}"#, V1Error::Invalid("amount")),
            (r#"{"title":"a","devise":"USD","amount":"-1"}"#, V1Error::Invalid("amount")),
            (r#"{"title":"a","devise":"USD","amount":"1.001"}"#, V1Error::Invalid("amount")),
            (r#"{"title":"a","devise":"USD","amount":"1","max_amount":"2"}"#, V1Error::Invalid("amount")),
            (r#"{"title":"a","devise":"USD","min_amount":"3","max_amount":"2"}"#, V1Error::Invalid("max_amount")),
            (r#"{"title":"a","devise":"USD","reusable":"yes"}"#, V1Error::Invalid("reusable")),
            (r#"{"title":"a","devise":"USD","expires_at":"2020-01-01 00:00:00"}"#, V1Error::Invalid("expires_at")),
            (r#"{"title":"a","devise":"USD","expires_at":"tomorrow"}"#, V1Error::Invalid("expires_at")),
        ] {
            assert_eq!(read(body), Err(expected), "{body}");
        }
    }
}
