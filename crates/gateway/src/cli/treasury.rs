//! `lockgate treasury`: making a key, looking at what a treasury holds, declaring what was put in.

use std::path::PathBuf;
use std::process::ExitCode;

use alloy_primitives::B256;
use clap::Subcommand;
use domain::Units;
use domain::ledger::{Kind, Owner};
use rails::evm::keystore;
use zeroize::Zeroizing;

use super::place::Place;
use super::treasury_offline::{Export, Import};
use super::who::actor;
use super::{Outcome, say};
use crate::app::App;
use crate::app::chains::{Chain, Treasury};
use crate::app::treasury::compare::{Holding, compare, sums};
use crate::app::treasury::send::sent_today;
use crate::app::treasury::unseen::top_up_any;
use crate::app::treasury::wallets::{self, Wallets};
use crate::config::TREASURY_PASSPHRASE_ENV;
use crate::random::Random;
use crate::store::chain_txs::{self, Purpose};
use crate::store::transfers;
use crate::store::treasury_moves::Direction;
use crate::wire::time::written;

#[derive(Debug, Subcommand)]
pub enum TreasuryCommand {
    /// Make a key, encrypted by the passphrase in LOCKGATE_TREASURY_PASSPHRASE, and say its address.
    New {
        /// The file to make: an Ethereum JSON keystore.
        #[arg(long, value_name = "FILE")]
        key_file: PathBuf,
    },
    /// Each treasury: its address, what the books and the chain say it holds, what is on its way, what was sent today.
    Show {
        #[command(flatten)]
        place: Place,
    },
    /// Give out what is due, as a file to be signed by `lockgate sign` on another machine. For `signer = "offline"`.
    Export(Export),
    /// Take a signed file in: compared with what went out, field by field, then sent.
    Import(Import),
    /// Call off the change to another treasury that waits.
    CancelChange {
        /// The chain, if several are configured.
        #[arg(long, value_name = "NAME")]
        chain: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Declare what came to a treasury in a transaction as the operator's own, also what came before the gateway looked at it.
    TopUp {
        /// The transaction's hash.
        #[arg(long, value_name = "HASH")]
        tx: String,
        /// The chain, if several are configured.
        #[arg(long, value_name = "NAME")]
        chain: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}

impl TreasuryCommand {
    pub async fn run(self) -> Outcome {
        match self {
            TreasuryCommand::New { key_file } => new(&key_file),
            TreasuryCommand::Show { place } => show(&place).await,
            TreasuryCommand::Export(export) => export.run().await,
            TreasuryCommand::Import(import) => import.run().await,
            TreasuryCommand::CancelChange { chain, place } => cancel_change(chain, &place).await,
            TreasuryCommand::TopUp { tx, chain, place } => declare(&tx, chain, &place).await,
        }
    }
}

/// Shorter ones are guessed: the file may be stolen, and then nothing slows the guessing down but its encryption.
const SHORTEST_PASSPHRASE: usize = 12;

fn new(key_file: &std::path::Path) -> Outcome {
    let passphrase = std::env::var(TREASURY_PASSPHRASE_ENV).map(Zeroizing::new).unwrap_or_default();
    if passphrase.chars().count() < SHORTEST_PASSPHRASE {
        let what =
            format!("set {TREASURY_PASSPHRASE_ENV} to a passphrase of at least {SHORTEST_PASSPHRASE} characters");
        return Err(what.into());
    }
    let key = Zeroizing::new(hex::encode(Zeroizing::new(Random::system().token_bytes::<32>())));
    let made =
        keystore::seal(key_file, &key, &passphrase).map_err(|error| format!("{}: {error}", key_file.display()))?;
    say(&format!("{} is in {}.", made.address(), key_file.display()));
    say("Keep a copy of the file and the passphrase apart from each other: without both, its coins are lost.");
    Ok(ExitCode::SUCCESS)
}

async fn show(place: &Place) -> Outcome {
    let app = place.app().await?;
    let holdings = compare(&app).await?;
    let mut agree = true;
    let mut chains: Vec<&Chain> = app.chains.values().collect();
    chains.sort_by(|one, other| one.name.cmp(&other.name));
    let treasuries: Vec<_> = chains.iter().filter_map(|chain| Some((*chain, chain.treasury.as_ref()?))).collect();
    if treasuries.is_empty() {
        say("No treasury is configured.");
    }
    for (chain, treasury) in treasuries {
        let gas = chain.rpc.balance(treasury.address()).await?;
        let gas = Units(u128::try_from(gas).unwrap_or(u128::MAX)).decimal(18, 0);
        let signer = if treasury.key().is_some() { "signed for here" } else { "signed for offline" };
        say(&format!("{}: {}, {signer}, {gas} of native coin for gas", chain.title, treasury.address()));
        let wallets = app.store.read(|tx| Wallets::read(tx, &chain.name)).await?;
        about_wallets(chain, &wallets).iter().for_each(|line| say(&format!("    {line}")));
        for holding in holdings.iter().filter(|holding| holding.chain == chain.name) {
            agree &= holding.agrees();
            say(&format!("    {}", held(holding)));
            say(&format!("        {}", used(&app, chain, treasury, holding).await?));
        }
        let open = app.store.read(|tx| chain_txs::open(tx, &chain.name, Purpose::Transfer)).await?;
        for sent in open {
            let note = sent.note.map_or(String::new(), |note| format!(" ({note})"));
            let state = if sent.state == "unsigned" { "out to be signed" } else { &sent.state };
            say(&format!("    nonce {}: {state}{note}", sent.nonce));
        }
        if treasury.key().is_none() {
            let now = app.now();
            let due = app.store.read(|tx| transfers::to_sign(tx, &chain.name, now, 1_000)).await?.len();
            say(&format!("    {due} transfers wait for `lockgate treasury export`"));
        }
    }
    for sum in app.store.read(sums).await?.into_iter().filter(|sum| sum.kind == Kind::Fx && !sum.net.is_zero()) {
        let decimals = decimals_of(&app, &sum.asset);
        say(&format!("position from conversions: {} {}", sum.net.decimal(decimals), sum.asset));
    }
    Ok(if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An asset's decimals, or a currency's.
pub fn decimals_of(app: &App, code: &str) -> u8 {
    let asset = app.asset(code).map(|asset| asset.decimals);
    asset.or_else(|| domain::fiat::minor_digits(code)).unwrap_or(0)
}

/// One coin's line: books and chain.
pub fn held(holding: &Holding) -> String {
    let Holding { asset, block, .. } = holding;
    let decimals = asset.decimals;
    let on_chain = match holding.on_chain.map(u128::try_from) {
        Some(Ok(units)) => Units(units).decimal(decimals, 0),
        Some(Err(_)) | None => "no balance".into(),
    };
    let books = holding.books.decimal(decimals);
    let seen = match (holding.seen.debit, holding.seen.credit) {
        (Units::ZERO, Units::ZERO) => String::new(),
        (came, left) => {
            format!(" (not final yet: {} in, {} out)", came.decimal(decimals, 0), left.decimal(decimals, 0))
        }
    };
    let verdict = if holding.agrees() { "" } else { ": THEY DIFFER" };
    format!("{}: {books} in the books{seen}, {on_chain} on the chain in block {block}{verdict}", asset.code)
}

async fn used(
    app: &App,
    chain: &Chain,
    treasury: &Treasury,
    holding: &Holding,
) -> Result<String, Box<dyn std::error::Error>> {
    let (code, now) = (&holding.asset.code, app.now());
    let sent = app.store.read(|tx| sent_today(tx, &chain.name, code, now)).await?;
    let sent = sent.decimal(holding.asset.decimals, 0);
    let caps = treasury.caps;
    Ok(format!("sent today (UTC): {sent} of {}; at most {} in one transfer", caps.daily, caps.transfer))
}

/// The chain that is named, or the only one with a treasury.
pub fn chain_with_treasury(app: &App, name: Option<String>) -> Result<&Chain, String> {
    if let Some(name) = name {
        return app.chains.get(&name).ok_or(format!("there is no chain {name}"));
    }
    let mut chains = app.chains.values().filter(|chain| chain.treasury.is_some());
    match (chains.next(), chains.next()) {
        (Some(chain), None) => Ok(chain),
        _ => Err("name the chain with --chain".into()),
    }
}

async fn cancel_change(chain: Option<String>, place: &Place) -> Outcome {
    let app = place.app().await?;
    let chain = chain_with_treasury(&app, chain)?.name.clone();
    let (worker, name) = (app.clone(), chain.clone());
    let canceled = app.store.write(move |tx| wallets::cancel(&worker, tx, &name, &actor())).await?;
    let Some(canceled) = canceled else { return Err(format!("no change of the treasury on {chain} waits").into()) };
    say(&format!("{} does not become the treasury on {chain}.", canceled.address));
    say("The configuration still names it: mend that, or it is asked for anew at the next start.");
    Ok(ExitCode::SUCCESS)
}

/// What there is to say of a treasury's wallets beside the one that is configured.
pub fn about_wallets(chain: &Chain, wallets: &Wallets) -> Vec<String> {
    let mut lines = Vec::new();
    let named = chain.treasury.as_ref().map(|treasury| treasury.address());
    let active = wallets.active();
    if active != named {
        let active = active.map_or("none yet: start the gateway once".into(), |active| active.to_string());
        lines.push(format!("the treasury is {active}"));
    }
    if let Some((waiting, at)) = wallets.waiting() {
        let at = written(at.0);
        lines.push(format!(
            "CHANGE: {waiting} becomes the treasury on {at} UTC; `lockgate treasury cancel-change` calls it off"
        ));
    }
    for former in wallets.ours().into_iter().filter(|wallet| Some(*wallet) != active) {
        lines.push(format!("{former} was the treasury before, and is still followed"));
    }
    lines
}

async fn declare(hash: &str, chain: Option<String>, place: &Place) -> Outcome {
    let app = place.app().await?;
    let hash: B256 = hash.parse().map_err(|_| format!("{hash} is no transaction hash"))?;
    let chain = chain_with_treasury(&app, chain)?.name.clone();
    let rows = top_up_any(&app, &chain, hash, &actor().0).await?;
    for row in &rows {
        let amount = row.units.decimal(decimals_of(&app, &row.asset), 0);
        if row.direction == Direction::Out {
            say(&format!("{amount} {} only went to {}: they are in the books again.", row.asset, row.counterparty));
            continue;
        }
        say(&format!("{amount} {} are the operator's capital now.", row.asset));
    }
    Ok(ExitCode::SUCCESS)
}

/// What came in and who holds it, by asset.
pub fn who_holds(app: &App, sums: &[crate::app::treasury::compare::Sum]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut last = "";
    for sum in sums.iter().filter(|sum| !sum.net.is_zero()) {
        if sum.asset != last {
            lines.push(format!("{}:", sum.asset));
            last = &sum.asset;
        }
        let owner = if sum.owner == Owner::Merchant { "merchants'" } else { "operator's" };
        let (there, side) = match sum.net.debit > sum.net.credit {
            true => (sum.net.decimal(decimals_of(app, &sum.asset)), "lies there"),
            false => {
                let turned = crate::app::treasury::compare::Net { debit: sum.net.credit, credit: sum.net.debit };
                (turned.decimal(decimals_of(app, &sum.asset)), "is owed or kept")
            }
        };
        lines.push(format!("    {owner} {}: {there} {side}", sum.kind.name()));
    }
    lines
}
