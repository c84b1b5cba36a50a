//! `lockgate upi`: payments to a merchant's own VPA, which only the merchant or his bank can confirm.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use domain::{AccountId, ChargeId, Time};
use rails::upi::rrn::Rrn;
use rails::upi::statement::{Format, read};

use super::merchant::id_of;
use super::place::Place;
use super::{Outcome, say};
use crate::app::charges::{own_vpa, statement};
use crate::store::{StoreError, charges, provider_accounts, provider_events};
use crate::wire::time::written;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FormatName {
    Csv,
    Mt940,
    Camt053,
}

#[derive(Debug, Subcommand)]
pub enum Upi {
    /// Payments that wait for the merchant, and credits of statements that settled nothing.
    Pending {
        /// The merchant's number.
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
    /// The money is on the account: settle the charge.
    Confirm {
        merchant: i64,
        charge: String,
        /// The reference number (RRN or UTR) of the credit, as the bank names it: not what the payer claims.
        #[arg(long, value_name = "RRN")]
        rrn: String,
        #[command(flatten)]
        place: Place,
    },
    /// The money is not there: the payer's claim is put aside.
    Reject {
        merchant: i64,
        charge: String,
        #[command(flatten)]
        place: Place,
    },
    /// Match a bank statement: each credit settles at most one charge, by reference number, amount and day.
    Import {
        merchant: i64,
        /// The own VPA's account, as `lockgate provider list` names it.
        account: String,
        file: PathBuf,
        #[arg(long, value_enum)]
        format: FormatName,
        #[command(flatten)]
        place: Place,
    },
}

impl Upi {
    pub async fn run(self) -> Outcome {
        match self {
            Upi::Pending { merchant, place } => return pending(merchant, &place).await,
            Upi::Confirm { merchant, charge, rrn, place } => {
                let app = place.app().await?;
                let (owner, charge) = (id_of(&app.store, merchant).await?, ChargeId::parse(&charge)?);
                let rrn = Some(Rrn::parse(&rrn)?);
                let worker = app.clone();
                let row = app.store.write(move |tx| own_vpa::confirm(&worker, tx, &owner, &charge, rrn)).await?;
                say(&format!("Charge {} of invoice {} is paid.", row.charge.id, row.invoice_number));
            }
            Upi::Reject { merchant, charge, place } => {
                let app = place.app().await?;
                let (owner, charge) = (id_of(&app.store, merchant).await?, ChargeId::parse(&charge)?);
                let worker = app.clone();
                let row = app.store.write(move |tx| own_vpa::reject(&worker, tx, &owner, &charge)).await?;
                say(&format!("Charge {} is {}.", row.charge.id, row.charge.state.name()));
            }
            Upi::Import { merchant, account, file, format, place } => {
                return import(merchant, &account, &file, format, &place).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn pending(merchant: i64, place: &Place) -> Outcome {
    let store = place.store()?;
    let owner = id_of(&store, merchant).await?;
    let lines = store
        .read(|tx| {
            let mut lines = Vec::new();
            let own = |row: &provider_accounts::AccountRow| row.merchant_id.as_ref() == Some(&owner);
            for account in provider_accounts::list(tx)?.into_iter().filter(own) {
                for row in charges::to_confirm(tx, &owner, &account.id, Time(0))? {
                    let claimed = row.claimed_rrn.as_ref().map_or(String::new(), |rrn| format!(", claimed with {rrn}"));
                    lines.push(format!(
                        "{} invoice {} {} {} {}, reference {}, {}{claimed}",
                        written(row.charge.created_at.0),
                        row.invoice_number,
                        row.charge.id,
                        row.charge.asked.units.decimal(2, 2),
                        row.charge.asked.currency,
                        row.reference.unwrap_or_default(),
                        row.charge.state.name(),
                    ));
                }
                for line in provider_events::unmatched(tx, &owner, &account.id)? {
                    let day = written(Time(line.day * domain::time::DAY).0);
                    let (amount, rrn) = (line.units.decimal(2, 2), line.rrn.unwrap_or_else(|| "no reference".into()));
                    let day = day.split(' ').next().unwrap_or_default();
                    lines.push(format!("{day} credit of {amount} INR, {rrn}: {} ({})", line.note, line.text));
                }
            }
            Ok::<_, StoreError>(lines)
        })
        .await?;
    if lines.is_empty() {
        say("Nothing waits.");
    }
    lines.iter().for_each(|line| say(line));
    Ok(ExitCode::SUCCESS)
}

async fn import(merchant: i64, account: &str, file: &std::path::Path, format: FormatName, place: &Place) -> Outcome {
    let format = match format {
        FormatName::Csv => Format::Csv(None),
        FormatName::Mt940 => Format::Mt940,
        FormatName::Camt053 => Format::Camt053,
    };
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let statement = read(&format, &bytes)?;
    for rejected in &statement.rejected {
        say(&format!("line {}: {}", rejected.line_number, rejected.why));
    }
    let app = place.app().await?;
    let owner = id_of(&app.store, merchant).await?;
    let refused = statement.rejected.len();
    let imported = statement::import(&app, &owner, &AccountId::parse(account)?, statement, None).await?;
    let statement::Imported { settled, known, unmatched, debits } = imported;
    say(&format!(
        "{settled} charges settled, {known} known before, {unmatched} credits settle nothing, {debits} debits, {refused} lines not read"
    ));
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
