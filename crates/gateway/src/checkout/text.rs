//! A message with values in it, isolated so that no value can change the direction of the words around it.
//!
//! In HTML the isolation is a `<bdi>` element; in a title or attribute it is Unicode's isolate characters. Between the
//! formatter and either of them stand three noncharacters, which `Label` never lets in from outside.

use std::fmt::{self, Display};

const OPEN_LTR: char = '\u{fdd0}';
const OPEN_NAME: char = '\u{fdd1}';
const CLOSE: char = '\u{fdd2}';

pub(crate) fn ltr(value: impl Display) -> String {
    format!("{OPEN_LTR}{value}{CLOSE}")
}

pub(crate) fn name(value: impl Display) -> String {
    format!("{OPEN_NAME}{value}{CLOSE}")
}

/// Displays as HTML, already escaped; `plain` is for titles and attributes, which the template escapes.
#[derive(Debug, Clone)]
pub(crate) struct Text(String);

impl Text {
    pub fn new(marked: String) -> Self {
        Self(marked)
    }

    pub fn plain(&self) -> String {
        // LEFT-TO-RIGHT ISOLATE, FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE (Unicode Annex 9).
        self.0.replace(OPEN_LTR, "\u{2066}").replace(OPEN_NAME, "\u{2068}").replace(CLOSE, "\u{2069}")
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                OPEN_LTR => f.write_str("<bdi dir=\"ltr\">")?,
                OPEN_NAME => f.write_str("<bdi>")?,
                CLOSE => f.write_str("</bdi>")?,
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

impl askama::filters::HtmlSafe for Text {}
