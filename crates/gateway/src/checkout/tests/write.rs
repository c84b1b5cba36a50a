//! Writes every page for `tests/browser/states.mjs` to look at, if `LOCKGATE_RENDER_DIR` names a directory.

use std::fs;
use std::path::Path;

use crate::checkout::messages::Lang;
use crate::checkout::render::{pay_link, refund};
use crate::checkout::samples::{self, pay_links::pay_links, plain::plain, refunds::refunds};
use crate::checkout::view::PageView;
use crate::checkout::{assets, headers, render};

pub struct Rendered {
    pub file: String,
    pub html: String,
    /// The content security policy it is sent with.
    pub policy: String,
}

/// Each page in each language.
pub fn every_page() -> Vec<Rendered> {
    let mut pages = Vec::new();
    for lang in Lang::ALL {
        let mut add = |name: &str, html: String, view: Option<&PageView>| {
            let file = format!("{name}.{}.html", lang.code());
            pages.push(Rendered { file, html, policy: headers::content_security_policy(view) });
        };
        for (name, page) in samples::pages(&samples::polite()) {
            add(&name, render(&page, lang), Some(&page));
        }
        let worst = ["pay-part", "choose", "notice-wrong-token", "card-continue", "upi-own"];
        for (name, page) in samples::pages(&samples::hostile()) {
            if worst.contains(&name.as_str()) {
                add(&format!("hostile-{name}"), render(&page, lang), Some(&page));
            }
        }
        for (name, html) in plain(&samples::polite(), lang) {
            add(name, html, None);
        }
        for (name, page) in refunds(&samples::polite()) {
            add(name, refund::render(&page, lang), None);
        }
        for (name, page) in refunds(&samples::hostile()).into_iter().take(2) {
            add(&format!("hostile-{name}"), refund::render(&page, lang), None);
        }
        for (name, page) in pay_links(&samples::polite()) {
            add(name, pay_link::render(&page, lang), None);
        }
        for (name, page) in pay_links(&samples::hostile()).into_iter().take(2) {
            add(&format!("hostile-{name}"), pay_link::render(&page, lang), None);
        }
    }
    pages
}

#[test]
fn every_page_is_whole_html() {
    let pages = every_page();
    for Rendered { file, html, .. } in &pages {
        assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{file}");
    }
    if let Ok(directory) = std::env::var("LOCKGATE_RENDER_DIR") {
        write_to(Path::new(&directory), pages);
    }
}

/// Each page's policy stands beside it, in a file of the same name and `.csp`.
pub fn write_to(directory: &Path, pages: Vec<Rendered>) {
    fs::create_dir_all(directory.join("assets")).unwrap();
    for Rendered { file, html, policy } in pages {
        fs::write(directory.join(&file), html).unwrap();
        fs::write(directory.join(format!("{file}.csp")), policy).unwrap();
    }
    for style in samples::brand_styles() {
        fs::write(directory.join(style.path.trim_start_matches("/brand/")), style.body).unwrap();
    }
    fs::write(directory.join("logo.png"), samples::LOGO).unwrap();
    for asset in assets::all() {
        fs::write(directory.join(asset.path.trim_start_matches('/')), asset.body).unwrap();
    }
}
