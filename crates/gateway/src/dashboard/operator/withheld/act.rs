//! What an operator does about a payment that is held back.

use super::one::again;
use super::{named, path};
use crate::app::accounts::sessions::Person;
use crate::app::charges::refunds::RefundRefused;
use crate::app::charges::review::{ReviewRefused, ask_now, give_back};
use crate::app::refunds::Refused;
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::Answer;
use crate::store::Tx;

/// `act`: `ask` the provider now, or `give-back` all that is left, with a `reason`.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let (row, merchant) = named(&ask).await?;
    let (app, id, charge, actor) = (ask.app().clone(), merchant.id.clone(), row.charge.id.clone(), actor(&person));
    let reason = ask.form.text("reason").to_owned();
    let store = &ask.app().store;
    let (done, said) = match ask.form.text("act") {
        "ask" => {
            let act = move |tx: &Tx<'_>| ask_now(&app, tx, &id, &charge, &actor);
            (store.write(act).await, "flash-withheld-asked")
        }
        "give-back" => {
            let act = move |tx: &Tx<'_>| give_back(&app, tx, &id, &charge, &reason, &actor).map(|_| ());
            (store.write(act).await, "flash-withheld-given-back")
        }
        _ => return again(&ask, ask.w().text("wrong-act")).await,
    };
    let wrong = match done {
        Ok(()) => {
            ask.app().wake.providers.notify_one();
            return Ok(ask.go_saying(&path(merchant.number, &row.charge.id), said));
        }
        Err(ReviewRefused::Store(error)) => return Err(error.into()),
        Err(ReviewRefused::Refund(Refused::Store(error) | Refused::Charge(RefundRefused::Store(error)))) => {
            return Err(error.into());
        }
        Err(ReviewRefused::NotHeld) => "wrong-not-held",
        Err(ReviewRefused::NoReason) => "wrong-reason",
        Err(ReviewRefused::CardNumber) => "wrong-card-number",
        Err(ReviewRefused::Refund(Refused::Charge(RefundRefused::NotOffered))) => "refund-not-offered",
        Err(ReviewRefused::Refund(_)) => "wrong-nothing-left",
    };
    again(&ask, ask.w().text(wrong)).await
}
