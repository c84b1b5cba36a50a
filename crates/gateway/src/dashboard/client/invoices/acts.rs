//! What is done with an invoice besides giving money back.

use domain::ChargeId;
use domain::invoice::Refused as NotNow;
use rails::upi::rrn::Rrn;

use super::one::{Wrong, show};
use super::path;
use crate::app::accounts::sessions::Desk;
use crate::app::acts::{Actor, record_for};
use crate::app::charges::own_vpa::{self, Refused};
use crate::app::deliveries;
use crate::app::invoices::{CommandFailed, about, cancel_by};
use crate::dashboard::ask::Ask;
use crate::dashboard::pages::{Answer, Failed};
use crate::store::charges;
use crate::store::events::About;
use crate::store::invoices::{self, InvoiceRow};

/// The invoice of the path, if it is this merchant's.
pub(super) async fn own(ask: &Ask, desk: &Desk) -> Result<InvoiceRow, Failed> {
    let number = ask.number("number")?;
    let row = ask.app().store.read(|tx| invoices::by_number(tx, &desk.merchant.id, number)).await?;
    row.ok_or(Failed::NotFound)
}

pub(super) fn actor(desk: &Desk) -> Actor {
    Actor(desk.person.user.email.clone())
}

pub async fn cancel(ask: Ask, desk: Desk) -> Answer {
    let row = own(&ask, &desk).await?;
    let number = row.invoice.number;
    let why = match cancel_by(ask.app(), &desk.merchant, &row, actor(&desk)).await {
        Ok(()) => return Ok(ask.go_saying(&path(number), "flash-invoice-canceled")),
        Err(CommandFailed::Store(error)) => return Err(error.into()),
        Err(CommandFailed::NotFound) => return Err(Failed::NotFound),
        Err(CommandFailed::Refused(NotNow::MoneySeen)) => ask.w().text("cancel-money-seen"),
        Err(CommandFailed::Refused(NotNow::WrongState | NotNow::NotYet)) => ask.w().text("cancel-too-late"),
    };
    show(&ask, &desk, number, Some(Wrong { about: "cancel", why })).await
}

/// The money is on the merchant's own account, or it is not.
pub async fn upi(ask: Ask, desk: Desk) -> Answer {
    let (row, w) = (own(&ask, &desk).await?, ask.w());
    let (number, merchant) = (row.invoice.number, desk.merchant.id.clone());
    let again = |key: &str| Some(Wrong { about: "upi", why: w.text(key) });
    let charge = ChargeId::parse(ask.form.text("charge")).map_err(|_| ());
    let Ok(charge) = charge else { return show(&ask, &desk, number, again("upi-nothing-waits")).await };
    let of_it = ask.app().store.read(|tx| charges::of_invoice(tx, &merchant, number)).await?;
    if !of_it.iter().any(|row| row.charge.id == charge) {
        return show(&ask, &desk, number, again("upi-nothing-waits")).await;
    }
    let came = ask.form.text("came") == "yes";
    let rrn = match Rrn::parse(ask.form.text("rrn")) {
        Ok(rrn) => Some(rrn),
        Err(_) if came => return show(&ask, &desk, number, again("upi-rrn-wrong")).await,
        Err(_) => None,
    };
    let (worker, actor) = (ask.app().clone(), actor(&desk));
    let done = ask
        .app()
        .store
        .write(move |tx| {
            let (act, detail) = match &rrn {
                Some(rrn) if came => ("upi.confirm", format!("charge {charge}, {rrn}")),
                _ => ("upi.reject", format!("charge {charge}")),
            };
            match rrn {
                Some(rrn) if came => own_vpa::confirm(&worker, tx, &merchant, &charge, Some(rrn))?,
                _ => own_vpa::reject(&worker, tx, &merchant, &charge)?,
            };
            record_for(&worker, tx, &actor, &merchant, act, (about(number), detail))?;
            Ok::<_, Refused>(())
        })
        .await;
    match done {
        Ok(()) => {
            ask.app().wake.deliveries.notify_one();
            ask.app().wake.pages.notify_waiters();
            Ok(ask.go_saying(&path(number), if came { "flash-upi-confirmed" } else { "flash-upi-rejected" }))
        }
        Err(Refused::Store(error)) => Err(error.into()),
        Err(Refused::AlreadyUsed) => show(&ask, &desk, number, again("upi-rrn-used")).await,
        Err(Refused::NothingWaits) => show(&ask, &desk, number, again("upi-nothing-waits")).await,
        Err(Refused::Rrn(_)) => show(&ask, &desk, number, again("upi-rrn-wrong")).await,
    }
}

pub async fn resend(ask: Ask, desk: Desk) -> Answer {
    let number = own(&ask, &desk).await?.invoice.number;
    let (worker, merchant, actor) = (ask.app().clone(), desk.merchant.id.clone(), actor(&desk));
    let sent = ask
        .app()
        .store
        .write(move |tx| deliveries::resend_by(&worker, tx, &merchant, About::invoice(number), None, &actor))
        .await?;
    if sent == 0 {
        let why = ask.w().text("callbacks-none");
        return show(&ask, &desk, number, Some(Wrong { about: "callbacks", why })).await;
    }
    ask.app().wake.deliveries.notify_one();
    Ok(ask.go_saying(&path(number), "flash-callbacks-resent"))
}
