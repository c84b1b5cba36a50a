//! `/operator/`: what waits for the operator, and whether all is well. The page follows both (`dashboard/live.rs`).

pub(super) mod health;

use askama::Template;
use health::{ChainLine, RateLine, WorkLine};

use crate::app::App;
use crate::app::accounts::sessions::Person;
use crate::app::audit_job::standing;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::live;
use crate::dashboard::operator::{
    approvals, disputes, mails as mails_page, parked, payouts, providers, transfers as transfers_page, withheld,
};
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::disputes::DisputeState;
use crate::store::{StoreError, Tx, due, leases, mails, overviews, transfers};

/// What waits for the operator, counted.
#[derive(Hash)]
struct Waits {
    wallets: i64,
    changes: i64,
    transfers: i64,
    held: i64,
    disputed: i64,
    parked: Vec<(&'static str, i64)>,
    /// Accounts at providers that fail again and again, as this process has heard.
    failing: i64,
    failed_mails: i64,
}

fn waits(app: &App, tx: &Tx<'_>) -> Result<Waits, StoreError> {
    Ok(Waits {
        wallets: count(&overviews::wallets_to_validate(tx, MOST)?),
        changes: count(&overviews::wallet_changes(tx, MOST)?),
        transfers: count(&transfers::wanted(tx, MOST)?),
        held: count(&overviews::held_charges(tx, (domain::Time(i64::MIN), ""), MOST)?),
        disputed: count(&overviews::disputes(tx, DisputeState::Open, (domain::Time(i64::MAX), "", ""), MOST)?),
        parked: due::parked(tx)?,
        failing: i64::try_from(app.providers.heard.failing()).unwrap_or(i64::MAX),
        failed_mails: count(&mails::failed(tx, i64::MAX, MOST)?),
    })
}

/// Changes with what waits for the operator.
pub fn version(app: &App, tx: &Tx<'_>) -> Result<u64, StoreError> {
    let newest = overviews::newest_merchants(tx, 1)?.first().map(|listed| listed.merchant.number);
    Ok(live::digest(&(waits(app, tx)?, newest)))
}

/// Counted up to so many; more is shown as this and a plus.
const MOST: i64 = 100;
const NEWEST: i64 = 5;

struct Card {
    label: &'static str,
    count: String,
    is_none: bool,
    /// Where it is looked at.
    path: &'static str,
}

#[derive(Template)]
#[template(path = "dashboard/operator/home.html")]
struct Page {
    f: Frame,
    cards: Vec<Card>,
    newest: Vec<(i64, String, Stamp)>,
    chains: Vec<ChainLine>,
    works: Vec<WorkLine>,
    rates: Vec<RateLine>,
    database_works: bool,
    /// When the last audit ended, and whether it found the books proven.
    audit: Option<(Stamp, bool)>,
    at: Stamp,
}

fn card(label: &'static str, count: i64, most: i64, path: &'static str) -> Card {
    let shown = if count >= most { format!("{most}+") } else { count.to_string() };
    Card { label, count: shown, is_none: count == 0, path }
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let (app, now) = (ask.app(), ask.app().now());
    let read = |tx: &Tx<'_>| {
        let newest = overviews::newest_merchants(tx, NEWEST)?;
        let last = standing(tx, now)?.last;
        Ok::<_, StoreError>((waits(app, tx)?, due::oldest(tx)?, leases::list(tx)?, newest, last))
    };
    let (waits, oldest, leases, newest, audit) = ask.app().store.read(read).await?;
    let mut cards = vec![
        card("home-wallets", waits.wallets, MOST, approvals::PATH),
        card("home-changes", waits.changes, MOST, approvals::PATH),
        card("home-transfers-wanted", waits.transfers, MOST, approvals::PATH),
        card("nav-withheld", waits.held, MOST, withheld::PATH),
        card("home-disputes", waits.disputed, MOST, disputes::PATH),
        card("home-failing", waits.failing, MOST, providers::PATH),
        card("home-failed-mails", waits.failed_mails, MOST, mails_page::PATH),
    ];
    for (what, count) in waits.parked {
        let (label, path) = match what {
            "callbacks" => ("home-parked-callbacks", parked::CALLBACKS),
            "payments" => ("home-parked-payments", parked::PATH),
            "charges" => ("home-parked-charges", parked::PATH),
            "transfers" => ("home-parked-transfers", transfers_page::PARKED),
            _ => ("home-parked-lines", payouts::PATH),
        };
        cards.push(card(label, count, 1_000, path));
    }
    let newest = newest
        .into_iter()
        .map(|listed| (listed.merchant.number, listed.merchant.name, ask.viewer.time(listed.created_at)));
    ask.show(&Page {
        f: ask.frame(ask.w().text("nav-home").plain()),
        cards,
        newest: newest.collect(),
        chains: health::chains(app, &leases, now),
        // a sandbox sends no mail: its mailbox shows them
        works: health::works(oldest.into_iter().filter(|(work, _)| !(app.sandbox && *work == "mails")).collect(), now),
        rates: health::rates(app, now),
        database_works: app.store.works().await.is_ok(),
        audit: audit
            .map(|last| (ask.viewer.time(domain::Time(last.ended_at)), last.findings == 0 && last.failed.is_none())),
        at: ask.viewer.time(now),
    })
}
