//! What a merchant does about a refund of coins: another link to the payer, its end, or the transaction by which his wallet has paid.

use domain::coin_refund::State;

use super::acts::actor;
use super::coin_refund::{At, show};
use super::one::Wrong;
use crate::app::App;
use crate::app::accounts::sessions::Desk;
use crate::app::acts::Actor;
use crate::app::coin_refunds::{Refused, acts, wallet};
use crate::dashboard::ask::Ask;
use crate::dashboard::once;
use crate::dashboard::pages::{Answer, Failed};
use crate::store::Tx;

/// Another link to the payer: one for each press.
pub async fn mail(ask: Ask, desk: Desk) -> Answer {
    let at = At::of(&ask, &desk)?;
    let cause = once::of(&ask).map(|once| format!("form {once}"));
    let send = move |app: &App, tx: &Tx<'_>, at: &At, who: &Actor| match &cause {
        Some(cause) => acts::mail_again(app, tx, (&at.merchant, at.number), &at.id, cause, who).map(Some),
        // of a form that is none of ours nothing is known, but that the refund is there
        None => acts::existing(tx, (&at.merchant, at.number), &at.id).map(|_| None),
    };
    match write(&ask, &desk, &at, send).await {
        Ok(Some(_)) => Ok(ask.go_saying(&at.path(), "flash-refund-link-mailed")),
        Ok(None) => show(&ask, &desk, &at, Some(Wrong { about: "mail", why: ask.w().text("mail-not-now") })).await,
        Err(refused) => again(&ask, &desk, &at, "mail", refused).await,
    }
}

/// Calls it off; one that is called off stays so.
pub async fn cancel(ask: Ask, desk: Desk) -> Answer {
    let at = At::of(&ask, &desk)?;
    let end = |app: &App, tx: &Tx<'_>, at: &At, who: &Actor| {
        acts::cancel(app, tx, (&at.merchant, at.number), &at.id, who).map(|_| ())
    };
    match write(&ask, &desk, &at, end).await {
        Ok(()) | Err(Refused::NotNow { state: State::Canceled, .. }) => {
            Ok(ask.go_saying(&at.path(), "flash-refund-canceled"))
        }
        Err(refused) => again(&ask, &desk, &at, "cancel", refused).await,
    }
}

/// The merchant has paid, by this transaction. A worker asks the chain about it.
pub async fn paid(ask: Ask, desk: Desk) -> Answer {
    let (at, hash) = (At::of(&ask, &desk)?, ask.form.text("tx").to_owned());
    let report = move |app: &App, tx: &Tx<'_>, at: &At, who: &Actor| {
        wallet::report(app, tx, (&at.merchant, at.number), &at.id, &hash, who).map(|_| ())
    };
    match write(&ask, &desk, &at, report).await {
        Ok(()) => {
            ask.app().wake.refunds.notify_one();
            Ok(ask.go_saying(&at.path(), "flash-refund-reported"))
        }
        Err(refused) => again(&ask, &desk, &at, "paid", refused).await,
    }
}

async fn write<T: Send + 'static>(
    ask: &Ask,
    desk: &Desk,
    at: &At,
    act: impl FnOnce(&App, &Tx<'_>, &At, &Actor) -> Result<T, Refused> + Clone + Send + 'static,
) -> Result<T, Refused> {
    let (app, at, who) = (ask.app().clone(), at.clone(), actor(desk));
    ask.app().store.write(move |tx| act(&app, tx, &at, &who)).await
}

/// The page again, with why not: in its words, not in those of the command line.
async fn again(ask: &Ask, desk: &Desk, at: &At, about: &'static str, refused: Refused) -> Answer {
    let w = ask.w();
    let (about, why) = match refused {
        Refused::Store(error) => return Err(error.into()),
        Refused::NotThere(_) | Refused::NoInvoice(_) => return Err(Failed::NotFound),
        Refused::NoHash => ("hash", w.text("fund-hash-wrong")),
        Refused::MaybeSent => (about, w.text("coins-back-too-early")),
        Refused::ByTransfer => (about, w.text("coins-back-by-transfer")),
        Refused::EnoughMails => (about, w.text("mail-enough")),
        Refused::UnknownCoin(_) => (about, w.text("coins-back-coin-gone")),
        Refused::TooMuch { left, symbol } => {
            (about, w.fill("refund-too-much-coins", &[w.ltr("left", format!("{left} {symbol}"))]))
        }
        Refused::NotNow { state, .. } => {
            let state = w.text(&format!("refund-{}", state.name())).plain();
            (about, w.fill("coins-back-not-now", &[w.name("state", state)]))
        }
        other => (about, w.fill("refund-refused", &[w.name("why", other)])),
    };
    show(ask, desk, at, Some(Wrong { about, why })).await
}
