//! The operator's word on a merchant's wallet.

use crate::app::accounts::sessions::Person;
use crate::app::wallets::validate::{ValidationRefused, approve, refuse};
use crate::app::wallets::{WalletRefused, cancel};
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::Answer;
use crate::store::Tx;

/// `act`: `approve` or `refuse` the first wallet, `address` being the one that was shown; `cancel` a change that waits.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let merchant = super::named(&ask).await?;
    let (app, id, actor) = (ask.app().clone(), merchant.id.clone(), actor(&person));
    let (seen, reason) = (ask.form.text("address").to_owned(), ask.form.text("reason").to_owned());
    let store = &ask.app().store;
    let (done, said) = match ask.form.text("act") {
        "approve" => {
            let act = move |tx: &Tx<'_>| approve(&app, tx, &id, &seen, &actor);
            (store.write(act).await, "flash-wallet-approved")
        }
        "refuse" => {
            let act = move |tx: &Tx<'_>| refuse(&app, tx, &id, &seen, &reason, &actor);
            (store.write(act).await, "flash-wallet-refused")
        }
        "cancel" => {
            let act = move |tx: &Tx<'_>| match cancel(&app, tx, &id, &actor) {
                Ok(_) => Ok(()),
                Err(WalletRefused::Store(error)) => Err(ValidationRefused::Store(error)),
                Err(_) => Err(ValidationRefused::NothingWaits),
            };
            (store.write(act).await, "flash-change-canceled")
        }
        _ => return super::again(&ask, merchant, "wrong-act").await,
    };
    let wrong = match done {
        Ok(()) => return Ok(ask.go_saying(&super::path(merchant.number), said)),
        Err(ValidationRefused::Store(error)) => return Err(error.into()),
        Err(ValidationRefused::NothingWaits) => "wrong-nothing-waits",
        Err(ValidationRefused::Changed) => "wrong-wallet-changed",
        Err(ValidationRefused::SamePerson) => "wrong-wallet-same-person",
        Err(ValidationRefused::NoReason) => "wrong-reason",
        Err(ValidationRefused::CardNumber) => "wrong-card-number",
    };
    let merchant = super::named(&ask).await?;
    super::again(&ask, merchant, wrong).await
}
