//! `lockgate audit`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::place::Place;
use super::treasury::{held, who_holds};
use super::{Outcome, say};
use crate::app::audit::{audit, check_files};
use crate::app::treasury::compare::{compare, sums};
use crate::store::archive::file::File;
use crate::store::{StoreError, Tx};

#[derive(Debug, Args)]
pub struct Audit {
    #[command(flatten)]
    place: Place,
    /// Compare the treasuries with their chains, too, and say who holds what of each asset.
    #[arg(long)]
    chain: bool,
    /// Look into these archives, too: what left the database is there, unchanged.
    #[arg(long, value_name = "FILE")]
    archive: Vec<PathBuf>,
}

impl Audit {
    pub async fn run(self) -> Outcome {
        let store = self.place.store()?;
        let files = self.archive.iter().map(|path| File::look_at(path)).collect::<Result<Vec<_>, _>>()?;
        let named: Vec<&File> = files.iter().collect();
        let prove = |tx: &Tx<'_>| {
            let mut report = audit(tx)?;
            let looked = check_files(tx, &named, &mut report)?;
            Ok::<_, StoreError>((report, looked))
        };
        let (report, looked) = match store.read(prove).await {
            Ok(proven) => proven,
            Err(error) => {
                say(&format!("NOT PROVEN: {error}"));
                return Ok(ExitCode::FAILURE);
            }
        };
        for finding in &report.findings {
            say(&format!("WRONG: {}: {}", finding.row, finding.what));
        }
        say(&format!(
            "{} books, {} entries, {} accounts, {} invoices, {} charges, {} refunds, {} disputes, {} transfers, {} treasury moves, \
             {} acts: {}",
            report.books,
            report.entries,
            report.accounts,
            report.invoices,
            report.charges,
            report.refunds,
            report.disputes,
            report.transfers,
            report.moves,
            report.acts,
            if report.findings.is_empty() {
                "the books are proven".into()
            } else {
                format!("{} findings", report.findings.len())
            }
        ));
        if report.archived > 0 || looked.begun > 0 {
            say(&format!(
                "{} events are in archives: {} of them looked at, in {} steps; {} steps are in files that were not named, {} were begun only",
                report.archived, looked.events, looked.segments, looked.elsewhere, looked.begun
            ));
        }
        let on_chain = if self.chain { self.compare().await? } else { true };
        Ok(if report.findings.is_empty() && on_chain { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Books against chains; whether they agree.
    async fn compare(&self) -> Result<bool, Box<dyn std::error::Error>> {
        let app = self.place.app().await?;
        for line in who_holds(&app, &app.store.read(sums).await?) {
            say(&line);
        }
        let holdings = compare(&app).await?;
        for holding in &holdings {
            let word = if holding.agrees() { "" } else { "WRONG: " };
            let wallets: Vec<String> = holding.wallets.iter().map(ToString::to_string).collect();
            say(&format!("{word}treasury {} {}", wallets.join(" and "), held(holding)));
        }
        let differ = holdings.iter().filter(|holding| !holding.agrees()).count();
        say(&match (holdings.len(), differ) {
            (0, _) => "no treasury to compare with its chain".into(),
            (_, 0) => "the treasury's coins on the chain are those in the books".into(),
            (_, differ) => {
                format!("{differ} balances differ; coins that were there before the gateway watched are in no book")
            }
        });
        Ok(differ == 0)
    }
}
