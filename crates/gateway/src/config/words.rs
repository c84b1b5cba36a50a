//! The wording of messages: what was probably meant, and nothing secret.

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
pub(super) fn redacted(text: &str) -> String {
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
