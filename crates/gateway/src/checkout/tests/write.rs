//! Writes every page for `tests/browser/states.mjs` to look at, if `LOCKGATE_RENDER_DIR` names a directory.

use std::fs;
use std::path::Path;

use crate::checkout::messages::Lang;
use crate::checkout::samples;
use crate::checkout::view::PlainPage;
use crate::checkout::{assets, render, render_plain};

/// File names and HTML.
pub fn every_page() -> Vec<(String, String)> {
    let mut pages = Vec::new();
    for lang in Lang::ALL {
        for (name, page) in samples::pages(&samples::polite()) {
            pages.push((format!("{name}.{}.html", lang.code()), render(&page, lang)));
        }
        let hostile = samples::pages(&samples::hostile());
        for (name, page) in
            hostile.iter().filter(|(name, _)| ["pay-part", "choose", "notice-wrong-token"].contains(&name.as_str()))
        {
            pages.push((format!("hostile-{name}.{}.html", lang.code()), render(page, lang)));
        }
        for (name, page) in [
            ("not-found", PlainPage::NotFound),
            ("too-many", PlainPage::TooManyRequests),
            ("result-success", PlainPage::Success),
            ("result-cancel", PlainPage::Cancel),
            ("result-pending", PlainPage::Pending),
        ] {
            pages.push((format!("{name}.{}.html", lang.code()), render_plain(page, false, lang)));
        }
    }
    pages
}

#[test]
fn every_page_is_whole_html() {
    let pages = every_page();
    for (name, html) in &pages {
        assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{name}");
    }
    if let Ok(directory) = std::env::var("LOCKGATE_RENDER_DIR") {
        write_to(Path::new(&directory), pages);
    }
}

pub fn write_to(directory: &Path, pages: Vec<(String, String)>) {
    fs::create_dir_all(directory.join("assets")).unwrap();
    for (name, html) in pages {
        fs::write(directory.join(name), html).unwrap();
    }
    for asset in assets::all() {
        fs::write(directory.join(asset.path.trim_start_matches('/')), asset.body).unwrap();
    }
    fs::write(directory.join("csp.txt"), assets::CONTENT_SECURITY_POLICY).unwrap();
}
