//! A file's bytes as text.

use encoding_rs::{Encoding, WINDOWS_1252};
use std::borrow::Cow;

/// By the byte order mark; else UTF-8 if it is that; else Windows-1252, which every byte is.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// One line without control characters: what is stored and shown.
pub(super) fn on_one_line(parts: &[&str]) -> String {
    let words = parts.iter().flat_map(|part| part.split(|c: char| c.is_whitespace() || c.is_control()));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
