//! `application/x-www-form-urlencoded` bodies and query strings.

use super::params::{BodyError, ParamValue, Params};
use percent_encoding::percent_decode;
use zeroize::{Zeroize, Zeroizing};

/// Strict about UTF-8, where browsers' rules would put a replacement character into a name or an amount.
pub(super) fn decode(body: &[u8]) -> Result<Params, BodyError> {
    let mut params = Params::default();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        let value = value.strip_prefix(b"=").unwrap_or(value);
        params.set(unescape(name)?, Some(ParamValue::from_wiped(unescape(value)?)))?;
    }
    Ok(params)
}

/// Fills a buffer that never grows, so that no copy of the value stays behind.
fn unescape(part: &[u8]) -> Result<Zeroizing<String>, BodyError> {
    let mut bytes = Vec::with_capacity(part.len());
    for (at, piece) in part.split(|byte| *byte == b'+').enumerate() {
        if at > 0 {
            bytes.push(b' ');
        }
        bytes.extend(percent_decode(piece));
    }
    wiped_text(bytes)
}

/// The bytes as text, in the same memory.
pub(super) fn wiped_text(bytes: Vec<u8>) -> Result<Zeroizing<String>, BodyError> {
    String::from_utf8(bytes).map(Zeroizing::new).map_err(|error| {
        error.into_bytes().zeroize();
        BodyError::NotUtf8
    })
}
