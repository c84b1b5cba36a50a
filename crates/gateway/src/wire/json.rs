//! JSON bodies. The values of the outer object stay raw text, so numbers keep their digits and never become floats.

use super::params::{BodyError, MAX_DEPTH, ParamValue, Params};
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use zeroize::Zeroizing;

pub(super) fn decode(body: &[u8]) -> Result<Params, BodyError> {
    let text = std::str::from_utf8(body).map_err(|_| BodyError::NotUtf8)?;
    if depth(text) > MAX_DEPTH {
        return Err(BodyError::TooDeep);
    }
    if !text.trim_start().starts_with('{') {
        // Told apart from malformed text: an array or a number is JSON, only not the JSON we take.
        serde_json::from_str::<&RawValue>(text).map_err(malformed)?;
        return Err(BodyError::NotAnObject);
    }
    let mut outcome = Ok(Params::default());
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_map(IntoParams(&mut outcome)).map_err(malformed)?;
    reader.end().map_err(malformed)?;
    outcome
}

// Only the position: the library's own sentence may quote the body, and the body may hold a card number.
fn malformed(error: serde_json::Error) -> BodyError {
    BodyError::MalformedJson { line: error.line(), column: error.column() }
}

struct IntoParams<'a>(&'a mut Result<Params, BodyError>);

impl<'de> Visitor<'de> for IntoParams<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut params = Params::default();
        while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
            let value = value(raw.get()).ok_or_else(|| A::Error::custom("half of a surrogate pair"))?;
            if let Err(refused) = params.set(Zeroizing::new(name), value) {
                *self.0 = Err(refused);
                // Read to the end all the same: malformed JSON is the more useful answer.
                while map.next_entry::<String, &RawValue>()?.is_some() {}
                return Ok(());
            }
        }
        *self.0 = Ok(params);
        Ok(())
    }
}

/// The parameter; the outer `None` for a string that is no text.
fn value(raw: &str) -> Option<Option<ParamValue>> {
    let text = match raw.as_bytes().first() {
        Some(b'n') => return Some(None),
        Some(b'"') => Some(unescape(raw.get(1..raw.len() - 1)?)?),
        Some(b'-' | b'0'..=b'9') => Some(Zeroizing::new(raw.to_owned())),
        _ => None,
    };
    Some(Some(ParamValue::from_json(text, raw)))
}

/// The text of a JSON string whose form the parser has checked, without its quotes; `None` if half of a surrogate pair is missing.
/// The parser's own way is a buffer that grows, and leaves copies of what may be a card number.
fn unescape(inside: &str) -> Option<Zeroizing<String>> {
    // No escape is shorter than the character it stands for.
    let mut text = Zeroizing::new(String::with_capacity(inside.len()));
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let letter = *rest.as_bytes().get(at + 1)?;
        rest = rest.get(at + 2..)?;
        text.push(match letter {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (first, after) = unit(rest)?;
                let second = after.strip_prefix("\\u").and_then(unit);
                let pair = second.map_or([first, 0], |(second, _)| [first, second]);
                match char::decode_utf16(pair).next()? {
                    Ok(c) if c.len_utf16() == 2 => {
                        rest = second?.1;
                        c
                    }
                    Ok(c) => {
                        rest = after;
                        c
                    }
                    Err(_) => return None,
                }
            }
            itself => char::from(itself),
        });
    }
    text.push_str(rest);
    Some(text)
}

/// Four hexadecimal digits, and what follows them.
fn unit(text: &str) -> Option<(u16, &str)> {
    let (hex, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(hex, 16).ok()?, rest))
}

/// Deepest nesting of brackets outside strings. The parser skips raw values without a limit of its own.
fn depth(text: &str) -> usize {
    let (mut deepest, mut now, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                now += 1;
                deepest = deepest.max(now);
            }
            b'}' | b']' if !in_string => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Valid JSON text without the blanks between its tokens; digits, escapes, key order and repeated keys stay as they are.
pub(super) fn compact(valid: &str) -> String {
    let (mut out, mut in_string, mut escaped) = (String::with_capacity(valid.len()), false, false);
    for c in valid.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            ' ' | '\t' | '\n' | '\r' if !in_string => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}
