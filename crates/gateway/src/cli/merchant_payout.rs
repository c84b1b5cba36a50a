//! `lockgate merchant payout`.

use std::process::ExitCode;

use clap::Args;
use domain::Units;
use domain::fee::BasisPoints;

use super::merchant::id_of;
use super::place::Place;
use super::{Outcome, say};
use crate::store::{StoreError, merchants};

#[derive(Debug, Args)]
pub struct PayoutCommand {
    /// The merchant's number.
    merchant: i64,
    /// The smallest payment, in EUR.
    #[arg(long, value_name = "EUR")]
    min: Option<String>,
    /// The largest payment, in EUR.
    #[arg(long, value_name = "EUR")]
    max: Option<String>,
    /// All payments of a day (UTC), in EUR.
    #[arg(long, value_name = "EUR")]
    day_max: Option<String>,
    /// Above this, in EUR, a second person must agree; `none` for never.
    #[arg(long, value_name = "EUR")]
    approval_above: Option<String>,
    /// What the operator keeps of new funds, in hundredths of a percent.
    #[arg(long, value_name = "BPS")]
    spread_bps: Option<i64>,
    #[command(flatten)]
    place: Place,
}

fn euros(text: &str) -> Result<Units, String> {
    Units::parse(text, 2).map_err(|_| format!("{text} is no amount in EUR, such as 10 or 10.50"))
}

impl PayoutCommand {
    pub async fn run(self) -> Outcome {
        let store = self.place.office().await?.0;
        let id = id_of(&store, self.merchant).await?;
        let read = |text: &Option<String>| text.as_deref().map(euros).transpose();
        let (min, max, day_max) = (read(&self.min)?, read(&self.max)?, read(&self.day_max)?);
        let approval = match self.approval_above.as_deref() {
            None => None,
            Some("none") => Some(None),
            Some(text) => Some(Some(euros(text)?)),
        };
        let spread = self.spread_bps.map(BasisPoints::new).transpose()?;
        let rules = store
            .write(move |tx| {
                let mut rules = merchants::payout_rules(tx, &id)?;
                rules.min = min.unwrap_or(rules.min);
                rules.max = max.unwrap_or(rules.max);
                rules.day_max = day_max.unwrap_or(rules.day_max);
                rules.approval_above = approval.unwrap_or(rules.approval_above);
                rules.spread = spread.unwrap_or(rules.spread);
                merchants::set_payout_rules(tx, &id, &rules)?;
                Ok::<_, StoreError>(rules)
            })
            .await?;
        let approval =
            rules.approval_above.map_or("never".to_owned(), |above| format!("above {} EUR", above.decimal(2, 2)));
        say(&format!(
            "Payments of {} to {} EUR, {} EUR a day; a second person: {approval}; {} hundredths of a percent of funds are kept.",
            rules.min.decimal(2, 2),
            rules.max.decimal(2, 2),
            rules.day_max.decimal(2, 2),
            rules.spread.get()
        ));
        Ok(ExitCode::SUCCESS)
    }
}
