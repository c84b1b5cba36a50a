//! `lockgate audit`.

use std::process::ExitCode;

use clap::Args;

use super::place::Place;
use super::{Outcome, say};
use crate::app::audit::audit;

#[derive(Debug, Args)]
pub struct Audit {
    #[command(flatten)]
    place: Place,
}

impl Audit {
    pub async fn run(self) -> Outcome {
        let store = self.place.store()?;
        let report = match store.read(audit).await {
            Ok(report) => report,
            Err(error) => {
                say(&format!("NOT PROVEN: {error}"));
                return Ok(ExitCode::FAILURE);
            }
        };
        for finding in &report.findings {
            say(&format!("WRONG: {}: {}", finding.row, finding.what));
        }
        say(&format!(
            "{} books, {} entries, {} accounts, {} invoices, {} charges, {} refunds, {} disputes, {} transfers, {} acts: {}",
            report.books,
            report.entries,
            report.accounts,
            report.invoices,
            report.charges,
            report.refunds,
            report.disputes,
            report.transfers,
            report.acts,
            if report.findings.is_empty() {
                "the books are proven".into()
            } else {
                format!("{} findings", report.findings.len())
            }
        ));
        Ok(if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
