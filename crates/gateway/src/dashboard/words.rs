//! The words of the pages: `messages/<lang>/{dashboard,accounts,branding,client,operations,operator,papers,payouts,sales,setup,switch,ways}.ftl`.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_templates::FluentBundle;
use fluent_templates::fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::checkout::messages::{Filling, Lang, bundle};
use crate::checkout::text::{self, Text};

macro_rules! files {
    ($lang:literal) => {
        [
            include_str!(concat!("../../messages/", $lang, "/dashboard.ftl")),
            include_str!(concat!("../../messages/", $lang, "/accounts.ftl")),
            include_str!(concat!("../../messages/", $lang, "/branding.ftl")),
            include_str!(concat!("../../messages/", $lang, "/client.ftl")),
            include_str!(concat!("../../messages/", $lang, "/operator.ftl")),
            include_str!(concat!("../../messages/", $lang, "/papers.ftl")),
            include_str!(concat!("../../messages/", $lang, "/payouts.ftl")),
            include_str!(concat!("../../messages/", $lang, "/sales.ftl")),
            include_str!(concat!("../../messages/", $lang, "/setup.ftl")),
            include_str!(concat!("../../messages/", $lang, "/switch.ftl")),
            include_str!(concat!("../../messages/", $lang, "/ways.ftl")),
            include_str!(concat!("../../messages/", $lang, "/operations.ftl")),
        ]
    };
}

/// The files of a language.
pub(super) fn sources(lang: Lang) -> [&'static str; 12] {
    match lang {
        Lang::En => files!("en"),
        Lang::Fr => files!("fr"),
        Lang::Es => files!("es"),
        Lang::Hi => files!("hi"),
        Lang::Ar => files!("ar"),
    }
}

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 5]> =
    LazyLock::new(|| Lang::ALL.map(|lang| bundle(lang, &sources(lang))));

/// The words of one language, as templates and handlers ask for them. `{{ … }}` shows an answer as it is; in an attribute, `.plain()`.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub lang: Lang,
}

impl Words {
    pub(crate) fn text(&self, key: &str) -> Text {
        self.fill(key, &[])
    }

    pub(crate) fn fill(&self, key: &str, fillings: &[Filling]) -> Text {
        let own = self.format(self.lang, key, fillings);
        Text::new(own.or_else(|| self.format(Lang::En, key, fillings)).unwrap_or_else(|| key.to_owned()))
    }

    /// Whether there is such a message.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.format(Lang::En, key, &[]).is_some()
    }

    fn format(&self, lang: Lang, key: &str, fillings: &[Filling]) -> Option<String> {
        let bundle = &BUNDLES[Lang::ALL.iter().position(|known| *known == lang)?];
        let args: FluentArgs<'_> = fillings.iter().cloned().collect();
        let mut faults = Vec::new();
        let text = bundle.format_pattern(bundle.get_message(key)?.value()?, Some(&args), &mut faults).into_owned();
        faults.is_empty().then_some(text)
    }

    /// Fills in something always written left to right: an amount, a code, a time, an address.
    pub(crate) fn ltr(&self, name: &'static str, value: impl Display) -> Filling {
        (name, FluentValue::from(text::ltr(clean(&value))))
    }

    /// Fills in a name, whose direction is its own.
    pub(crate) fn name(&self, name: &'static str, value: impl Display) -> Filling {
        (name, FluentValue::from(text::name(clean(&value))))
    }

    /// Fills in a count, for which the language may choose a plural.
    pub(crate) fn count(&self, name: &'static str, value: i64) -> Filling {
        (name, FluentValue::from(value))
    }
}

/// Without the characters that mark where a value begins and ends.
fn clean(value: &impl Display) -> String {
    value.to_string().chars().filter(|c| !('\u{fdd0}'..='\u{fdef}').contains(c)).collect()
}
