//! The form that pays to a card. Its number is treated as the wire treats it: sealed at once, never in a page, a log or a hash.

use askama::Template;
use domain::card::contains_number;
use domain::fund_books::CURRENCY;

use super::list::figures;
use super::{NEW, PATH, path};
use crate::app::CardIntake;
use crate::app::accounts::sessions::Desk;
use crate::app::acts::Actor;
use crate::app::payouts::{NewPayment, SendFailed, send as send_payment};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::create::Wrong;
use crate::dashboard::client::money::minor;
use crate::dashboard::frame::Frame;
use crate::dashboard::once;
use crate::dashboard::pages::{Answer, Failed};
use crate::store::transfers::Approval;
use crate::store::{StoreError, Tx, merchants, payouts, transfers};
use crate::wire::card_numbers::CardNumbers;
use crate::wire::params::{ParamValue, Params};
use crate::wire::payout::PayoutError;
use crate::wire::payout::request;

/// The form as it was sent, without what may be a card's number.
#[derive(Default)]
struct Typed {
    amount: String,
    first_name: String,
    last_name: String,
    expiry: String,
    own_data: String,
}

#[derive(Template)]
#[template(path = "dashboard/client/payout_new.html")]
struct Page {
    f: Frame,
    here: &'static str,
    free: String,
    limits: Text,
    second_person: Option<Text>,
    takes_cards: bool,
    once: String,
    typed: Typed,
    wrong: Wrong,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    show(&ask, &desk, None).await
}

async fn show(ask: &Ask, desk: &Desk, wrong: Option<Wrong>) -> Answer {
    let (app, w) = (ask.app(), ask.w());
    let read = |tx: &Tx<'_>| {
        Ok::<_, StoreError>((figures(ask, tx, desk)?.free, merchants::payout_rules(tx, &desk.merchant.id)?))
    };
    let (free, rules) = app.store.read(read).await?;
    let euros = |name, units| w.ltr(name, minor(units, CURRENCY));
    let limits = [euros("min", rules.min), euros("max", rules.max), euros("day", rules.day_max)];
    let is_again = wrong.is_some();
    let page = Page {
        f: ask.frame(w.text("payout-new").plain()).under(w.text("nav-payouts").plain(), PATH),
        here: NEW,
        free: minor(free, CURRENCY),
        limits: w.fill("payout-limits", &limits),
        second_person: rules.approval_above.map(|above| w.fill("payout-second-above", &[euros("amount", above)])),
        takes_cards: app.cards != CardIntake::ProviderOnly,
        once: once::fresh(app),
        typed: typed(ask),
        wrong: wrong.unwrap_or_default(),
    };
    if is_again { ask.show_again(&page) } else { ask.show(&page) }
}

/// What was typed, to be typed no second time; a field that holds a card's number is empty again.
fn typed(ask: &Ask) -> Typed {
    let numbers = CardNumbers::of(&params(ask));
    let text = |name: &str| {
        let text = ask.form.text(name);
        if contains_number(text) || numbers.are_in(text) { String::new() } else { text.chars().take(200).collect() }
    };
    Typed {
        amount: text("amount"),
        first_name: text("firstname"),
        last_name: text("lastname"),
        expiry: text("expiry"),
        own_data: text("merchant_data"),
    }
}

/// The form as "payment/send" has it.
fn params(ask: &Ask) -> Params {
    let text = |name: &str| ask.form.text(name).to_owned();
    let expiry = match text("expiry").split_once('/') {
        Some((month, year)) if month.len() == 2 && year.len() == 2 => format!("{month}/20{year}"),
        _ => text("expiry"),
    };
    let given = [
        ("amount", text("amount")),
        ("currency", CURRENCY.to_owned()),
        ("firstname", text("firstname")),
        ("lastname", text("lastname")),
        ("card_number", ask.form.text("card_number").replace([' ', '-'], "")),
        ("expiry", expiry),
        ("merchant_data", text("merchant_data")),
    ];
    let some = given.into_iter().filter(|(_, value)| !value.is_empty());
    Params::of(some.map(|(name, value)| (name.to_owned(), ParamValue::from_text(value))))
}

pub async fn send(ask: Ask, desk: Desk) -> Answer {
    let app = ask.app();
    let check_expiry = match app.cards {
        CardIntake::Direct { check_expiry: false } => None,
        CardIntake::Direct { check_expiry: true } | CardIntake::ProviderOnly => Some(app.now()),
    };
    let again = |field: &'static str, key: &str| Some(Wrong { field, why: ask.w().text(key).plain() });
    let (request, card) = match request::send_payment(&params(&ask), check_expiry) {
        Ok(read) => read,
        Err(refused) => return show(&ask, &desk, Some(in_words(&ask, refused))).await,
    };
    let own_data = request.merchant_data.as_deref().unwrap_or_default();
    let minor = request.minor.to_string();
    // of the number only what is shown
    let values = [&minor, &request.first_name, &request.last_name, &request.shown, &request.expiry, own_data];
    let Some(once) = once::key(&ask, &values) else {
        return show(&ask, &desk, again("", "payout-form-old")).await;
    };
    let new = NewPayment { request, card, idempotency: Some(once), asked_by: Actor(desk.person.user.email.clone()) };
    match send_payment(app, desk.merchant.clone(), new).await {
        Ok(answer) => made(&ask, &desk, &answer).await,
        Err(SendFailed::Store(error)) => Err(error.into()),
        Err(SendFailed::KeyReused) => show(&ask, &desk, again("", "payout-form-old")).await,
        Err(SendFailed::Limits) => show(&ask, &desk, again("amount", "payout-over-limits")).await,
        Err(SendFailed::Insufficient) => show(&ask, &desk, again("amount", "payout-too-little")).await,
        Err(SendFailed::Stopped(_)) => show(&ask, &desk, again("", "create-stopped")).await,
        Err(SendFailed::NoCards) => show(&ask, &desk, again("", "payout-no-cards")).await,
        Err(SendFailed::NoAccount) => show(&ask, &desk, again("", "payout-no-account")).await,
    }
}

/// To the payment that the wire's answer names.
async fn made(ask: &Ask, desk: &Desk, answer: &str) -> Answer {
    let number = serde_json::from_str::<serde_json::Value>(answer).ok();
    let number = number.and_then(|answer| answer.get("payment_id")?.as_i64()).ok_or(Failed::NotFound)?;
    let read = |tx: &Tx<'_>| {
        let row = payouts::existing(tx, &desk.merchant.id, number)?;
        transfers::existing(tx, &desk.merchant.id, &row.transfer_id)
    };
    let waits = ask.app().store.read(read).await?.approval == Approval::Wanted;
    Ok(ask.go_saying(&path(number), if waits { "flash-payout-waits" } else { "flash-payout-made" }))
}

fn in_words(ask: &Ask, refused: PayoutError) -> Wrong {
    let (field, key) = match refused {
        PayoutError::Required("amount") | PayoutError::Invalid("amount") => ("amount", "create-amount-wrong"),
        PayoutError::Required("firstname") | PayoutError::Invalid("firstname") => ("firstname", "payout-name-wrong"),
        PayoutError::Required("lastname") | PayoutError::Invalid("lastname") => ("lastname", "payout-name-wrong"),
        PayoutError::Required("card_number") | PayoutError::Invalid("card_number") => {
            ("card_number", "payout-card-wrong")
        }
        PayoutError::Required("expiry") | PayoutError::Invalid("expiry") => ("expiry", "payout-expiry-wrong"),
        PayoutError::Invalid("merchant_data") => ("merchant_data", "payout-own-data-wrong"),
        _ => ("", "payout-form-old"),
    };
    Wrong { field, why: ask.w().text(key).plain() }
}
