//! Other credentials for an account, and whether payers are sent there.

use std::collections::BTreeMap;

use domain::AccountId;
use zeroize::Zeroizing;

use super::one::again;
use super::{PATH, Wrong, named, proven, said};
use crate::app::accounts::sessions::Person;
use crate::app::acts::Actor;
use crate::app::providers::desk::{replace, switch};
use crate::app::providers::provider_of;
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::Answer;
use crate::store::Tx;
use crate::store::provider_accounts::AccountRow;

/// `act`: `replace` fields, `on` or `off`.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let row = named(&ask).await?;
    let (id, actor) = (row.id.clone(), actor(&person));
    let here = format!("{PATH}/{id}");
    let done = match ask.form.text("act") {
        "replace" => match proven(&ask, &person).await {
            Ok(()) => put(&ask, &row, id, actor).await.map(|()| "flash-provider-set"),
            Err(wrong) => Err(wrong),
        },
        turned @ ("on" | "off") => {
            let (app, on) = (ask.app().clone(), turned == "on");
            ask.app().store.write(move |tx: &Tx<'_>| switch(&app, tx, &id, on, &actor)).await?;
            ask.app().providers.heard.forget(&row.id);
            Ok(if on { "flash-provider-on" } else { "flash-provider-off" })
        }
        _ => Err(Wrong::Said(ask.w().text("wrong-act"))),
    };
    match done {
        Ok(said) => Ok(ask.go_saying(&here, said)),
        Err(Wrong::Failed(failed)) => Err(failed),
        Err(Wrong::Said(words)) => again(&ask, words).await,
    }
}

async fn put(ask: &Ask, row: &AccountRow, id: AccountId, actor: Actor) -> Result<(), Wrong> {
    let provider = provider_of(row).map_err(|error| Wrong::Failed(error.into()))?;
    let known = provider.fields_for(row.method).unwrap_or_default().iter();
    let entered: BTreeMap<String, Zeroizing<String>> = known
        .map(|field| {
            (field.name.to_owned(), Zeroizing::new(ask.form.text(&format!("field-{}", field.name)).to_owned()))
        })
        .collect();
    let app = ask.app().clone();
    let put = move |tx: &Tx<'_>| replace(&app, tx, &id, entered, &actor);
    ask.app().store.write(put).await.map_err(|why| said(ask, why))?;
    ask.app().providers.heard.forget(&row.id);
    Ok(())
}
