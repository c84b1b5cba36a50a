//! Every language says everything, and nothing is asked for that is not there.

use std::collections::BTreeSet;
use std::path::Path;

use crate::checkout::messages::Lang;
use crate::dashboard::words::{Words, sources};

fn keys(lang: Lang) -> BTreeSet<String> {
    let lines = sources(lang).into_iter().flat_map(str::lines);
    let keys = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    keys.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect()
}

#[test]
fn all_languages_have_the_same_messages_without_fault() {
    let english = keys(Lang::En);
    assert!(english.len() > 20);
    for lang in Lang::ALL {
        let own = keys(lang);
        assert_eq!(own.symmetric_difference(&english).collect::<Vec<_>>(), Vec::<&String>::new(), "{lang:?}");
        let names = |source: &str| -> BTreeSet<String> {
            let parts = source.split("{ $").skip(1);
            parts.map(|part| part.split([' ', '}']).next().unwrap().to_owned()).collect()
        };
        for (own, english) in sources(lang).into_iter().zip(sources(Lang::En)) {
            assert!(fluent_templates::fluent_bundle::FluentResource::try_new(own.to_owned()).is_ok(), "{lang:?}");
            assert_eq!(names(own), names(english), "{lang:?}: other values are filled in");
        }
    }
}

pub(super) fn files(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_message_that_is_asked_for_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("src/dashboard"), &mut found);
    files(&root.join("templates/dashboard"), &mut found);
    let english = keys(Lang::En);
    for (path, text) in found.iter().filter(|(path, _)| !path.contains("/tests/")) {
        for call in [".text(\"", ".fill(\"", "label: \"", "go_saying("] {
            for (at, _) in text.match_indices(call) {
                let rest = &text[at + call.len()..];
                let key = match call {
                    "go_saying(" => rest.split('"').find(|part| part.starts_with("flash-")),
                    _ => rest.split('"').next(),
                };
                let Some(key) = key.filter(|key| key.contains('-') && !rest.starts_with('&')) else { continue };
                assert!(english.contains(key), "{path}: {key}");
            }
        }
    }
    let w = Words { lang: Lang::Fr };
    assert_eq!(w.text("sign-out").plain(), "Se déconnecter");
}
