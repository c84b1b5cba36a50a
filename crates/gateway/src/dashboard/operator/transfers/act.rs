//! What an operator does about a transfer.

use domain::TransferId;

use super::one::{again, named};
use super::{PATH, refused};
use crate::app::App;
use crate::app::accounts::sessions::Person;
use crate::app::acts::Actor;
use crate::app::transfers::acts::{self, ActRefused, Seen};
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::{Answer, Failed};
use crate::store::Tx;

/// What the form asks for.
#[derive(Debug, Clone)]
enum Wish {
    Retry,
    Cancel,
    Approve,
    Mark(Seen, String),
}

fn run(wish: &Wish, app: &App, tx: &Tx<'_>, id: &TransferId, actor: &Actor) -> Result<(), ActRefused> {
    match wish {
        Wish::Retry => acts::retry(app, tx, id, actor),
        Wish::Cancel => acts::cancel(app, tx, id, actor),
        Wish::Approve => acts::approve(app, tx, id, &actor.0, actor),
        Wish::Mark(seen, evidence) => acts::mark(app, tx, id, *seen, evidence, actor),
    }
    .map(|_| ())
}

pub async fn post(ask: Ask, person: Person) -> Answer {
    let id = named(&ask)?;
    let evidence = ask.form.text("evidence").to_owned();
    let (wish, said) = match ask.form.text("act") {
        "retry" => (Wish::Retry, "flash-transfer-retried"),
        "cancel" => (Wish::Cancel, "flash-transfer-canceled"),
        "approve" => (Wish::Approve, "flash-transfer-approved"),
        "arrived" => (Wish::Mark(Seen::Arrived, evidence), "flash-transfer-marked"),
        "failed" => (Wish::Mark(Seen::Failed, evidence), "flash-transfer-marked"),
        _ => return again(&ask, ask.w().text("wrong-act")).await,
    };
    let (app, actor, named) = (ask.app().clone(), actor(&person), id.clone());
    match ask.app().store.write(move |tx: &Tx<'_>| run(&wish, &app, tx, &named, &actor)).await {
        Ok(()) => Ok(ask.go_saying(&format!("{PATH}/{id}"), said)),
        Err(ActRefused::Store(error)) => Err(error.into()),
        Err(ActRefused::NotThere(_)) => Err(Failed::NotFound),
        Err(why) => {
            let words = refused::words(ask.w(), &why);
            again(&ask, words).await
        }
    }
}
