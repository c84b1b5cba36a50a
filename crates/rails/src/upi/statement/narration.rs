//! The reference number in the words of a bank, such as `UPI/CR/412345678901/…`.

use crate::upi::rrn::Rrn;
use domain::card::mask_numbers;

/// The one RRN of a line: of its references if they name one, else of its words. The bank writes the references, while the words repeat
/// what the payer typed. `None` if there is none, or more than one.
pub(super) fn rrn(references: &[&str], words: &[&str]) -> Option<Rrn> {
    let named = one(references.iter().filter_map(|reference| of_reference(reference)));
    match named {
        Found::None => match one(words.iter().flat_map(|words| runs(words))) {
            Found::One(rrn) => Some(rrn),
            Found::None | Found::Several => None,
        },
        Found::One(rrn) => Some(rrn),
        Found::Several => None,
    }
}

enum Found {
    None,
    One(Rrn),
    Several,
}

fn one(candidates: impl Iterator<Item = Rrn>) -> Found {
    candidates.fold(Found::None, |found, rrn| match found {
        Found::None => Found::One(rrn),
        Found::One(known) if known == rrn => Found::One(known),
        Found::One(_) | Found::Several => Found::Several,
    })
}

/// Alone, or with zeros before it: some banks fill the column to sixteen digits.
fn of_reference(text: &str) -> Option<Rrn> {
    let text = text.trim();
    let (zeros, last) = text.split_at_checked(text.len().saturating_sub(12))?;
    if zeros.bytes().all(|byte| byte == b'0') { Rrn::parse(last).ok() } else { None }
}

/// Runs of exactly twelve digits. One before an `@` is a telephone number in a UPI address.
fn runs(text: &str) -> Vec<Rrn> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(from) = rest.find(|c: char| c.is_ascii_digit()) {
        let run = &rest[from..];
        let len = run.find(|c: char| !c.is_ascii_digit()).unwrap_or(run.len());
        let (run, after) = run.split_at(len);
        rest = after;
        if !after.starts_with('@') {
            found.extend(Rrn::parse(run));
        }
    }
    found
}

/// Card numbers hidden, but no reference number: twelve digits that begin with 50 or 63 are a Maestro card's by their form, and the
/// RRN of a day in spring or late autumn.
pub(super) fn masked(text: &str) -> String {
    let masked = mask_numbers(text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for run in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = run.bytes().take_while(u8::is_ascii_digit).count();
        let kept = if digits == 12 { run } else { &masked[at..at + run.len()] };
        out.push_str(kept);
        at += run.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (references, words, expected) in [
            (&["412345678901"][..], &[][..], Some("412345678901")),
            (&["0000412345678901"], &[], Some("412345678901")),
            (&["1000412345678901"], &["UPI"], None),
            (&["", "NONREF"], &["UPI/412345678901/Payment/john@okbank"], Some("412345678901")),
            (&[], &["UPI/CR/412345678901/JOHN/BANK/9876543210@ybl/note"], Some("412345678901")),
            (&[], &["UPI-JOHN-919876543210@YBL-412345678901-PAY"], Some("412345678901")),
            (&[], &["UPI/412345678901/again 412345678901"], Some("412345678901")),
            (&[], &["UPI/412345678901/for 412345678902"], None),
            (&["412345678901"], &["UPI/412345678901/for 412345678902"], Some("412345678901")),
            (&["412345678901", "412345678902"], &["UPI/412345678901"], None),
            (&[], &["NEFT 4123456789012 41234567890"], None),
            (&[], &["UPI/000000000000/x"], None),
            (&[], &["चाय412345678901चाय"], Some("412345678901")),
            (&[], &[], None),
        ] {
            let found = rrn(references, words).map(|rrn| rrn.to_string());
            assert_eq!(found.as_deref(), expected, "{references:?} {words:?}");
        }
    }

    #[test]
    fn card_numbers_are_masked_and_reference_numbers_not() {
        for (text, expected) in [
            ("UPI/412345678901/4242424242424242", "UPI/412345678901/************4242"),
            ("UPI/630412345670/x", "UPI/630412345670/x"),
            ("दान 4242 4242 4242 4242", "दान **** **** **** 4242"),
        ] {
            assert_eq!(masked(text), expected);
        }
        let reads_like_a_card: Vec<String> = (0..10)
            .map(|last| format!("63041234567{last}"))
            .filter(|text| domain::card::contains_number(text))
            .collect();
        assert_eq!(reads_like_a_card.len(), 1, "the exception is needed");
        assert_eq!(masked(&reads_like_a_card[0]), reads_like_a_card[0]);
    }
}
