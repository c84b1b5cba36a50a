//! Nothing new for a merchant, until it may go on.

use crate::app::accounts::sessions::Person;
use crate::app::merchant_stop::{StopRefused, resume, stop};
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::Answer;
use crate::store::Tx;

/// `act`: `stop`, with a reason that the merchant reads, or `resume`.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let merchant = super::named(&ask).await?;
    let (app, id, actor) = (ask.app().clone(), merchant.id.clone(), actor(&person));
    let store = &ask.app().store;
    let (done, said) = match ask.form.text("act") {
        "stop" => {
            let reason = ask.form.text("stop_reason").to_owned();
            let act = move |tx: &Tx<'_>| stop(&app, tx, &id, &reason, &actor);
            (store.write(act).await, "flash-merchant-stopped")
        }
        "resume" => {
            let act = move |tx: &Tx<'_>| resume(&app, tx, &id, &actor);
            (store.write(act).await, "flash-merchant-resumed")
        }
        _ => return super::again(&ask, merchant, "wrong-act").await,
    };
    let wrong = match done {
        Ok(()) => return Ok(ask.go_saying(&super::path(merchant.number), said)),
        Err(StopRefused::Store(error)) => return Err(error.into()),
        Err(StopRefused::Already) => "wrong-nothing-waits",
        Err(StopRefused::NoReason) => "wrong-reason",
        Err(StopRefused::CardNumber) => "wrong-card-number",
    };
    let merchant = super::named(&ask).await?;
    super::again(&ask, merchant, wrong).await
}
