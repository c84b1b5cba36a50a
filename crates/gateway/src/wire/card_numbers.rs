//! Card numbers in fields that are kept: masked in texts, refused where a changed text would be wrong (docs/decisions/0021).

use super::params::{ParamValue, Params};
use domain::card::mask_numbers;
use percent_encoding::percent_decode_str;
use serde_json::value::RawValue;
use std::ops::Range;
use zeroize::Zeroizing;

/// Fewest and most digits of a card number.
const DIGITS: std::ops::RangeInclusive<usize> = 12..=19;
/// So many of its last digits may be kept (PCI DSS 3.4.1).
const KEPT: usize = 4;
/// A link may be encoded more than once; what needs more rounds than this to decode is not a link anybody wrote by mistake.
const DECODED_AT_MOST: usize = 4;

/// What counts as a card number in one request: every text that looks like one, and the request's own, however it is separated.
#[derive(Debug)]
pub struct CardNumbers {
    own: Option<OwnDigits>,
}

struct OwnDigits(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for OwnDigits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl CardNumbers {
    /// The request's own number need not be a good one: a mistyped number is close to somebody's.
    pub fn of(params: &Params) -> Self {
        let given = params.get("card_number").and_then(ParamValue::text).unwrap_or_default();
        let mut digits = Zeroizing::new(Vec::with_capacity(given.len()));
        digits.extend(given.bytes().filter(u8::is_ascii_digit));
        Self { own: DIGITS.contains(&digits.len()).then_some(OwnDigits(digits)) }
    }

    /// Whether a card number stands somewhere in `text`.
    pub fn are_in(&self, text: &str) -> bool {
        !self.places(text).is_empty()
    }

    /// As [`Self::are_in`], also behind percent-encoding.
    pub fn are_in_link(&self, link: &str) -> bool {
        let mut text = Zeroizing::new(link.to_owned());
        for _ in 0..DECODED_AT_MOST {
            if self.are_in(&text) {
                return true;
            }
            let spaced = Zeroizing::new(text.replace('+', " "));
            let decoded = Zeroizing::new(percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
            if *decoded == *text {
                return false;
            }
            text = decoded;
        }
        true
    }

    /// `text` with all but the last four digits of each card number replaced by `*`.
    pub fn mask(&self, text: &str) -> String {
        let places = self.places(text);
        with_stars(text, 0..text.len(), &places)
    }

    /// As [`Self::mask`]; of text that is JSON the result is JSON too: a number that lost digits becomes a string.
    pub fn mask_json(&self, text: &str) -> String {
        let places = self.places(text);
        if places.is_empty() || serde_json::from_str::<&RawValue>(text).is_err() {
            return with_stars(text, 0..text.len(), &places);
        }
        let mut out = String::with_capacity(text.len() + 2);
        for (token, is_number) in tokens(text) {
            let masked = with_stars(text, token.clone(), &places);
            let quote = if is_number && masked != text[token] { "\"" } else { "" };
            out.extend([quote, &masked, quote]);
        }
        out
    }

    /// The byte ranges of the digits that must not be kept, in order.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        // An escaped digit has four digits itself, so this misses nothing.
        if text.bytes().filter(u8::is_ascii_digit).count() < *DIGITS.start() {
            return Vec::new();
        }
        let (plain, ranges) = plainly(text);
        let mut hidden = vec![false; plain.len()];
        for window in windows(plain.as_bytes()) {
            for (at, (was, is)) in
                window.clone().zip(plain[window.clone()].bytes().zip(mask_numbers(&plain[window]).bytes()))
            {
                hidden[at] |= was != is;
            }
        }
        if let Some(own) = &self.own {
            hide_own(&own.0, plain.as_bytes(), &mut hidden);
        }
        ranges.into_iter().zip(hidden).filter_map(|(range, hidden)| hidden.then_some(range)).collect()
    }
}

/// Each row of digit groups with single blanks or hyphens between them that has as many digits as a card number. Taken whole, the row
/// `5 4242 4242 4242 4242` is no card number; what follows the house number is.
fn windows(plain: &[u8]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for at in (0..plain.len()).filter(|at| plain[*at].is_ascii_digit()) {
        match groups.last_mut().filter(|group| group.end == at) {
            Some(group) => group.end = at + 1,
            None => groups.push(at..at + 1),
        }
    }
    let mut windows = Vec::new();
    for (first, group) in groups.iter().enumerate() {
        let (mut digits, mut end) = (0, group.start);
        for next in &groups[first..] {
            let is_joined = next.start == end || next.start == end + 1 && matches!(plain[end], b' ' | b'-');
            (digits, end) = (digits + next.len(), next.end);
            if !is_joined || digits > *DIGITS.end() {
                break;
            }
            if digits >= *DIGITS.start() {
                windows.push(group.start..end);
            }
        }
    }
    windows
}

fn hide_own(own: &[u8], plain: &[u8], hidden: &mut [bool]) {
    let at: Vec<usize> = (0..plain.len()).filter(|at| plain[*at].is_ascii_digit()).collect();
    for window in at.windows(own.len()) {
        if window.iter().zip(own).all(|(at, digit)| plain[*at] == *digit) {
            for at in &window[..own.len() - KEPT] {
                hidden[*at] = true;
            }
        }
    }
}

/// One ASCII sign for each character of `text` and for each `\uXXXX` of JSON, with the place it has in `text`. JSON in a string may
/// spell a digit so, and whoever reads it gets the digit.
fn plainly(text: &str) -> (Zeroizing<String>, Vec<Range<usize>>) {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut ranges = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let (c, len) = escaped(&text[at..]).map_or((c, c.len_utf8()), |c| (c, 6));
        plain.push(if c.is_ascii() { c } else { '\u{1}' });
        ranges.push(at..at + len);
        at += len;
    }
    (plain, ranges)
}

fn escaped(text: &str) -> Option<char> {
    let hex = text.strip_prefix("\\u")?.get(..4)?;
    let value = u32::from_str_radix(hex, 16).ok()?;
    Some(char::from_u32(value).unwrap_or('\u{1}'))
}

fn with_stars(text: &str, part: Range<usize>, places: &[Range<usize>]) -> String {
    let (mut out, mut at) = (String::with_capacity(part.len()), part.start);
    for place in places.iter().filter(|place| part.contains(&place.start)) {
        out.push_str(&text[at..place.start]);
        out.push('*');
        at = place.end;
    }
    out.push_str(&text[at..part.end]);
    out
}

/// JSON text cut into its numbers and whatever is between them.
fn tokens(json: &str) -> Vec<(Range<usize>, bool)> {
    let (mut cut, mut in_string, mut escaped) = (Vec::<(Range<usize>, bool)>::new(), false, false);
    for (at, byte) in json.bytes().enumerate() {
        let is_number = !in_string && matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ => {}
        }
        match cut.last_mut() {
            Some((token, same)) if *same == is_number => token.end = at + 1,
            _ => cut.push((at..at + 1, is_number)),
        }
    }
    cut
}

#[cfg(test)]
mod tests;
