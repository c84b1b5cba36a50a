//! The parameters of a call, whatever encoding they came in.

use super::{form, json, multipart};
use std::fmt;
use zeroize::Zeroizing;

/// Largest body read, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// Most parameters in one call. The longest documented list has 24.
pub const MAX_PARAMS: usize = 100;
/// Longest parameter name, in bytes. The longest documented name has 21.
pub const MAX_NAME_BYTES: usize = 128;
/// Deepest nesting of a JSON body.
pub const MAX_DEPTH: usize = 128;

/// One parameter as it was sent. The value may be a card number: its `Debug` form hides it, and its memory is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct ParamValue {
    text: Option<Zeroizing<String>>,
    json: Option<Zeroizing<String>>,
}

impl fmt::Debug for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ParamValue {
    /// A value of a form, a multipart body or a query string.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self { text: Some(Zeroizing::new(text.into())), json: None }
    }

    pub(super) fn from_wiped(text: Zeroizing<String>) -> Self {
        Self { text: Some(text), json: None }
    }

    pub(super) fn from_json(text: Option<Zeroizing<String>>, raw: &str) -> Self {
        Self { text, json: Some(Zeroizing::new(raw.to_owned())) }
    }

    /// The text: of a form value, the content of a JSON string, the digits of a JSON number.
    /// `None` for a JSON boolean, array or object.
    pub fn text(&self) -> Option<&str> {
        self.text.as_ref().map(|text| text.as_str())
    }

    /// The JSON text exactly as sent, if the value came as JSON.
    pub fn json(&self) -> Option<&str> {
        self.json.as_ref().map(|json| json.as_str())
    }
}

/// Named parameters in the order in which they first appeared. Of a repeated name the last value counts; JSON `null` counts as not sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    entries: Vec<(Zeroizing<String>, ParamValue)>,
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<_> = self.iter().map(|(name, value)| (domain::card::mask_numbers(name), value)).collect();
        f.debug_struct("Params").field("entries", &entries).finish()
    }
}

impl Params {
    /// Reads a query string (without its `?`).
    pub fn from_query(query: &str) -> Result<Self, BodyError> {
        if query.len() > MAX_BODY_BYTES {
            return Err(BodyError::TooLarge);
        }
        form::decode(query.as_bytes())
    }

    /// Parameters of our own making.
    pub fn of(entries: impl IntoIterator<Item = (String, ParamValue)>) -> Self {
        Self { entries: entries.into_iter().map(|(name, value)| (Zeroizing::new(name), value)).collect() }
    }

    /// The parameter of that exact name.
    pub fn get(&self, name: &str) -> Option<&ParamValue> {
        self.entries.iter().find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
    }

    /// These, and of `others` those that are not among them.
    pub fn over(mut self, others: Params) -> Result<Self, BodyError> {
        for (name, value) in others.entries {
            if self.get(&name).is_none() {
                self.set(name, Some(value))?;
            }
        }
        Ok(self)
    }

    /// All parameters in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ParamValue)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn set(&mut self, name: Zeroizing<String>, value: Option<ParamValue>) -> Result<(), BodyError> {
        if name.len() > MAX_NAME_BYTES {
            return Err(BodyError::NameTooLong);
        }
        let known = self.entries.iter().position(|(known, _)| *known == name);
        match (known, value) {
            (Some(at), Some(value)) => self.entries[at].1 = value,
            (Some(at), None) => drop(self.entries.remove(at)),
            (None, Some(_)) if self.entries.len() == MAX_PARAMS => return Err(BodyError::TooManyParams),
            (None, Some(value)) => self.entries.push((name, value)),
            (None, None) => {}
        }
        Ok(())
    }
}

/// Why a body could not be read. The answer is "below the application": no `errorCode`, an HTTP status other than 200 and
/// `{"error":"<this sentence>"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("the body is larger than {} bytes", MAX_BODY_BYTES)]
    TooLarge,
    #[error(
        "unsupported content type: send application/json, application/x-www-form-urlencoded or multipart/form-data"
    )]
    UnsupportedMediaType,
    #[error("the body is not valid JSON (line {line}, column {column})")]
    MalformedJson { line: usize, column: usize },
    #[error("the JSON body must be an object")]
    NotAnObject,
    #[error("the JSON body is nested deeper than {} levels", MAX_DEPTH)]
    TooDeep,
    #[error("the body is not valid UTF-8")]
    NotUtf8,
    #[error("the multipart body is malformed")]
    MalformedMultipart,
    #[error("more than {} parameters", MAX_PARAMS)]
    TooManyParams,
    #[error("a parameter name is longer than {} bytes", MAX_NAME_BYTES)]
    NameTooLong,
    #[error("the Idempotency-Key header must be 1 to 255 visible ASCII characters")]
    IdempotencyKey,
}

impl BodyError {
    /// The HTTP status of the answer.
    pub fn http_status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            _ => 400,
        }
    }

    /// The JSON body of the answer.
    pub fn body(self) -> String {
        error_body(&self.to_string())
    }
}

/// The body of every answer below the application (400, 404, 405, 413, 415, 5xx).
pub fn error_body(sentence: &str) -> String {
    serde_json::json!({ "error": sentence }).to_string()
}

enum Encoding {
    Json,
    Form,
    Multipart,
}

fn encoding(content_type: Option<&str>, body: &[u8]) -> Result<Encoding, BodyError> {
    let kind = content_type.unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let looks_like_json = body.trim_ascii_start().starts_with(b"{");
    match kind.as_str() {
        // `curl -d '{…}'` labels JSON as a form. No form starts with a brace, so nothing is taken from anybody.
        "" | "application/x-www-form-urlencoded" if looks_like_json => Ok(Encoding::Json),
        "application/x-www-form-urlencoded" => Ok(Encoding::Form),
        "multipart/form-data" => Ok(Encoding::Multipart),
        "application/json" | "text/json" => Ok(Encoding::Json),
        other if other.starts_with("application/") && other.ends_with("+json") => Ok(Encoding::Json),
        _ => Err(BodyError::UnsupportedMediaType),
    }
}

/// Reads a JSON or form body. A multipart body needs [`decode_body`] and is refused here as unsupported.
///
/// An empty body has no parameters, whatever its type, so that the endpoint can say which one is missing.
pub fn decode(content_type: Option<&str>, body: &[u8]) -> Result<Params, BodyError> {
    let body = bounded(body)?;
    if body.is_empty() {
        return Ok(Params::default());
    }
    match encoding(content_type, body)? {
        Encoding::Json => json::decode(body),
        Encoding::Form => form::decode(body),
        Encoding::Multipart => Err(BodyError::UnsupportedMediaType),
    }
}

/// Reads a `multipart/form-data` body. Parts with a file name are read as text like the others.
pub async fn decode_multipart(content_type: &str, body: &[u8]) -> Result<Params, BodyError> {
    multipart::decode(content_type, bounded(body)?).await
}

/// Reads a body of any of the three encodings.
pub async fn decode_body(content_type: Option<&str>, body: &[u8]) -> Result<Params, BodyError> {
    match content_type {
        Some(given) if matches!(encoding(content_type, body), Ok(Encoding::Multipart)) => {
            decode_multipart(given, body).await
        }
        _ => decode(content_type, body),
    }
}

fn bounded(body: &[u8]) -> Result<&[u8], BodyError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(BodyError::TooLarge);
    }
    // Some Windows clients put a byte order mark before JSON.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    Ok(if body.trim_ascii().is_empty() { &[] } else { body })
}

#[cfg(test)]
#[path = "params_tests.rs"]
mod tests;
