//! Fee, limits, and answers server to server.

use domain::Units;

use crate::app::accounts::sessions::Person;
use crate::app::merchant_terms::{Terms, TermsRefused, set};
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::Answer;
use crate::store::Tx;

pub async fn post(ask: Ask, person: Person) -> Answer {
    let merchant = super::named(&ask).await?;
    let dollars = |name: &str| Units::parse(ask.form.text(name), 2).ok();
    let Some(fee) = super::percent(ask.form.text("fee")) else {
        return super::again(&ask, merchant, "wrong-percent").await;
    };
    let (Some(min), Some(max)) = (dollars("min"), dollars("max")) else {
        return super::again(&ask, merchant, "wrong-amount").await;
    };
    let terms = Terms { fee, min, max, s2s: ask.form.is_ticked("s2s") };
    let (app, id, actor) = (ask.app().clone(), merchant.id.clone(), actor(&person));
    match ask.app().store.write(move |tx: &Tx<'_>| set(&app, tx, &id, terms, &actor)).await {
        Ok(()) => Ok(ask.go_saying(&super::path(merchant.number), "flash-terms-set")),
        Err(TermsRefused::Store(error)) => Err(error.into()),
        Err(TermsRefused::Limits) => super::again(&ask, merchant, "wrong-limits").await,
    }
}
