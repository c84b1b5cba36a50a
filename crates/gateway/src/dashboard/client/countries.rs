//! The countries of ISO 3166-1 by their names in each language (`messages/<lang>/countries.txt`, from the Unicode CLDR), in its alphabet's order.

use crate::checkout::messages::Lang;

fn text(lang: Lang) -> &'static str {
    match lang {
        Lang::En => include_str!("../../../messages/en/countries.txt"),
        Lang::Fr => include_str!("../../../messages/fr/countries.txt"),
        Lang::Es => include_str!("../../../messages/es/countries.txt"),
        Lang::Hi => include_str!("../../../messages/hi/countries.txt"),
        Lang::Ar => include_str!("../../../messages/ar/countries.txt"),
    }
}

/// Code and name of each.
pub fn all(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    text(lang).lines().filter_map(|line| line.split_once(' '))
}

pub fn is_one(code: &str) -> bool {
    all(Lang::En).any(|(known, _)| known == code)
}

pub fn name(lang: Lang, code: &str) -> Option<&'static str> {
    all(lang).find(|(known, _)| *known == code).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_names_the_same() {
        let codes = |lang| all(lang).map(|(code, _)| code).collect::<std::collections::BTreeSet<_>>();
        let english = codes(Lang::En);
        assert_eq!(english.len(), 249);
        for lang in Lang::ALL {
            assert_eq!(codes(lang), english, "{lang:?}");
            assert!(all(lang).all(|(code, name)| code.len() == 2 && name.chars().count() > 2), "{lang:?}");
        }
        assert_eq!(name(Lang::Fr, "DE"), Some("Allemagne"));
        assert!(is_one("IN") && !is_one("in") && !is_one("") && !is_one("XX"));
    }
}
