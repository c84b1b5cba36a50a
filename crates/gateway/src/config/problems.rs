//! What is wrong with a configuration, in words for the operator, with the place in the file.

use std::fmt;
use std::ops::Range;

use toml::Spanned;

use super::words::{redacted, unknown};

/// Why the configuration was refused. Prints one problem after the other, each with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub file: String,
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `None` when it is about the environment or the whole file.
    pub place: Option<Place>,
    /// The key, or the environment variable.
    pub key: String,
    pub what: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line, without what may be a secret.
    pub text: String,
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.problems.iter().map(|problem| match &problem.place {
            Some(place) => {
                let Place { line, column, text } = place;
                format!("{}:{line}:{column}: {}: {}\n    {text}", self.file, problem.key, problem.what)
            }
            None => format!("{}: {}", problem.key, problem.what),
        });
        f.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}

impl ConfigError {
    pub(super) fn whole_file(key: &str, what: String) -> Self {
        let problem = Problem { place: None, key: key.to_owned(), what };
        Self { file: key.to_owned(), problems: vec![problem] }
    }
}

/// Gathers problems while checking goes on.
pub(super) struct Problems<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// In the order of the file; what has no place comes last.
    pub(super) fn finish(mut self) -> ConfigError {
        let order = |problem: &Problem| match &problem.place {
            Some(place) => (place.line, place.column),
            None => (usize::MAX, 0),
        };
        self.found.sort_by_key(order);
        ConfigError { file: self.file.to_owned(), problems: self.found }
    }

    pub(super) fn add(&mut self, span: Option<Range<usize>>, key: &str, what: impl Into<String>) {
        let place = span.map(|span| place(self.text, span.start));
        self.found.push(Problem { place, key: key.to_owned(), what: what.into() });
    }

    pub(super) fn keep<T>(&mut self, span: Range<usize>, key: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|what| self.add(Some(span), key, what)).ok()
    }

    pub(super) fn required<T, V>(
        &mut self,
        key: &str,
        value: Option<&Spanned<V>>,
        read: impl FnOnce(&V) -> Result<T, String>,
    ) -> Option<T> {
        match value {
            Some(value) => self.keep(value.span(), key, read(value.get_ref())),
            None => {
                self.add(None, key, "is missing");
                None
            }
        }
    }

    pub(super) fn secret<T>(
        &mut self,
        name: &str,
        value: Option<String>,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = value.map(zeroize::Zeroizing::new).filter(|value| !value.is_empty());
        let result = match value {
            Some(value) => read(&value),
            None => Err("is not set in the environment".into()),
        };
        result.map_err(|what| self.add(None, name, what)).ok()
    }

    /// What the TOML reader refused: syntax, an unknown key, a wrong type.
    pub(super) fn unparsed(mut self, error: &toml::de::Error) -> ConfigError {
        let mut place = error.span().map(|span| place(self.text, span.start));
        let named: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
        let (key, what) = match (named.split_first(), &mut place) {
            (Some((wrong, known)), place) if error.message().starts_with("unknown field") => {
                // Its value may be a secret in the wrong place, and says nothing about the key.
                if let Some(place) = place
                    && let Some((before, _)) = place.text.split_once('=')
                {
                    place.text = format!("{before}= …");
                }
                ((*wrong).to_owned(), unknown("key", wrong, known))
            }
            (_, Some(place)) if place.text.contains('=') => {
                let key = place.text.split('=').next().unwrap_or_default().trim();
                (key.to_owned(), redacted(error.message()))
            }
            _ => (self.file.to_owned(), redacted(error.message())),
        };
        self.found.push(Problem { place, key, what });
        self.finish()
    }
}

fn place(text: &str, offset: usize) -> Place {
    let offset = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    Place {
        line: before.matches('\n').count() + 1,
        column: before[start..].chars().count() + 1,
        text: redacted(line.trim()),
    }
}
