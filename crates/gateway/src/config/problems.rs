//! What is wrong with a configuration, in words for the operator, with the place in the file.

use std::fmt;
use std::ops::Range;

use toml::Spanned;

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
        let place = error.span().map(|span| place(self.text, span.start));
        let named: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
        let (key, what) = match (named.split_first(), &place) {
            (Some((wrong, known)), _) if error.message().starts_with("unknown field") => {
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

/// "unknown x `wrong`", with the nearest of what there is, or all of it.
pub(super) fn unknown(kind: &str, wrong: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|word| (distance(wrong, word), word)).min();
    match nearest {
        Some((distance, word)) if distance <= 1 + wrong.chars().count() / 4 => {
            format!("unknown {kind} `{wrong}`; did you mean `{word}`?")
        }
        _ => format!("unknown {kind} `{wrong}`; there are: {}", known.join(", ")),
    }
}

/// Levenshtein's, without regard to case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Without what may be a key: of a URL only scheme and host stay, and long runs of letters and digits go unless they
/// are addresses. People do paste secrets where they do not belong, and messages end up in logs.
fn redacted(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        let end = after.find(['"', '\'', '`', ' ', ',']).unwrap_or(after.len());
        let (url, next) = after.split_at(end);
        let (authority, path) = url.split_at(url.find(['/', '?', '#']).unwrap_or(url.len()));
        let host = authority.rsplit('@').next().unwrap_or_default();
        shown.push_str(before);
        shown.push_str(host);
        shown.push_str(if path.len() > 1 { "/…" } else { path });
        rest = next;
    }
    shown.push_str(rest);
    shown.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).map(hide_long).collect()
}

fn hide_long(word: &str) -> &str {
    let run = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let address = run.len() == 42 && run.starts_with("0x");
    if run.len() < 32 || address { word } else { "…" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let key = "a1".repeat(32);
        let cases = [
            (
                "rpc = [\"https://u:p@node.example/v3/abc\", \"https://b.example\"]",
                "rpc = [\"https://node.example/…\", \"https://b.example\"]",
            ),
            ("rpc = \"https://node.example?key=abc", "rpc = \"https://node.example/…"),
            (
                "contract = \"0xc2132D05D31c914a87C6611C10748AEb04B58e8F\"",
                "contract = \"0xc2132D05D31c914a87C6611C10748AEb04B58e8F\"",
            ),
            (&format!("gas_key = \"{key}\""), "gas_key = \"…"),
            (&format!("gas_key = 0x{key}"), "gas_key = …"),
            ("base_url = \"https://pay.example.com/\"", "base_url = \"https://pay.example.com/\""),
        ];
        for (line, expected) in cases {
            assert_eq!(redacted(line), expected);
        }
    }

    #[test]
    fn the_nearest_word() {
        assert_eq!(distance("lisen", "listen"), 1);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("Kraken", "kraken"), 0);
        assert_eq!(unknown("key", "lisen", &["base_url", "listen"]), "unknown key `lisen`; did you mean `listen`?");
        assert_eq!(
            unknown("key", "colour", &["base_url", "listen"]),
            "unknown key `colour`; there are: base_url, listen"
        );
        assert_eq!(unknown("key", "x", &[]), "unknown key `x`; there are: ");
    }
}
