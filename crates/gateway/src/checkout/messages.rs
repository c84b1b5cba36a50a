//! Which languages there are, which one a visitor gets, and the words in it (`messages/<lang>/checkout.ftl`).

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_templates::fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_templates::{FluentBundle, LanguageIdentifier};

use super::text::{self, Text};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    En,
    Fr,
    Es,
    Hi,
    Ar,
}

impl Lang {
    pub const ALL: [Lang; 5] = [Lang::En, Lang::Fr, Lang::Es, Lang::Hi, Lang::Ar];

    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Fr => "fr",
            Lang::Es => "es",
            Lang::Hi => "hi",
            Lang::Ar => "ar",
        }
    }

    /// What its own readers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Lang::En => "English",
            Lang::Fr => "Français",
            Lang::Es => "Español",
            Lang::Hi => "हिन्दी",
            Lang::Ar => "العربية",
        }
    }

    pub fn dir(self) -> &'static str {
        if self == Lang::Ar { "rtl" } else { "ltr" }
    }

    /// From a language tag; only its first part counts (`fr-CA` is French).
    pub fn from_tag(tag: &str) -> Option<Lang> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Lang::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary))
    }

    pub(super) fn source(self) -> &'static str {
        match self {
            Lang::En => include_str!("../../messages/en/checkout.ftl"),
            Lang::Fr => include_str!("../../messages/fr/checkout.ftl"),
            Lang::Es => include_str!("../../messages/es/checkout.ftl"),
            Lang::Hi => include_str!("../../messages/hi/checkout.ftl"),
            Lang::Ar => include_str!("../../messages/ar/checkout.ftl"),
        }
    }
}

/// The language for a visitor: the `lang` query parameter if we speak it, else the best of `Accept-Language`, else English.
pub fn pick(accept_language: Option<&str>, query: Option<&str>) -> Lang {
    pick_or(accept_language, query, None)
}

/// As [`pick`], and `else_this` before English.
pub fn pick_or(accept_language: Option<&str>, query: Option<&str>, else_this: Option<Lang>) -> Lang {
    let asked = query.and_then(Lang::from_tag);
    asked.or_else(|| accept_language.and_then(best_accepted)).or(else_this).unwrap_or(Lang::En)
}

fn best_accepted(header: &str) -> Option<Lang> {
    let mut best: Option<(u16, Lang)> = None;
    for range in header.split(',').take(32) {
        let mut parts = range.split(';');
        let Some(lang) = parts.next().and_then(Lang::from_tag) else { continue };
        let weight = parts.find_map(|p| p.trim().strip_prefix("q=").map(thousandths)).unwrap_or(1000);
        // Of equal weights the first named wins; a weight of nought means "not this one".
        if weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

/// A quality value (RFC 9110, 12.4.2: `0`, `0.5`, `1.000`) in thousandths; anything else counts as nought.
fn thousandths(quality: &str) -> u16 {
    let (whole, fraction) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    match (whole, fraction.len()) {
        ("1", _) => 1000,
        ("0", 0..=3) => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 5]> =
    LazyLock::new(|| Lang::ALL.map(|lang| bundle(lang, &[lang.source()])));

/// The messages of these files, in one language.
pub(crate) fn bundle(lang: Lang, sources: &[&str]) -> FluentBundle<FluentResource> {
    let identifier: LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // `text` isolates what is filled in, in the way that suits where it will stand.
    bundle.set_use_isolating(false);
    // A faulty message keeps its neighbours; the tests refuse a file with any fault.
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The words of one language, as templates ask for them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Messages {
    pub lang: Lang,
}

/// A value to put in a message: its name there, and the value.
pub(crate) type Filling = (&'static str, FluentValue<'static>);

impl Messages {
    pub fn text(&self, key: &str) -> Text {
        self.fill(key, &[])
    }

    pub fn fill(&self, key: &str, fillings: &[Filling]) -> Text {
        #[cfg(test)]
        super::tests::messages::note_use(key, fillings);
        let own = self.format(self.lang, key, fillings);
        let text = own.or_else(|| self.format(Lang::En, key, fillings)).unwrap_or_else(|| key.to_owned());
        Text::new(text)
    }

    fn format(&self, lang: Lang, key: &str, fillings: &[Filling]) -> Option<String> {
        let bundle = &BUNDLES[Lang::ALL.iter().position(|l| *l == lang)?];
        let args: FluentArgs<'_> = fillings.iter().cloned().collect();
        let mut faults = Vec::new();
        let text = bundle.format_pattern(bundle.get_message(key)?.value()?, Some(&args), &mut faults).into_owned();
        faults.is_empty().then_some(text)
    }

    /// Fills in something always written left to right: an amount, a code, a time, an address.
    pub fn ltr(&self, name: &'static str, value: impl Display) -> Filling {
        (name, FluentValue::from(text::ltr(value)))
    }

    /// Fills in a name, whose direction is its own.
    pub fn name(&self, name: &'static str, value: impl Display) -> Filling {
        (name, FluentValue::from(text::name(value)))
    }

    /// Fills in a count, for which the language may choose a plural.
    pub fn count(&self, name: &'static str, value: &u32) -> Filling {
        (name, FluentValue::from(*value))
    }
}
