//! The receipt of a paid invoice: as a file, and by mail to the payer; of one that is open, the way to pay it.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::acts::{actor, own};
use super::one::{Wrong, show};
use super::path;
use crate::app::accounts::sessions::Desk;
use crate::app::payer_mails::{Kind, Refused, send};
use crate::checkout::headers::page_headers;
use crate::dashboard::ask::Ask;
use crate::dashboard::pages::{Answer, Failed};
use crate::papers::{self, receipt};
use crate::store::storefronts;

pub async fn file(ask: Ask, desk: Desk) -> Answer {
    let row = own(&ask, &desk).await?;
    let number = row.invoice.number;
    if Kind::of(&row) != Some(Kind::Receipt) {
        return Ok(ask.go_saying(&path(number), "flash-receipt-unpaid"));
    }
    let pdf = receipt::document(ask.w().lang, &desk.merchant.name, ask.app().sandbox, &row);
    let kind = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"receipt-{number}.pdf\"")),
    ];
    Ok((StatusCode::OK, page_headers(None), kind, pdf).into_response())
}

/// One mail for each press; the page says which kind it offered.
pub async fn mail(ask: Ask, desk: Desk) -> Answer {
    let row = own(&ask, &desk).await?;
    let number = row.invoice.number;
    let again = |key: &str| Some(Wrong { about: "mail", why: ask.w().text(key) });
    let kept = ask.app().store.read(|tx| storefronts::of(tx, &desk.merchant.id)).await?;
    let written = papers::letter(ask.app(), &desk.merchant, &row, papers::language(&kept))?;
    let offered = match ask.form.text("what") {
        "receipt" => Some(Kind::Receipt),
        "invoice" => Some(Kind::Invoice),
        _ => None,
    };
    let once = ask.form.text("once");
    let is_ours = once.len() == 32 && once.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Some((kind, letter)) = written.filter(|(kind, _)| is_ours && offered == Some(*kind)) else {
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
