//! `/operator/rails`: how payments come in and money goes out, as the configuration has it, and how chains and rates do now. Nothing is
//! changed here: what is on, addresses and caps stand in the configuration file.

use std::collections::BTreeMap;

use askama::Template;
use domain::charge::Method;
use domain::{Time, Units};

use super::home::health::{LAG_BLOCKS, span};
use super::transfers::amount;
use crate::app::App;
use crate::app::accounts::sessions::Person;
use crate::app::chains::Chain;
use crate::app::rates::MAX_DIVERGENCE_PERCENT;
use crate::app::treasury::wallets::{Wallets, name_of};
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::chain_txs::{self, Purpose};
use crate::store::{StoreError, Tx, leases, overviews, provider_accounts};

pub const PATH: &str = "/operator/rails";

/// A way to pay, and how many accounts serve it.
struct Rail {
    label: &'static str,
    detail: String,
    is_on: bool,
}

struct TreasuryOf {
    address: String,
    is_here: bool,
    caps: (u64, u64),
    /// What is to become the treasury, and when.
    waiting: Option<(String, Stamp)>,
    /// Another wallet than the configured one is worked with still.
    active: Option<String>,
}

struct Line {
    title: String,
    name: String,
    chain_id: u64,
    head: Option<u64>,
    read: Option<u64>,
    lag: u64,
    newest: Option<Stamp>,
    trouble: Option<String>,
    tone: (&'static str, &'static str),
    follower: Option<String>,
    /// After how many blocks anything is final.
    final_after: u64,
    coins: Vec<String>,
    /// What the books say lies in the treasury.
    books: Vec<String>,
    treasury: Option<TreasuryOf>,
    gas_key: Option<String>,
    fee_wallet: String,
    /// Transactions that are not final: of the treasury, of the gas key.
    open: (usize, usize),
}

struct RateLine {
    name: String,
    price: Option<String>,
    sources: Vec<(String, String, (&'static str, i64))>,
    apart: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/operator/rails.html")]
struct Page {
    f: Frame,
    rails: Vec<Rail>,
    chains: Vec<Line>,
    rates: Vec<RateLine>,
    most_apart: u32,
    at: Stamp,
}

/// What one read of the database says of a chain.
struct Known {
    wallets: Wallets,
    open: (usize, usize),
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let (app, now) = (ask.app(), ask.app().now());
    let mut names: Vec<&String> = app.chains.keys().collect();
    names.sort();
    let read = |tx: &Tx<'_>| {
        let mut known = Vec::new();
        for name in &names {
            let open = |purpose| Ok::<_, StoreError>(chain_txs::open(tx, name, purpose)?.len());
            let open = (open(Purpose::Transfer)?, open(Purpose::Flush)?);
            known.push(Known { wallets: Wallets::read(tx, name)?, open });
        }
        let mut books: BTreeMap<String, (Units, Units)> = BTreeMap::new();
        for (asset, debit, credit) in overviews::treasury_books(tx)? {
            let sum = books.entry(asset).or_default();
            let out = |_| StoreError::Inconsistent("the treasury's books are out of range".into());
            *sum = (sum.0.plus(debit).map_err(out)?, sum.1.plus(credit).map_err(out)?);
        }
        Ok::<_, StoreError>((known, books, leases::list(tx)?, provider_accounts::list(tx)?))
    };
    let (known, books, leases, accounts) = app.store.read(read).await?;
    let used = |method| accounts.iter().filter(|row| row.method == method && row.active).count();
    let rail = |label, count: usize| Rail { label, detail: count.to_string(), is_on: count > 0 };
    let coins = app.payable_assets().count();
    let rails = vec![
        rail("rail-crypto", coins),
        rail("rail-card", used(Method::Card)),
        rail("rail-upi", used(Method::Upi)),
        rail("rail-payout", used(Method::Payout)),
    ];
    let chains = names.iter().zip(known).filter_map(|(name, known)| {
        let chain = app.chains.get(*name)?;
        let lease = format!("follow {name}");
        let follower = leases.iter().find(|(held, _, until)| *held == lease && *until > now);
        Some(line(&ask, chain, known, follower.map(|(_, holder, _)| holder.clone()), &books))
    });
    let page = Page {
        f: ask.frame(ask.w().text("nav-rails").plain()),
        rails,
        chains: chains.collect(),
        rates: rates(app, now),
        most_apart: MAX_DIVERGENCE_PERCENT,
        at: ask.viewer.time(now),
    };
    ask.show(&page)
}

fn line(
    ask: &Ask,
    chain: &Chain,
    known: Known,
    follower: Option<String>,
    books: &BTreeMap<String, (Units, Units)>,
) -> Line {
    let (app, health) = (ask.app(), chain.health());
    let lag = health.head.unwrap_or(0).saturating_sub(health.read_up_to.unwrap_or(0));
    let tone = match (&health.trouble, health.head, &follower) {
        (Some(_), ..) => ("bad", "chain-trouble"),
        (None, Some(_), _) if lag > LAG_BLOCKS => ("wait", "chain-behind"),
        (None, Some(_), _) => ("good", "chain-followed"),
        (None, None, Some(_)) => ("plain", "rails-elsewhere"),
        (None, None, None) => ("wait", "chain-nobody"),
    };
    let held = |code: &str| {
        let (debit, credit) = books.get(code)?;
        let sign = if credit > debit { "−" } else { "" };
        Some(format!("{sign}{}", amount(app, code, Units(debit.0.abs_diff(credit.0)))))
    };
    Line {
        title: chain.title.clone(),
        name: chain.name.clone(),
        chain_id: chain.chain_id,
        head: health.head,
        read: health.read_up_to,
        lag,
        newest: health.newest_block.and_then(|(seconds, _)| {
            let millis = i64::try_from(seconds).ok()?.checked_mul(1_000)?;
            Some(ask.viewer.time(Time(millis)))
        }),
        trouble: health.trouble,
        tone,
        follower,
        final_after: chain.confirmations.deepest(),
        coins: chain.assets.iter().map(|asset| asset.symbol.clone()).collect(),
        books: chain.assets.iter().filter_map(|asset| held(&asset.code)).collect(),
        treasury: chain.treasury.as_ref().map(|treasury| TreasuryOf {
            address: name_of(treasury.address()),
            is_here: treasury.key().is_some(),
            caps: (treasury.caps.daily, treasury.caps.transfer),
            waiting: known.wallets.waiting().map(|(address, at)| (name_of(address), ask.viewer.time(at))),
            active: known.wallets.active().filter(|active| *active != treasury.address()).map(name_of),
        }),
        gas_key: chain.gas_key.as_ref().map(|key| name_of(key.address())),
        fee_wallet: name_of(chain.fee_wallet),
        open: known.open,
    }
}

fn rates(app: &App, now: Time) -> Vec<RateLine> {
    let line = |(name, rate): (String, Result<domain::rate::Rate, _>)| {
        let (mut quotes, apart) = app.rates.quotes(&name, now);
        quotes.sort_by(|one, other| one.source.cmp(&other.source));
        let source =
            |quote: domain::rate::Quote| (quote.source, quote.price.normalize().to_string(), span(now.since(quote.at)));
        let fixed = rate.as_ref().ok().filter(|_| quotes.is_empty()).cloned();
        let mut sources: Vec<_> = quotes.into_iter().map(source).collect();
        sources.extend(fixed.map(|rate| (rate.source, rate.price.to_string(), span(0))));
        RateLine {
            price: rate.ok().map(|rate| rate.price.to_string()),
            sources,
            apart: apart.map(|apart| apart.normalize().to_string()),
            name,
        }
    };
    app.rates.all(now).into_iter().map(line).collect()
}
