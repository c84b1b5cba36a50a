//! The message files agree with each other and with the pages: same keys, same variables, none missing, none unused.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use fluent_templates::fluent_bundle::FluentResource;

use crate::checkout::messages::{Filling, Lang, pick};
use crate::checkout::render::{pay_link, refund};
use crate::checkout::samples::{self, pay_links::pay_links, refunds::refunds};
use crate::checkout::view::PlainPage;
use crate::checkout::{render, render_plain};

type Keys = BTreeMap<String, BTreeSet<String>>;

thread_local! { static USED: RefCell<Keys> = RefCell::default(); }

/// Called by every look-up: which key, filled with which variables.
pub fn note_use(key: &str, fillings: &[Filling]) {
    let names = fillings.iter().map(|(name, _)| (*name).to_owned()).collect();
    USED.with_borrow_mut(|used| used.insert(key.to_owned(), names));
}

/// The keys of a file with their variables. Our files keep to `key = text` at the start of a line and indented variants.
fn keys(lang: Lang) -> Keys {
    let mut keys = Keys::new();
    let mut current = String::new();
    for line in lang.source().lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase())) {
            current = key.to_owned();
            assert!(keys.insert(current.clone(), BTreeSet::new()).is_none(), "{lang:?}: {key} stands twice");
        }
        let variables = line
            .split('$')
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap().to_owned());
        if let Some(found) = keys.get_mut(&current) {
            found.extend(variables);
        }
    }
    keys
}

#[test]
fn every_file_parses_and_has_the_same_keys_and_variables() {
    let english = keys(Lang::En);
    assert!(english.len() > 60);
    for lang in Lang::ALL {
        let resource = FluentResource::try_new(lang.source().to_owned());
        assert!(resource.is_ok(), "{lang:?}: {:?}", resource.err().map(|(_, errors)| errors));
        assert_eq!(keys(lang), english, "{lang:?}");
    }
}

#[test]
fn pages_use_every_key_with_its_variables_and_no_other() {
    USED.with_borrow_mut(BTreeMap::clear);
    let strangers = samples::polite();
    for (_, page) in samples::pages(&strangers).into_iter().chain(samples::in_other_words(&strangers)) {
        render(&page, Lang::En);
    }
    for page in
        [PlainPage::NotFound, PlainPage::TooManyRequests, PlainPage::Success, PlainPage::Cancel, PlainPage::Pending]
    {
        render_plain(page, true, Lang::En, None, "");
    }
    for (_, page) in refunds(&strangers) {
        refund::render(&page, Lang::En);
    }
    refund::gone(true, Lang::En, None);
    for (_, page) in pay_links(&strangers) {
        pay_link::render(&page, Lang::En);
    }
    assert_eq!(USED.with_borrow(Clone::clone), keys(Lang::En));
}

#[test]
fn no_message_was_left_in_english() {
    let words = |lang: Lang| -> BTreeMap<&'static str, &'static str> {
        let lines = lang.source().lines().filter(|line| !line.starts_with(['#', ' ']) && !line.ends_with("->"));
        lines.filter_map(|line| line.split_once(" = ")).collect()
    };
    let english = words(Lang::En);
    for lang in Lang::ALL.into_iter().filter(|lang| *lang != Lang::En) {
        let same: Vec<_> =
            words(lang).into_iter().filter(|(key, text)| english.get(key) == Some(text)).map(|(key, _)| key).collect();
        // "Transaction" is French too.
        assert!(same.iter().all(|key| lang == Lang::Fr && *key == "seen-tx"), "{lang:?}: {same:?}");
    }
}

#[test]
fn the_visitor_gets_the_language_asked_for() {
    let cases = [
        (None, None, Lang::En),
        (Some("fr-CA,fr;q=0.9,en;q=0.8"), None, Lang::Fr),
        (Some("de,es;q=0.3,ar;q=0.31"), None, Lang::Ar),
        (Some("en;q=0,hi;q=0.001"), None, Lang::Hi),
        (Some("fr;q=0"), None, Lang::En),
        (Some("es;q=1.000,fr"), None, Lang::Es),
        (Some("fr;q=nonsense,hi;q=0.1"), None, Lang::Hi),
        (Some("*, ,;;q="), None, Lang::En),
        (Some("fr"), Some("ar"), Lang::Ar),
        (Some("fr"), Some("AR-eg"), Lang::Ar),
        (Some("fr"), Some("xx"), Lang::Fr),
        (Some("fr"), Some(""), Lang::Fr),
    ];
    for (header, query, expected) in cases {
        assert_eq!(pick(header, query), expected, "{header:?} {query:?}");
    }
}
