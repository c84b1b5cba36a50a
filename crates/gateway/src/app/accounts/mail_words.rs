//! The words of mails to people: `messages/<locale>/mails.ftl`. A message is the subject, its attribute `body` the text.

use std::sync::LazyLock;

use fluent_templates::fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_templates::{FluentBundle, LanguageIdentifier};

/// The languages of the pages, by which they are kept with a person.
pub const LOCALES: [&str; 5] = ["en", "fr", "es", "hi", "ar"];

const SOURCES: [&str; 5] = [
    include_str!("../../../messages/en/mails.ftl"),
    include_str!("../../../messages/fr/mails.ftl"),
    include_str!("../../../messages/es/mails.ftl"),
    include_str!("../../../messages/hi/mails.ftl"),
    include_str!("../../../messages/ar/mails.ftl"),
];

/// What merchants and the operator are told at addresses of their business (`app/news.rs`).
pub const NEWS: [&str; 5] = [
    include_str!("../../../messages/en/news.ftl"),
    include_str!("../../../messages/fr/news.ftl"),
    include_str!("../../../messages/es/news.ftl"),
    include_str!("../../../messages/hi/news.ftl"),
    include_str!("../../../messages/ar/news.ftl"),
];

static BUNDLES: LazyLock<Vec<FluentBundle<FluentResource>>> = LazyLock::new(|| {
    let bundle = |(locale, sources): (&str, [&str; 2])| {
        let identifier: LanguageIdentifier = locale.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        // plain text: a mark of direction beside a link would belong to the link
        bundle.set_use_isolating(false);
        for source in sources {
            let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
            bundle.add_resource_overriding(resource);
        }
        bundle
    };
    let sources = SOURCES.into_iter().zip(NEWS).map(|(people, business)| [people, business]);
    LOCALES.into_iter().zip(sources).map(bundle).collect()
});

/// Subject and body; in English for who has chosen no language. `None` when there is no such message, or something is not filled in.
pub fn mail(locale: Option<&str>, key: &str, fillings: Vec<(&'static str, String)>) -> Option<(String, String)> {
    let chosen = locale.and_then(|locale| LOCALES.iter().position(|known| *known == locale)).unwrap_or(0);
    let args: FluentArgs<'_> = fillings.into_iter().map(|(name, value)| (name, FluentValue::from(value))).collect();
    [chosen, 0].into_iter().find_map(|at| {
        let (bundle, mut faults) = (&BUNDLES[at], Vec::new());
        let message = bundle.get_message(key)?;
        let subject = bundle.format_pattern(message.value()?, Some(&args), &mut faults).into_owned();
        let body = message.get_attribute("body")?.value();
        let body = bundle.format_pattern(body, Some(&args), &mut faults).into_owned();
        faults.is_empty().then(|| (subject, format!("{body}\n")))
    })
}

/// How many mails there are.
#[cfg(test)]
pub fn count() -> usize {
    assert!(NEWS.iter().all(|source| FluentResource::try_new((*source).to_owned()).is_ok()));
    for source in SOURCES {
        assert!(FluentResource::try_new(source.to_owned()).is_ok());
        assert_eq!(source.matches("    .body =").count(), SOURCES[0].matches("    .body =").count());
    }
    SOURCES[0].matches("    .body =").count()
}
