//! `lockgate settlement`: what merchants are settled for card and UPI money, on which terms.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use domain::fee::BasisPoints;
use domain::settlement::{Schedule, Terms};
use domain::{MerchantId, Time};

use super::merchant::id_of;
use super::place::Place;
use super::{Outcome, say};
use crate::app::SharedApp;
use crate::app::settlements::{agree, settle, statement::statement, table};
use crate::checkout::messages::Lang;
use crate::papers;
use crate::store::settlements::SettlementRow;
use crate::store::{StoreError, merchants, settlement_terms, settlements, transfers};
use crate::wire::time::written;

#[derive(Debug, Subcommand)]
pub enum Settlement {
    /// A merchant's terms and settlements.
    List {
        /// The merchant's number.
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
    /// A settlement, what it is made of, and where its transfer stands.
    Show {
        merchant: i64,
        /// The settlement's number.
        number: i64,
        #[command(flatten)]
        place: Place,
    },
    /// A settlement's statement, proven against the ledger; without a number of the last one.
    Statement(StatementOf),
    /// Change what was agreed with a merchant; what is not named stays.
    Set(Set),
    /// Settle a merchant now, whatever the schedule says.
    Now {
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
pub struct StatementOf {
    merchant: i64,
    number: Option<i64>,
    /// Write it as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write it as PDF.
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScheduleName {
    #[value(name = "per_payment")]
    PerPayment,
    Daily,
    Threshold,
}

#[derive(Debug, Args)]
pub struct Set {
    merchant: i64,
    #[arg(long, value_enum)]
    schedule: Option<ScheduleName>,
    /// For the schedule `threshold`: whole coins.
    #[arg(long, value_name = "COINS")]
    threshold: Option<u64>,
    /// The part kept back of each charge, in hundredths of a percent: 0 to 9999.
    #[arg(long, value_name = "BPS", value_parser = clap::value_parser!(i64).range(0..10_000))]
    reserve_bps: Option<i64>,
    /// For how many days it is kept back.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=730))]
    reserve_days: Option<u32>,
    /// The operator's part of the coins for the conversion, in hundredths of a percent: 0 to 9999.
    #[arg(long, value_name = "BPS", value_parser = clap::value_parser!(i64).range(0..10_000))]
    spread_bps: Option<i64>,
    /// Settle nothing until this is `false` again.
    #[arg(long, value_name = "BOOL")]
    paused: Option<bool>,
    #[command(flatten)]
    place: Place,
}

impl Settlement {
    pub async fn run(self) -> Outcome {
        match self {
            Settlement::List { merchant, place } => list(&place.app().await?, merchant).await,
            Settlement::Show { merchant, number, place } => show(&place.app().await?, merchant, number).await,
            Settlement::Statement(wanted) => wanted.run().await,
            Settlement::Set(set) => set.run().await,
            Settlement::Now { merchant, place } => now(&place.app().await?, merchant).await,
        }
    }
}

fn say_terms(terms: &Terms) {
    let when = match terms.schedule {
        Schedule::PerPayment => "each charge as soon as it is free".to_owned(),
        Schedule::Daily => "once a UTC day, what was paid on the days before".to_owned(),
        Schedule::Threshold(coins) => format!("as soon as it comes to {coins} coins"),
    };
    say(&format!(
        "{} ({when}), reserve {} bps for {} days, spread {} bps{}",
        terms.schedule.name(),
        terms.reserve.get(),
        terms.reserve_days,
        terms.spread.get(),
        if terms.paused { ", PAUSED" } else { "" },
    ));
}

fn line(app: &SharedApp, row: &SettlementRow) -> String {
    let decimals = app.asset(&row.asset).map_or(0, |asset| asset.decimals);
    let hash = row.tx_hash.as_deref().unwrap_or("-");
    format!(
        "{}  {}  {} {}  to {}  {}  {hash}",
        row.number,
        written(row.created_at.0),
        row.units.decimal(decimals, 2),
        row.asset,
        row.wallet,
        row.state.words(),
    )
}

async fn all(app: &SharedApp, merchant: &MerchantId) -> Result<Vec<SettlementRow>, StoreError> {
    let (mut all, mut last) = (Vec::new(), 0);
    loop {
        let rows = app.store.read(|tx| settlements::after(tx, merchant, last)).await?;
        let Some(end) = rows.last() else { return Ok(all) };
        last = end.number;
        all.extend(rows);
    }
}

async fn list(app: &SharedApp, merchant: i64) -> Outcome {
    let id = id_of(&app.store, merchant).await?;
    say_terms(&app.store.read(|tx| settlement_terms::of(tx, &id)).await?.terms);
    for row in all(app, &id).await? {
        say(&line(app, &row));
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(app: &SharedApp, merchant: i64, number: i64) -> Outcome {
    let id = id_of(&app.store, merchant).await?;
    let found = app.store.read(|tx| statement(tx, &id, number)).await?;
    say(&line(app, &found.settlement));
    let transfer = &found.transfer;
    let why = transfer.parked.as_ref().or(transfer.note.as_ref());
    say(&format!(
        "transfer {}: {}{}",
        transfer.id,
        transfer.state.words(),
        why.map_or(String::new(), |why| format!(" ({why})"))
    ));
    for reserve in app.store.read(|tx| settlements::reserves(tx, &id, number)).await? {
        let digits = domain::fiat::minor_digits(&reserve.kept.currency).unwrap_or(2);
        let (kept, until) = (reserve.kept.units.decimal(digits, digits), written(reserve.release_at.0));
        say(&format!(
            "reserve of {}: {kept} {} {} ({until})",
            reserve.charge_id,
            reserve.kept.currency,
            reserve.state.name()
        ));
    }
    table::lines(app, &found).iter().for_each(|line| say(line));
    Ok(ExitCode::SUCCESS)
}

impl StatementOf {
    async fn run(self) -> Outcome {
        let app = self.place.app().await?;
        let id = id_of(&app.store, self.merchant).await?;
        let number = match self.number {
            Some(number) => number,
            None => all(&app, &id).await?.last().ok_or("this merchant has no settlement yet")?.number,
        };
        let found = app.store.read(|tx| statement(tx, &id, number)).await?;
        if let Some(path) = &self.csv {
            std::fs::write(path, table::csv(&app, &found)?)?;
        }
        if let Some(path) = &self.pdf {
            let merchant = app.store.read(|tx| merchants::existing(tx, &id)).await?;
            std::fs::write(path, papers::of_settlement(&app, &merchant, found.clone(), Lang::En).await?)?;
        }
        if self.csv.is_none() && self.pdf.is_none() {
            table::lines(&app, &found).iter().for_each(|line| say(line));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Set {
    async fn run(self) -> Outcome {
        let app = self.place.app().await?;
        let id = id_of(&app.store, self.merchant).await?;
        let mut terms = app.store.read(|tx| settlement_terms::of(tx, &id)).await?.terms;
        terms.schedule = match (self.schedule, self.threshold) {
            (Some(ScheduleName::PerPayment), None) => Schedule::PerPayment,
            (Some(ScheduleName::Daily), None) => Schedule::Daily,
            (Some(ScheduleName::Threshold), Some(coins)) if coins > 0 => Schedule::Threshold(coins),
            (None, None) => terms.schedule,
            _ => return Err("--threshold, above zero, goes with --schedule threshold and with no other".into()),
        };
        if let Some(bps) = self.reserve_bps {
            terms.reserve = BasisPoints::new(bps)?;
        }
        if let Some(bps) = self.spread_bps {
            terms.spread = BasisPoints::new(bps)?;
        }
        terms.reserve_days = self.reserve_days.unwrap_or(terms.reserve_days);
        terms.paused = self.paused.unwrap_or(terms.paused);
        let actor = format!("cli {}", std::env::var("USER").unwrap_or_default());
        let at: Time = app.now();
        app.store.write(move |tx| agree(tx, &id, terms, actor.trim_end(), at)).await?;
        say_terms(&terms);
        Ok(ExitCode::SUCCESS)
    }
}

async fn now(app: &SharedApp, merchant: i64) -> Outcome {
    let id = id_of(&app.store, merchant).await?;
    let worker = app.clone();
    let made = app.store.write(move |tx| settle(&worker, tx, &id, true)).await?;
    if made.is_empty() {
        say("Nothing to settle: nothing is owed and free, settlement is paused, or the merchant has no active wallet.");
    }
    for row in made {
        say(&line(app, &row));
        let id = &row.merchant_id;
        let transfer = app.store.read(|tx| transfers::existing(tx, id, &row.transfer_id)).await?;
        say(&format!("transfer {}: {}; the running gateway sends it", transfer.id, transfer.state.words()));
    }
    Ok(ExitCode::SUCCESS)
}
