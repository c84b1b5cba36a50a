//! Reading answers: JSON without floats, and what an HTTP status alone says.

use domain::card::{Brand, ShownCard};
use domain::time::SECOND;
use domain::{Time, Units};
use serde_json::Value;

use super::exchange::HttpResponse;

/// The body as JSON, if it is.
pub fn json(response: &HttpResponse) -> Option<Value> {
    serde_json::from_slice(&response.body).ok()
}

/// A text of a JSON object; numbers as their digits.
pub fn text(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An id of the provider's, fit to stand in a path: letters, digits, `_`, `-` and `.`, at most 100 of them.
pub fn id(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).filter(|text| {
        text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    })
}

/// A currency code, in upper case.
pub fn currency(value: &Value, pointer: &str) -> Option<String> {
    let text = text(value, pointer)?;
    let fits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    fits.then(|| text.to_ascii_uppercase())
}

/// An RRN: twelve digits. Providers put other things, too, where it should be.
pub fn rrn(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).filter(|text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The card's brand and last digits, as card rails call them.
pub fn card(value: &Value, brand: &str, last4: &str) -> Option<ShownCard> {
    let last4 = text(value, last4).filter(|text| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let name: String = text(value, brand).unwrap_or_default().to_ascii_lowercase();
    let brand = match name.replace([' ', '_', '-'], "").as_str() {
        "visa" => Brand::Visa,
        "mastercard" => Brand::Mastercard,
        "amex" | "americanexpress" => Brand::Amex,
        "discover" => Brand::Discover,
        "diners" | "dinersclub" | "dinersclubinternational" => Brand::Diners,
        "jcb" => Brand::Jcb,
        "unionpay" | "chinaunionpay" => Brand::UnionPay,
        "rupay" => Brand::RuPay,
        "maestro" => Brand::Maestro,
        _ => Brand::Other,
    };
    Some(ShownCard { brand, last4 })
}

/// At most `chars` characters of a text: providers refuse longer ones.
pub fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// An instant in whole seconds since 1970; nothing for 0, which stands for none.
pub fn seconds(value: &Value, pointer: &str) -> Option<Time> {
    let seconds: i64 = text(value, pointer)?.parse().ok()?;
    seconds.checked_mul(SECOND).filter(|millis| *millis > 0).map(Time)
}

/// An instant as ISO 8601 writes it, with its zone: `2018-08-01T14:15:22Z`.
pub fn instant(value: &Value, pointer: &str) -> Option<Time> {
    text(value, pointer)?.parse::<jiff::Timestamp>().ok().map(|at| Time(at.as_millisecond()))
}

/// A whole number of minor units.
pub fn minor(value: &Value, pointer: &str) -> Option<Units> {
    Units::from_digits(&text(value, pointer)?).ok()
}

/// A decimal amount (`170.00`, as number or text) in minor units of a currency with `digits` places. Read from its digits:
/// nothing is rounded, and what does not fit is `None`.
pub fn decimal(value: &Value, pointer: &str, digits: u8) -> Option<Units> {
    Units::parse(&text(value, pointer)?, digits).ok()
}

/// Decimal notation as a JSON number with all its places: `170.00` stays so.
pub fn number(amount: Units, digits: u8) -> Value {
    let text = amount.decimal(digits, digits);
    // `arbitrary_precision` keeps the digits; a decimal of digits and a point is always a JSON number
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// What a status says of whether anything was begun, when the body says nothing better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// 2xx: the body decides.
    Answered,
    /// Turned away at the door (401, 403, 429): nothing was begun.
    No,
    /// 4xx: understood and refused.
    Refused,
    /// 408, 409, 425, 5xx, redirects and the rest: it may have been begun.
    Unclear,
}

pub fn begun(status: u16) -> Begun {
    match status {
        200..=299 => Begun::Answered,
        401 | 403 | 429 => Begun::No,
        408 | 409 | 425 => Begun::Unclear,
        400..=499 => Begun::Refused,
        _ => Begun::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_digits() {
        let value: Value =
            serde_json::from_str(r#"{"a":170.00,"b":"0.1","c":17000,"d":1.005,"e":-1,"f":1e3}"#).unwrap();
        assert_eq!(decimal(&value, "/a", 2), Some(Units(17_000)));
        assert_eq!(decimal(&value, "/b", 2), Some(Units(10)));
        assert_eq!(minor(&value, "/c"), Some(Units(17_000)));
        assert_eq!(decimal(&value, "/d", 2), None);
        assert_eq!(decimal(&value, "/d", 3), Some(Units(1_005)));
        assert_eq!(decimal(&value, "/e", 2), None);
        assert_eq!(minor(&value, "/f"), None);
        assert_eq!(number(Units(17_000), 2).to_string(), "170.00");
        assert_eq!(number(Units(5), 0).to_string(), "5");
    }
}
