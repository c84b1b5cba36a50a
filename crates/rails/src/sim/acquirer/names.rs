//! Ids and bank references, each derived from what it names: the same run gives the same ones.

use domain::Time;
use domain::card::contains_number;
use domain::time::HOUR;
use sha2::{Digest, Sha256};

/// Sixteen letters, no digits: an id can never be taken for a card number.
fn letters(kind: &str, of: &str) -> String {
    let hash = Sha256::new().chain_update(kind).chain_update([0]).chain_update(of).finalize();
    let letter = |byte: &u8| char::from(b'a' + byte % 26);
    format!("{kind}_{}", hash.iter().take(16).map(letter).collect::<String>())
}

/// By the merchant's reference, which is unique.
pub(super) fn payment_id(reference: &str) -> String {
    letters("pay", reference)
}

/// By the merchant's reference of the refund, which is unique.
pub(super) fn refund_id(reference: &str) -> String {
    letters("ref", reference)
}

/// By the merchant's reference of the payment out, which is unique.
pub(super) fn payout_id(reference: &str) -> String {
    letters("out", reference)
}

/// The `nth` dispute of a payment.
pub(super) fn dispute_id(payment_id: &str, nth: usize) -> String {
    letters("dis", &format!("{payment_id} {nth}"))
}

/// The `nth` event of a payment.
pub(super) fn event_id(payment_id: &str, nth: u32) -> String {
    letters("evt", &format!("{payment_id} {nth}"))
}

/// A bank reference of twelve digits: last digit of the year, day of the year, hour, and six digits of its own. Never one that
/// reads as a card number, which would be masked wherever it is shown.
pub(super) fn rrn(payment_id: &str, now: Time, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    let (year, day) = year_and_day(now.day());
    let hour = now.0.rem_euclid(domain::time::DAY) / HOUR;
    let hash = Sha256::digest(payment_id);
    let start = hash.iter().take(4).fold(0u32, |sum, byte| sum << 8 | u32::from(*byte)) % 1_000_000;
    (0..1_000_000)
        .map(|step| format!("{}{day:03}{hour:02}{:06}", year % 10, (start + step) % 1_000_000))
        .find(|rrn| !is_taken(rrn) && !contains_number(rrn))
}

/// The year and the day in it (from 1) of a day since 1970.
fn year_and_day(since_1970: i64) -> (i64, i64) {
    let (mut year, mut day) = (1970, since_1970.max(0));
    loop {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = if is_leap { 366 } else { 365 };
        if day < days {
            return (year, day + 1);
        }
        (year, day) = (year + 1, day - days);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted() {
        for (day, expected) in
            [(0, (1970, 1)), (364, (1970, 365)), (365, (1971, 1)), (20_453, (2025, 365)), (11_322, (2000, 366))]
        {
            assert_eq!(year_and_day(day), expected, "{day}");
        }
    }

    #[test]
    fn references_are_unique_and_no_card_numbers() {
        let now = Time(1_793_000_000_000);
        let mut taken = std::collections::HashSet::new();
        for n in 0..5_000 {
            let rrn = rrn(&format!("pay {}", n % 50), now, |rrn| taken.contains(rrn)).unwrap();
            assert!(rrn.len() == 12 && rrn.bytes().all(|byte| byte.is_ascii_digit()), "{rrn}");
            assert!(!contains_number(&rrn), "{rrn}");
            assert!(taken.insert(rrn));
        }
        assert!(payment_id("chg_1") != payment_id("chg_2") && payment_id("x") != refund_id("x"));
    }
}
