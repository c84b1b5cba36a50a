//! How accounts at providers fared since this process began: what its own questions came to.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::{AccountId, Time};
use rails::provider::HttpResponse;

use crate::net::provider::NoAnswer;

/// How an account fared lately, as one process knows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    pub answered_at: Option<Time>,
    pub trouble: Option<(Time, Trouble)>,
    /// How often there was trouble since the last answer without.
    pub in_a_row: u32,
    /// When a callback came last whose signature is not right.
    pub forged_at: Option<Time>,
}

/// So many failures in a row are for a person to look at.
pub const MANY: u32 = 5;

impl Heard {
    /// Whether the last thing that was heard is trouble.
    pub fn is_bad(&self) -> bool {
        self.trouble.is_some_and(|(at, _)| self.answered_at.is_none_or(|answered| answered < at))
    }
}

/// What went wrong with the account itself, whatever was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It says that our credentials are not right.
    Credentials,
    /// It answers that it fails.
    Failing,
    /// It cannot be reached.
    Unreachable,
    /// It may have got the request, and did not answer.
    Silent,
}

impl Trouble {
    pub const ALL: [Trouble; 4] = [Trouble::Credentials, Trouble::Failing, Trouble::Unreachable, Trouble::Silent];

    pub fn name(self) -> &'static str {
        match self {
            Trouble::Credentials => "credentials",
            Trouble::Failing => "failing",
            Trouble::Unreachable => "unreachable",
            Trouble::Silent => "silent",
        }
    }

    /// A refusal of what was asked is a good answer.
    fn of(answer: &Result<HttpResponse, NoAnswer>) -> Option<Trouble> {
        match answer {
            Ok(answer) => match answer.status {
                401 | 403 => Some(Trouble::Credentials),
                500.. => Some(Trouble::Failing),
                _ => None,
            },
            Err(NoAnswer::NotSent(_)) => Some(Trouble::Unreachable),
            Err(NoAnswer::Unclear(_)) => Some(Trouble::Silent),
        }
    }
}

/// By account.
#[derive(Debug, Default)]
pub struct Book(Mutex<HashMap<String, Heard>>);

impl Book {
    /// What was heard of an account; nothing before it was asked anything.
    pub fn of(&self, account: &AccountId) -> Heard {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(account.as_str()).copied().unwrap_or_default()
    }

    pub(super) fn note(&self, account: &str, answer: &Result<HttpResponse, NoAnswer>, now: Time) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = book.entry(account.to_owned()).or_default();
        match Trouble::of(answer) {
            None => (heard.answered_at, heard.in_a_row) = (Some(now), 0),
            Some(trouble) => {
                (heard.trouble, heard.in_a_row) = (Some((now, trouble)), heard.in_a_row.saturating_add(1));
            }
        }
    }

    /// A callback came whose signature is not right: somebody else's, or the secret for it is not that of the account.
    pub(in crate::app) fn note_forged(&self, account: &str, now: Time) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.entry(account.to_owned()).or_default().forged_at = Some(now);
    }

    /// What was heard before its credentials were replaced, or it was switched off, tells nothing any more.
    pub fn forget(&self, account: &AccountId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account.as_str());
    }

    /// How many accounts failed [`MANY`] times in a row, or more often.
    pub fn failing(&self) -> usize {
        let book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.values().filter(|heard| heard.in_a_row >= MANY).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_what_was_asked_is_no_trouble_and_the_last_word_counts() {
        let (book, id) = (Book::default(), AccountId::new(ulid::Ulid(9)));
        let status = |status| Ok(HttpResponse { status, body: Vec::new() });
        let cases = [
            (status(200), None),
            (status(402), None),
            (status(401), Some(Trouble::Credentials)),
            (status(503), Some(Trouble::Failing)),
            (Err(NoAnswer::NotSent("x".into())), Some(Trouble::Unreachable)),
            (Err(NoAnswer::Unclear("x".into())), Some(Trouble::Silent)),
        ];
        assert_eq!(book.of(&id), Heard::default());
        for (at, (answer, trouble)) in (1..).zip(cases) {
            book.note(id.as_str(), &answer, Time(at));
            assert_eq!(book.of(&id).is_bad(), trouble.is_some(), "{answer:?}");
            assert_eq!(book.of(&id).trouble.map(|(_, trouble)| trouble), trouble, "{answer:?}");
        }
        book.note(id.as_str(), &status(200), Time(9));
        assert!(!book.of(&id).is_bad() && book.of(&id).trouble == Some((Time(6), Trouble::Silent)));
    }

    #[test]
    fn failures_in_a_row_are_counted_until_an_answer() {
        let (book, id) = (Book::default(), AccountId::new(ulid::Ulid(9)));
        let status = |status| Ok(HttpResponse { status, body: Vec::new() });
        for nth in 1..=MANY {
            assert_eq!(book.failing(), 0);
            book.note(id.as_str(), &status(503), Time(1));
            assert_eq!(book.of(&id).in_a_row, nth);
        }
        book.note("another", &status(503), Time(1));
        assert_eq!(book.failing(), 1);
        book.note(id.as_str(), &status(404), Time(2));
        assert_eq!((book.of(&id).in_a_row, book.failing()), (0, 0));
    }
}
