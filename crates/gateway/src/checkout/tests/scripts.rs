//! `docs/checkout-scripts.md` names every script a payer's page may load, and the pages load no other.

use std::collections::BTreeSet;

use super::pages::each;
use crate::checkout::{assets, samples};

const INVENTORY: &str = include_str!("../../../../../docs/checkout-scripts.md");

/// The first cell of each row: a file of ours, or the address of a provider's script.
fn listed() -> BTreeSet<String> {
    let rows = INVENTORY.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned()).collect()
}

#[test]
fn pages_load_what_the_inventory_lists_and_nothing_else() {
    let loaded = std::cell::RefCell::new(BTreeSet::new());
    each(&samples::polite(), |name, lang, html| {
        for script in html.split("<script").skip(1) {
            let address = script.strip_prefix(" src=\"").and_then(|rest| rest.split('"').next()).unwrap();
            let own = assets::all().into_iter().find(|asset| asset.path == address);
            let script = own.map_or_else(|| address.to_owned(), |asset| asset.file.to_owned());
            assert!(listed().contains(&script), "{name} {lang:?} loads {script}, which is not in the inventory");
            loaded.borrow_mut().insert(script);
        }
    });
    assert_eq!(loaded.into_inner(), listed(), "the inventory lists what no page loads");
}

#[test]
fn our_scripts_load_no_others() {
    for asset in assets::all().into_iter().filter(|asset| asset.file.ends_with(".js")) {
        for way in ["import", "eval", "Function(", "createElement", "innerHTML", "document.write", "importScripts"] {
            assert!(!asset.body.contains(way), "{}: {way}", asset.file);
        }
    }
}
