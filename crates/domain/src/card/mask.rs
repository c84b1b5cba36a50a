//! Card numbers in the wrong field: found by their form and masked before anything is kept or shown.

use std::borrow::Cow;

use super::{Brand, is_luhn};

/// Whether a card number stands somewhere in `text`.
pub fn contains_number(text: &str) -> bool {
    matches!(mask_numbers(text), Cow::Owned(_))
}

/// `text` with all but the last four digits of each card number replaced by `*`.
///
/// A card number is a run of digits, with single blanks or hyphens between them, that has the length its brand's numbers have and
/// a right check digit. Brands are those we can name: a number of no known range is left alone, since order numbers look like that.
pub fn mask_numbers(text: &str) -> Cow<'_, str> {
    let mut masked: Option<Vec<u8>> = None;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = digits_from(bytes, at);
        if is_card(bytes, &run) {
            let copy = masked.get_or_insert_with(|| bytes.to_vec());
            for place in &run[..run.len() - 4] {
                copy[*place] = b'*';
            }
        }
        at = run.last().map_or(at + 1, |last| last + 1);
    }
    // only ASCII digits were replaced by an ASCII sign
    match masked.map(String::from_utf8) {
        Some(Ok(masked)) => Cow::Owned(masked),
        _ => Cow::Borrowed(text),
    }
}

/// The places of the digits of a run that begins at `from`.
fn digits_from(bytes: &[u8], from: usize) -> Vec<usize> {
    let mut places = vec![from];
    let mut at = from + 1;
    while at < bytes.len() {
        let separated = matches!(bytes[at], b' ' | b'-') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if separated {
            at += 1;
        } else if !bytes[at].is_ascii_digit() {
            break;
        }
        places.push(at);
        at += 1;
    }
    places
}

fn is_card(bytes: &[u8], run: &[usize]) -> bool {
    if !(12..=19).contains(&run.len()) {
        return false;
    }
    let digits: Vec<u8> = run.iter().map(|place| bytes[*place]).collect();
    let brand = std::str::from_utf8(&digits).map_or(Brand::Other, Brand::of);
    let known = brand != Brand::Other && brand.has_length(digits.len()) && is_luhn(&digits);
    zeroize::Zeroize::zeroize(&mut { digits });
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_wherever_they_stand() {
        for (text, expected) in [
            ("4242424242424242", "************4242"),
            ("John 4242 4242 4242 4242 Smith", "John **** **** **** 4242 Smith"),
            (r#"{"card":"5555-5555-5555-4444"}"#, r#"{"card":"****-****-****-4444"}"#),
            ("चा378282246310005चा", "चा***********0005चा"),
            ("order 4242424242424241", "order 4242424242424241"),
            ("1732100000000000", "1732100000000000"),
            ("020 7946 0018", "020 7946 0018"),
            ("45861024531", "45861024531"),
            ("1990-12-31", "1990-12-31"),
        ] {
            assert_eq!(mask_numbers(text), expected);
            assert_eq!(contains_number(text), text != expected, "{text}");
        }
    }
}
