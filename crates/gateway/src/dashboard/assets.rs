//! The dashboard's style sheet and scripts. htmx is vendored from npm as it is (version and licence: `docs/decisions/0059-server-rendered-pages.md`).

use std::sync::LazyLock;

pub use crate::checkout::assets::Asset;
use crate::checkout::assets::{CSS, JS};

/// What every page is made of.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| Asset::new("dashboard.css", slim_css(sheets().0), CSS));
/// Parts that the heaviest pages have none of, and do without.
pub static PARTS: LazyLock<Asset> = LazyLock::new(|| Asset::new("parts.css", slim_css(sheets().1), CSS));
pub static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("dashboard.js", slim_js(include_str!("../../assets/dashboard.js")), JS));
pub static PALETTE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("palette.js", slim_js(include_str!("../../assets/palette.js")), JS));
/// Only where calls of the API are described.
pub static DOCS: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("docs.js", slim_js(include_str!("../../assets/docs.js")), JS));
pub static HTMX: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("htmx.min.js", include_str!("../../assets/htmx.min.js"), JS));
/// Of the pages that ask for a passkey, and no other.
pub static PASSKEY: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("passkey.js", include_str!("../../assets/passkey.js"), JS));

/// For the router.
pub fn all() -> [&'static Asset; 7] {
    [&STYLE, &PARTS, &SCRIPT, &PALETTE, &HTMX, &DOCS, &PASSKEY]
}

/// One sheet to write, two to load: what stands before the line of dashes, and what stands after it.
fn sheets() -> (&'static str, &'static str) {
    include_str!("../../assets/dashboard.css")
        .split_once("/* ---")
        .map_or(("", ""), |(first, rest)| (first, rest.split_once("--- */").map_or("", |(_, parts)| parts)))
}

/// Without what only people read: comments, and blanks that part nothing.
fn slim_css(text: &str) -> &'static str {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    let bare = parts.fold(first, |bare, part| bare + part.split_once("*/").map_or("", |(_, rest)| rest));
    let mut slim = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    for (long, short) in
        [("; ", ";"), (": ", ":"), (", ", ","), ("{ ", "{"), (" {", "{"), ("} ", "}"), (" }", "}"), (";}", "}")]
    {
        slim = slim.replace(long, short);
    }
    Box::leak(slim.into_boxed_str())
}

/// Lines as they are, but for their indent and whole lines of comment.
fn slim_js(text: &str) -> &'static str {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    Box::leak(lines.collect::<Vec<_>>().join("\n").into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_means_nothing() {
        let sheet = "/* a; b */\na b,\n  c > d { margin: 0 calc(1px - 2px); }\n@media (x: y) and (z) {\n  .e :hover { top: 0; }\n}\n";
        let slim = "a b,c > d{margin:0 calc(1px - 2px)}@media (x:y) and (z){.e :hover{top:0}}";
        assert_eq!(slim_css(sheet), slim);
        assert_eq!(slim_js("// one\nlet a = 1; // two\n\n  b(`//`);\n"), "let a = 1; // two\nb(`//`);");
        assert!(STYLE.body.len() > 10_000 && PARTS.body.len() > 5_000, "the sheet is not parted");
        // nothing in our own sheet is text with blanks that count, and no text of a script goes over a line
        let sheet = include_str!("../../assets/dashboard.css");
        let quoted = sheet.split('"').skip(1).step_by(2);
        assert!(
            quoted
                .into_iter()
                .all(|text| [";", ":", ",", "{", "}", "/*", "  "].iter().all(|part| !text.contains(part)))
        );
        for script in [&*SCRIPT, &*PALETTE, &*DOCS] {
            assert!(script.body.lines().all(|line| line.matches('`').count() % 2 == 0), "{}", script.file);
        }
    }
}
