//! `/operator/merchants`: all of them, by number, with a search.

use askama::Template;
use domain::merchant::Wallet;

use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::overviews;
use crate::store::{StoreError, Tx};

/// Of a page.
const ROWS: usize = 40;

struct Line {
    number: i64,
    name: String,
    email: String,
    is_stopped: bool,
    wallet: (&'static str, &'static str),
    since: Stamp,
}

#[derive(Template)]
#[template(path = "dashboard/operator/merchants.html")]
struct Page {
    f: Frame,
    asked: String,
    lines: Vec<Line>,
    is_first: bool,
    /// Where the next page begins.
    next: Option<String>,
}

/// What a wallet's state is called, and its colour.
pub(super) fn wallet_state(wallet: &Wallet) -> (&'static str, &'static str) {
    match wallet {
        Wallet::Missing => ("merchant-wallet-missing", "plain"),
        Wallet::Pending(_) => ("merchant-wallet-pending", "wait"),
        Wallet::Active(_) => ("merchant-wallet-active", "good"),
    }
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let asked: String = ask.query("q").chars().take(100).collect();
    let after = ask.query("after").parse().unwrap_or(0);
    let limit = i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1);
    let (part, number) = (asked.clone(), asked.parse().ok());
    let read = |tx: &Tx<'_>| {
        let named = number.map(|number: i64| overviews::merchants(tx, "", number.saturating_sub(1), 1)).transpose()?;
        let named = named.into_iter().flatten().find(|listed| Some(listed.merchant.number) == number);
        Ok::<_, StoreError>((named, overviews::merchants(tx, &part, after, limit)?))
    };
    let (named, mut found) = ask.app().store.read(read).await?;
    if let Some(named) = named {
        // a number names one; while it is typed, that one stands first
        if !ask.is_partial() {
            return Ok(ask.go(&super::merchant::path(named.merchant.number)));
        }
        found.retain(|listed| listed.merchant.number != named.merchant.number);
        found.insert(0, named);
    }
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let last = found.last().map(|listed| listed.merchant.number).filter(|_| more);
    let lines = found.into_iter().map(|listed| Line {
        number: listed.merchant.number,
        is_stopped: listed.merchant.stopped.is_some(),
        wallet: wallet_state(&listed.merchant.wallet),
        name: listed.merchant.name,
        email: listed.merchant.email,
        since: ask.viewer.time(listed.created_at),
    });
    let next = last.map(|last| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &asked).append_pair("after", &last.to_string());
        format!("{}?{}", super::MERCHANTS, query.finish())
    });
    let lines = lines.collect();
    ask.show(&Page { f: ask.frame(ask.w().text("nav-merchants").plain()), asked, lines, is_first: after == 0, next })
}
