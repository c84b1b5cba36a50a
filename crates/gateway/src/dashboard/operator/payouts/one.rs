//! `/operator/payouts/one`: what is in one payout of a provider, as its report says, and what became of each line.

use askama::Template;
use domain::AccountId;

use super::{Line, PATH, ROWS, line, path, state};
use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::transfers::amount;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::{StoreError, Tx, merchants, provider_payouts};

#[derive(Template)]
#[template(path = "dashboard/operator/payout_one.html")]
struct Page {
    f: Frame,
    amount: String,
    payout: String,
    account: String,
    merchant: (i64, String),
    state: (&'static str, String),
    seen: Stamp,
    changed: Stamp,
    note: Option<String>,
    lines: Vec<Line>,
    /// This page from its beginning, when it is a later part of it.
    first: Option<String>,
    next: Option<String>,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let (number, account, payout) = (ask.query("merchant"), ask.query("account"), ask.query("payout").to_owned());
    if number.is_empty() && account.is_empty() && payout.is_empty() {
        return Ok(ask.go(PATH));
    }
    let (Ok(number), Ok(account)) = (number.parse::<i64>(), AccountId::parse(account)) else {
        return Err(Failed::NotFound);
    };
    let after = ask.query("after").to_owned();
    let read = |tx: &Tx<'_>| {
        let Some(merchant) = merchants::by_number(tx, number)? else { return Ok(None) };
        let Some(row) = provider_payouts::by_id(tx, &merchant.id, &account, &payout)? else { return Ok(None) };
        let lines = provider_payouts::lines_after(tx, &row, &after, super::limit())?;
        Ok::<_, StoreError>(Some((merchant, row, lines)))
    };
    let (merchant, row, mut lines) = ask.app().store.read(read).await?.ok_or(Failed::NotFound)?;
    let here = path(merchant.number, &row);
    let more = lines.len() > ROWS;
    lines.truncate(ROWS);
    let next = lines.last().filter(|_| more).map(|last| {
        let after = form_urlencoded::Serializer::new(String::new()).append_pair("after", &last.line_id).finish();
        format!("{here}&{after}")
    });
    let f = ask.frame(row.payout_id.clone()).under(ask.w().text("nav-reports").plain(), PATH);
    ask.show(&Page {
        f,
        amount: amount(ask.app(), &row.money.currency, row.money.units),
        account: row.account_id.to_string(),
        state: state(row.state),
        seen: ask.viewer.time(row.seen_at),
        changed: ask.viewer.time(row.changed_at),
        note: row.note,
        payout: row.payout_id,
        lines: lines.into_iter().map(|row| line(&ask, row, merchant.number)).collect(),
        merchant: (merchant.number, merchant.name),
        first: (!after.is_empty()).then_some(here),
        next,
    })
}
