//! A settlement's statement, for the merchant it is of and for operators: proven against the ledger, shown or as a file.

use domain::MerchantId;
use domain::merchant::Merchant;

use super::ask::Ask;
use super::pages::{Answer, Failed, attachment};
use crate::app::settlements::statement::{NoStatement, Statement, statement};
use crate::app::settlements::table;
use crate::papers;

/// What a statement is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Pdf,
    Csv,
    /// As the command line prints it.
    Text,
}

/// One that the ledger does not bear out is not given.
pub async fn proven(ask: &Ask, merchant: &MerchantId, number: i64) -> Result<Statement, Failed> {
    match ask.app().store.read(|tx| statement(tx, merchant, number)).await {
        Ok(proven) => Ok(proven),
        Err(NoStatement::Store(error)) => Err(error.into()),
        Err(NoStatement::NotFound(_)) => Err(Failed::NotFound),
        Err(NoStatement::Disagrees(why)) => {
            tracing::error!(settlement = number, why, "A statement and the ledger disagree");
            Err(Failed::Unavailable)
        }
    }
}

pub async fn file(ask: &Ask, merchant: &Merchant, number: i64, format: Format) -> Answer {
    let (app, proven) = (ask.app(), proven(ask, &merchant.id, number).await?);
    let (content_type, ending, bytes) = match format {
        Format::Pdf => {
            let bytes = papers::of_settlement(app, merchant, proven, ask.w().lang).await?;
            ("application/pdf", "pdf", bytes)
        }
        Format::Csv => {
            let bytes = table::csv(app, &proven).map_err(|error| Failed::Page(error.to_string()))?;
            ("text/csv; charset=utf-8", "csv", bytes)
        }
        Format::Text => {
            let text = table::lines(app, &proven).join("\n") + "\n";
            ("text/plain; charset=utf-8", "txt", text.into_bytes())
        }
    };
    Ok(attachment(content_type, &format!("settlement-{number}.{ending}"), bytes))
}
