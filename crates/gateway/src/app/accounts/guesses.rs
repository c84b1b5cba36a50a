//! Guessing at passwords: each guess is counted before it is looked at, and after some the next must wait, longer each time.
//!
//! What is counted decides who waits. A stranger's guesses count for (account, his address) and for his address; those of a browser that has
//! signed in to the account before count for that browser alone. So whoever guesses elsewhere makes himself wait, never the owner.

use std::net::IpAddr;

use domain::Time;
use domain::time::{DAY, MINUTE, SECOND};
use sha2::{Digest, Sha256};

use crate::store::{StoreError, Tx, login_failures};

/// Longest pause between guesses.
const PAUSE_AT_MOST: i64 = 15 * MINUTE;
/// Failures are forgotten after so long without another.
const FORGOTTEN_AFTER: i64 = DAY;

/// What guesses are counted under, and how many are free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    key: String,
    free: i64,
}

fn counter(kind: &str, parts: &[&str], free: i64) -> Counter {
    let mut hasher = Sha256::new_with_prefix(kind);
    for part in parts {
        hasher.update([0]);
        hasher.update(part);
    }
    Counter { key: hex::encode(hasher.finalize()), free }
}

/// A network of one customer: an IPv4 address, or 64 bits of an IPv6 one.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => hex::encode(&address.octets()[..8]),
    }
}

/// What a guess counts under. `account` is what was typed, whether or not there is such an account.
pub fn counters(account: &str, address: IpAddr, known_browser: Option<&str>) -> Vec<Counter> {
    match known_browser {
        Some(browser) => vec![counter("browser", &[account, browser], 10)],
        None => {
            let network = network(address);
            vec![counter("account", &[account, &network], 5), counter("address", &[&network], 50)]
        }
    }
}

fn pause(failures: i64, free: i64) -> i64 {
    match failures.saturating_sub(free) {
        ..0 => 0,
        above => (SECOND << above.min(20)).min(PAUSE_AT_MOST),
    }
}

/// Counts a guess.
///
/// # Errors
/// The milliseconds that must pass before the next; then it is not counted.
pub fn count(tx: &Tx<'_>, counters: &[Counter], now: Time) -> Result<Result<(), i64>, StoreError> {
    login_failures::forget(tx, now.plus(-FORGOTTEN_AFTER))?;
    let mut wait = 0;
    let mut seen = Vec::new();
    for Counter { key, free } in counters {
        let (failures, last) = login_failures::get(tx, key)?;
        wait = wait.max(pause(failures, *free) - now.since(last));
        seen.push((key, failures));
    }
    if wait > 0 {
        return Ok(Err(wait));
    }
    for (key, failures) in seen {
        login_failures::put(tx, key, failures + 1, now)?;
    }
    Ok(Ok(()))
}

/// Counts a mail that a stranger has us send to `email`, so that nobody fills another's mailbox.
///
/// # Errors
/// As [`count`].
pub fn count_mail(tx: &Tx<'_>, email: &str, address: IpAddr, now: Time) -> Result<Result<(), i64>, StoreError> {
    let network = network(address);
    count(tx, &[counter("mail", &[email, &network], 5), counter("mails", &[&network], 50)], now)
}

/// The guess was right. What concerns the account is forgotten; of an address only this guess is, or its owner would
/// sign in to his own account now and then to go on guessing at others.
pub fn forgive(tx: &Tx<'_>, counters: &[Counter]) -> Result<(), StoreError> {
    for (index, Counter { key, .. }) in counters.iter().enumerate() {
        if index == 0 {
            login_failures::clear(tx, key)?;
        } else {
            let (failures, last) = login_failures::get(tx, key)?;
            login_failures::put(tx, key, (failures - 1).max(0), last)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_a_quarter_of_an_hour() {
        let seconds: Vec<i64> = [0, 4, 5, 6, 9, 14, 15, 99, i64::MAX].map(|n| pause(n, 5) / SECOND).into();
        assert_eq!(seconds, [0, 0, 1, 2, 16, 512, 900, 900, 900]);
    }

    #[test]
    fn an_ipv6_customer_is_one_caller() {
        let of = |address: &str| counters("a@b.example", address.parse().unwrap(), None);
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1")[0], of("192.0.2.2")[0]);
    }
}
