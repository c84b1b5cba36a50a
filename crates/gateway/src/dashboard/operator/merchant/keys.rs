//! A merchant's key that leaked: the operator ends it, as the merchant itself could.

use domain::KeyId;

use crate::app::accounts::sessions::Person;
use crate::app::merchant_setup::{SetupRefused, end_key};
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::Answer;
use crate::store::Tx;

/// `key`: its id.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let merchant = super::named(&ask).await?;
    let Ok(key) = KeyId::parse(ask.form.text("key")) else {
        return super::again(&ask, merchant, "wrong-key-gone").await;
    };
    let (app, of, actor) = (ask.app().clone(), merchant.clone(), actor(&person));
    match ask.app().store.write(move |tx: &Tx<'_>| end_key(&app, tx, &of, &key, &actor)).await {
        Ok(()) => Ok(ask.go_saying(&super::path(merchant.number), "flash-key-revoked")),
        Err(SetupRefused::Store(error)) => Err(error.into()),
        Err(SetupRefused::NotThere | SetupRefused::TooMany) => super::again(&ask, merchant, "wrong-key-gone").await,
    }
}
