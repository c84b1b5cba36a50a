//! The invoice as a file in any of its states, and once it is paid its receipt; either by mail to the payer.

use super::acts::{actor, own};
use super::one::{Wrong, show};
use super::path;
use crate::app::accounts::sessions::Desk;
use crate::app::payer_mails::{Kind, Refused, send};
use crate::dashboard::ask::Ask;
use crate::dashboard::once;
use crate::dashboard::pages::{Answer, Failed, attachment};
use crate::papers;
use crate::store::storefronts;

pub async fn file(ask: Ask, desk: Desk) -> Answer {
    let row = own(&ask, &desk).await?;
    let number = row.invoice.number;
    if Kind::of(&row) != Some(Kind::Receipt) {
        return Ok(ask.go_saying(&path(number), "flash-receipt-unpaid"));
    }
    let pdf = papers::of_invoice(ask.app(), &desk.merchant, &row, ask.w().lang, Kind::Receipt).await?;
    Ok(attachment("application/pdf", &format!("receipt-{number}.pdf"), pdf))
}

pub async fn invoice(ask: Ask, desk: Desk) -> Answer {
    let row = own(&ask, &desk).await?;
    let pdf = papers::of_invoice(ask.app(), &desk.merchant, &row, ask.w().lang, Kind::Invoice).await?;
    Ok(attachment("application/pdf", &format!("invoice-{}.pdf", row.invoice.number), pdf))
}

/// One mail for each press; the page says which kind it offered.
pub async fn mail(ask: Ask, desk: Desk) -> Answer {
    let row = own(&ask, &desk).await?;
    let number = row.invoice.number;
    let again = |key: &str| Some(Wrong { about: "mail", why: ask.w().text(key) });
    let kept = ask.app().store.read(|tx| storefronts::of(tx, &desk.merchant.id)).await?;
    let written = papers::letter(ask.app(), &desk.merchant, &row, papers::language(&kept)).await?;
    let offered = match ask.form.text("what") {
        "receipt" => Some(Kind::Receipt),
        "invoice" => Some(Kind::Invoice),
        _ => None,
    };
    let written = written.filter(|(kind, _)| offered == Some(*kind));
    let (Some((kind, letter)), Some(once)) = (written, once::of(&ask)) else {
        return show(&ask, &desk, number, again("mail-not-now")).await;
    };
    let (app, merchant, who, cause) = (ask.app().clone(), desk.merchant.clone(), actor(&desk), format!("form {once}"));
    let send = move |tx: &crate::store::Tx<'_>| send(&app, tx, (&merchant, number), (kind, &letter), &cause, &who);
    match ask.app().store.write(send).await {
        Ok(()) => Ok(ask.go_saying(&path(number), "flash-mail-written")),
        Err(Refused::Store(error)) => Err(Failed::Store(error)),
        Err(Refused::NotNow) => show(&ask, &desk, number, again("mail-not-now")).await,
        Err(Refused::Enough) => show(&ask, &desk, number, again("mail-enough")).await,
    }
}
