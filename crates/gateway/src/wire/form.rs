//! `application/x-www-form-urlencoded` bodies and query strings.

use super::params::{BodyError, ParamValue, Params};
use percent_encoding::percent_decode;

/// Strict about UTF-8, where browsers' rules would put a replacement character into a name or an amount.
pub(super) fn decode(body: &[u8]) -> Result<Params, BodyError> {
    let mut params = Params::default();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        let value = value.strip_prefix(b"=").unwrap_or(value);
        params.set(unescape(name)?, Some(ParamValue::from_text(unescape(value)?)))?;
    }
    Ok(params)
}

fn unescape(part: &[u8]) -> Result<String, BodyError> {
    let spaced: Vec<u8> = part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let text = percent_decode(&spaced).decode_utf8().map_err(|_| BodyError::NotUtf8)?;
    Ok(text.into_owned())
}
