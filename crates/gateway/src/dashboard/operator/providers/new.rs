//! `/operator/providers/new`: another account. First the provider and what for, then what an account there needs.

use std::collections::BTreeMap;

use askama::Template;
use domain::charge::Method;
use rails::provider::list::SIMULATED;
use zeroize::Zeroizing;

use super::{Entry, PATH, Wrong, entries, proven, said};
use crate::app::accounts::sessions::Person;
use crate::app::providers::desk::{add, is_offered};
use crate::app::providers::{NewAccount, Provider};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::Answer;
use crate::store::{Tx, merchants};

struct Kind {
    /// `stripe:card`.
    value: String,
    title: String,
    method: String,
}

#[derive(Template)]
#[template(path = "dashboard/operator/provider_new.html")]
struct Page {
    f: Frame,
    kinds: Vec<Kind>,
    /// What was chosen.
    kind: Option<Kind>,
    /// Whether it may only be the operator's own.
    is_payout: bool,
    fields: Vec<Entry>,
    merchant: String,
    wrong: Option<Text>,
}

fn kind(provider: Provider, method: Method) -> Kind {
    Kind {
        value: format!("{}:{}", provider.name(), method.name()),
        title: provider.title().to_owned(),
        method: format!("provider-{}", method.name()),
    }
}

/// What can be chosen on this gateway.
fn kinds(ask: &Ask) -> Vec<(Provider, Method)> {
    let names = Provider::names().into_iter().chain(SIMULATED.iter().map(|simulated| simulated.name));
    let all = names.filter(|name| is_offered(ask.app(), name)).filter_map(Provider::by_name);
    let methods = |provider: Provider| {
        let pays_out = provider.fields_for(Method::Payout).map(|_| (provider, Method::Payout));
        std::iter::once((provider, provider.method())).chain(pays_out)
    };
    all.flat_map(methods).collect()
}

fn chosen(ask: &Ask, text: &str) -> Option<(Provider, Method)> {
    kinds(ask).into_iter().find(|(provider, method)| kind(*provider, *method).value == text)
}

fn compose(ask: &Ask, chosen: Option<(Provider, Method)>, wrong: Option<Text>) -> Page {
    let w = ask.w();
    let fields = chosen.and_then(|(provider, method)| provider.fields_for(method)).unwrap_or_default();
    Page {
        f: ask.frame(w.text("provider-new").plain()).under(w.text("nav-providers").plain(), PATH),
        kinds: kinds(ask).into_iter().map(|(provider, method)| kind(provider, method)).collect(),
        kind: chosen.map(|(provider, method)| kind(provider, method)),
        is_payout: chosen.is_some_and(|(_, method)| method == Method::Payout),
        fields: entries(ask, fields, |_| String::new()),
        merchant: ask.form.text("merchant").to_owned(),
        wrong,
    }
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let chosen = chosen(&ask, ask.query("kind"));
    ask.show(&compose(&ask, chosen, None))
}

pub async fn post(ask: Ask, person: Person) -> Answer {
    let chosen = chosen(&ask, ask.form.text("kind"));
    let again = |words: Text| ask.show_again(&compose(&ask, chosen, Some(words)));
    let Some((provider, method)) = chosen else { return again(ask.w().text("wrong-act")) };
    match proven(&ask, &person).await {
        Ok(()) => {}
        Err(Wrong::Failed(failed)) => return Err(failed),
        Err(Wrong::Said(words)) => return again(words),
    }
    let merchant_id = match ask.form.text("merchant") {
        "" => None,
        text => {
            let number = text.parse::<i64>().unwrap_or(0);
            let found = ask.app().store.read(|tx| merchants::by_number(tx, number)).await?;
            let Some(merchant) = found else { return again(ask.w().text("wrong-no-merchant")) };
            Some(merchant.id)
        }
    };
    let known = provider.fields_for(method).unwrap_or_default().iter();
    let fields: BTreeMap<String, Zeroizing<String>> = known
        .map(|field| {
            (field.name.to_owned(), Zeroizing::new(ask.form.text(&format!("field-{}", field.name)).to_owned()))
        })
        .filter(|(_, text)| !text.is_empty())
        .collect();
    let new = NewAccount { merchant_id, provider, method, base_url: None, fields };
    let (app, actor) = (ask.app().clone(), actor(&person));
    match ask.app().store.write(move |tx: &Tx<'_>| add(&app, tx, new, &actor)).await {
        Ok(id) => Ok(ask.go_saying(&format!("{PATH}/{id}"), "flash-provider-added")),
        Err(why) => match said(&ask, why) {
            Wrong::Failed(failed) => Err(failed),
            Wrong::Said(words) => again(words),
        },
    }
}
