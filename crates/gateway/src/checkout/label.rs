//! Text from strangers (shop names, descriptions, token symbols), made fit to stand between our own words.

use std::fmt;

/// A short text from outside that cannot reorder, hide or stretch what stands around it: no control, bidirectional
/// override or private-use characters, white space collapsed, length bounded. HTML escaping is the template's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// A name or symbol: at most 60 characters.
    pub fn name(raw: &str) -> Self {
        Self(shown(raw, 60))
    }

    /// A description: at most 200 characters.
    pub fn sentence(raw: &str) -> Self {
        Self(shown(raw, 200))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn shown(raw: &str, max_chars: usize) -> String {
    let visible = raw.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_unwelcome(*c));
    let mut out = String::new();
    for (count, c) in visible.filter(collapse_spaces()).enumerate() {
        if count == max_chars {
            out.truncate(out.trim_end().len());
            out.push('…');
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Keeps a space only after something that is not one; this also drops leading spaces.
fn collapse_spaces() -> impl FnMut(&char) -> bool {
    let mut after_space = true;
    move |c| {
        let keep = !(*c == ' ' && after_space);
        after_space = *c == ' ';
        keep
    }
}

fn is_unwelcome(c: char) -> bool {
    // U+200C and U+200D stay: Hindi, Persian and emoji need the joiners.
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_controls_and_blanks_go() {
        assert_eq!(Label::name(" \u{202e}Tea\u{0}\u{2069}\t\n  shop \u{fdd0}").as_str(), "Tea shop");
        assert_eq!(Label::name("\u{200e}\u{2066}").as_str(), "");
    }

    #[test]
    fn long_text_is_cut_at_a_character_not_a_byte() {
        assert_eq!(Label::name(&"चा".repeat(40)).as_str().chars().count(), 61);
        assert!(Label::sentence(&"x".repeat(1024)).as_str().ends_with("x…"));
        assert_eq!(Label::name(&"x".repeat(60)).as_str(), "x".repeat(60));
    }
}
