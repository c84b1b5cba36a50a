//! Requests and answers as values. Their `Debug` forms show neither headers nor bodies nor queries.

use std::fmt;

use zeroize::Zeroizing;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Patch,
}

/// A request as it will be sent, to the byte.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    pub verb: Verb,
    pub url: String,
    /// Lower-case names.
    pub headers: Vec<(&'static str, Zeroizing<String>)>,
    pub body: Zeroizing<Vec<u8>>,
}

impl HttpRequest {
    pub fn get(url: String) -> Self {
        Self { verb: Verb::Get, url, headers: Vec::new(), body: Zeroizing::default() }
    }

    /// A POST of `application/json`.
    pub fn post_json(url: String, body: &serde_json::Value) -> Self {
        Self::post(url, "application/json", Zeroizing::new(body.to_string().into_bytes()))
    }

    /// As [`HttpRequest::post_json`], for a body with card data: it is written straight into memory that is wiped.
    pub fn post_json_wiped(url: String, body: &impl serde::Serialize) -> Self {
        let mut bytes = Zeroizing::new(Vec::with_capacity(16_384));
        if serde_json::to_writer(&mut *bytes, body).is_err() {
            // only a map with keys that are no text fails, and there is none; an empty body is refused by every provider
            bytes.clear();
        }
        Self::post(url, "application/json", bytes)
    }

    /// A PATCH of `application/json`.
    pub fn patch_json(url: String, body: &serde_json::Value) -> Self {
        Self { verb: Verb::Patch, ..Self::post_json(url, body) }
    }

    /// A POST of `application/x-www-form-urlencoded`.
    pub fn post_form(url: String, pairs: &[(&str, &str)]) -> Self {
        // room for the worst case: a body that grew would leave copies of a card number behind
        let room = pairs.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
        let mut body = Zeroizing::new(Vec::with_capacity(room));
        for (name, value) in pairs {
            let separator: &[u8] = if body.is_empty() { b"" } else { b"&" };
            body.extend_from_slice(separator);
            for part in url::form_urlencoded::byte_serialize(name.as_bytes()) {
                body.extend_from_slice(part.as_bytes());
            }
            body.push(b'=');
            for part in url::form_urlencoded::byte_serialize(value.as_bytes()) {
                body.extend_from_slice(part.as_bytes());
            }
        }
        Self::post(url, "application/x-www-form-urlencoded", body)
    }

    pub fn post(url: String, content_type: &str, body: Zeroizing<Vec<u8>>) -> Self {
        let headers = vec![("content-type", Zeroizing::new(content_type.to_owned()))];
        Self { verb: Verb::Post, url, headers, body }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, Zeroizing::new(value.into())));
        self
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.url.split('?').next().unwrap_or_default();
        write!(f, "HttpRequest({:?} {path})", self.verb)
    }
}

/// An answer with a status; its body is bounded by the frame.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    pub status: u16,
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpResponse({}, {} bytes)", self.status, self.body.len())
    }
}

/// What was posted to us.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    /// As it came: signatures are over these bytes.
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({} bytes)", self.body.len())
    }
}
