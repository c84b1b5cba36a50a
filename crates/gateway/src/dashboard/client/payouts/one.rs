//! One payment to a card: what became of it, and what a second person may do.

use askama::Template;
use domain::access::Permission::MoveMoney;
use domain::transfer::State as TransferState;

use super::{PATH, badge, card, holder, path};
use crate::app::accounts::sessions::Desk;
use crate::app::acts::Actor;
use crate::app::payouts::{agree, happened};
use crate::app::transfers::acts::ActRefused;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::invoices::happened::{Happened, line};
use crate::dashboard::client::money::{Badge, minor};
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::payouts::{self, PayoutRow};
use crate::store::transfers::{Approval, TransferRow};
use crate::store::{StoreError, Tx};

#[derive(Template)]
#[template(path = "dashboard/client/payout.html")]
struct Page {
    f: Frame,
    number: i64,
    here: String,
    state: Badge,
    amount: String,
    holder: String,
    card: String,
    created: Stamp,
    changed: Stamp,
    asked_by: Option<String>,
    /// A word about the second person, where one is needed.
    approval: Option<Text>,
    transfer: Text,
    /// It does not go on without somebody at the operator's.
    is_parked: bool,
    failed: Option<String>,
    own_data: Option<String>,
    waits: bool,
    may_decide: bool,
    wrong: Option<Text>,
    happened: Vec<Happened>,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    let page = compose(&ask, &desk, None).await?;
    ask.show(&page)
}

async fn compose(ask: &Ask, desk: &Desk, wrong: Option<Text>) -> Result<Page, Failed> {
    let (number, w, merchant) = (ask.number("number")?, ask.w(), &desk.merchant.id);
    let read = |tx: &Tx<'_>| {
        let Some(row) = payouts::by_number(tx, merchant, number)? else { return Ok(None) };
        let (transfer, items) = happened::of_payment(tx, &row)?;
        Ok::<_, StoreError>(Some((row, transfer, items)))
    };
    let (row, transfer, items) = ask.app().store.read(read).await?.ok_or(Failed::NotFound)?;
    let title = w.fill("payout-title", &[w.ltr("number", number)]);
    Ok(Page {
        f: ask.frame(title.plain()).under(w.text("nav-payouts").plain(), PATH),
        number,
        here: path(number),
        state: badge(w, "payout", row.state),
        amount: minor(row.minor, &row.currency),
        holder: holder(&row),
        card: card(&row),
        created: ask.viewer.time(row.created_at),
        changed: ask.viewer.time(row.status_at),
        approval: approval(ask, &transfer),
        transfer: w.text(&format!("transfer-{}", transfer.state.name())),
        is_parked: transfer.parked.is_some() && transfer.state.is_open(),
        waits: waits(&transfer),
        may_decide: desk.access.may(MoveMoney) && waits(&transfer),
        asked_by: row.asked_by,
        failed: row.failed_reason,
        own_data: row.merchant_data,
        wrong,
        happened: items.into_iter().rev().map(|item| line(ask.app(), &ask.viewer, item)).collect(),
    })
}

fn waits(transfer: &TransferRow) -> bool {
    transfer.approval == Approval::Wanted && transfer.state == TransferState::Reserved
}

fn approval(ask: &Ask, transfer: &TransferRow) -> Option<Text> {
    match transfer.approval {
        Approval::NotNeeded => None,
        Approval::Given => Some(ask.w().text("payout-approved")),
        Approval::Wanted => Some(ask.w().text(if waits(transfer) { "payout-waits" } else { "payout-not-approved" })),
    }
}

pub async fn approve(ask: Ask, desk: Desk) -> Answer {
    decide(ask, desk, true).await
}

pub async fn refuse(ask: Ask, desk: Desk) -> Answer {
    decide(ask, desk, false).await
}

async fn decide(ask: Ask, desk: Desk, agrees: bool) -> Answer {
    let (number, app, merchant) = (ask.number("number")?, ask.app().clone(), desk.merchant.id.clone());
    app.store.read(|tx| payouts::by_number(tx, &merchant, number)).await?.ok_or(Failed::NotFound)?;
    let (worker, person) = (app.clone(), Actor(desk.person.user.email.clone()));
    let write = move |tx: &Tx<'_>| match agrees {
        true => agree::approve(&worker, tx, &merchant, number, &person),
        false => agree::refuse(&worker, tx, &merchant, number, &person),
    };
    let decided: Result<PayoutRow, ActRefused> = app.store.write(write).await;
    match decided {
        Ok(_) => {
            app.wake.providers.notify_one();
            app.wake.deliveries.notify_one();
            let said = if agrees { "flash-payout-approved" } else { "flash-payout-refused" };
            Ok(ask.go_saying(&path(number), said))
        }
        Err(ActRefused::Store(error)) => Err(error.into()),
        Err(why) => {
            let key = match why {
                ActRefused::SamePerson(_) => "payout-same-person",
                ActRefused::KeysMaker(_) => "refused-keys-maker",
                ActRefused::Stopped => "refused-stopped",
                ActRefused::Nobody | ActRefused::NoPerson(_) => "payout-no-person",
                _ => "payout-waits-for-nobody",
            };
            let page = compose(&ask, &desk, Some(ask.w().text(key))).await?;
            ask.show_again(&page)
        }
    }
}
