//! `lockgate merchant payout`.

use std::process::ExitCode;

use clap::Args;
use domain::fee::BasisPoints;
use domain::{MerchantId, Units};

use super::merchant::id_of;
use super::merchant_setup::wallet_address;
use super::place::Place;
use super::who::actor;
use super::{Outcome, say};
use crate::app::SharedApp;
use crate::app::funds::senders;
use crate::app::payouts::rules::{RulesChange, change};
use crate::store::merchants::PayoutRules;
use crate::store::{StoreError, payout_senders};
use crate::wire::time::written;

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
    /// Funds come from this wallet; with such a list, from no other. Another one than the first waits (a day, or `payees.wait_hours`).
    #[arg(long, value_name = "ADDRESS")]
    sender: Vec<String>,
    /// Take a wallet off that list; the last one waits.
    #[arg(long, value_name = "ADDRESS")]
    remove_sender: Vec<String>,
    #[command(flatten)]
    place: Place,
}

fn euros(text: &str) -> Result<Units, String> {
    Units::parse(text, 2).map_err(|_| format!("{text} is no amount in EUR, such as 10 or 10.50"))
}

impl PayoutCommand {
    pub async fn run(self) -> Outcome {
        let (app, wait) = (self.place.app().await?, self.place.payee_wait()?);
        let id = id_of(&app.store, self.merchant).await?;
        let read = |text: &Option<String>| text.as_deref().map(euros).transpose();
        let wanted = RulesChange {
            min: read(&self.min)?,
            max: read(&self.max)?,
            day_max: read(&self.day_max)?,
            approval_above: match self.approval_above.as_deref() {
                None => None,
                Some("none") => Some(None),
                Some(text) => Some(Some(euros(text)?)),
            },
            spread: self.spread_bps.map(BasisPoints::new).transpose()?,
        };
        let wallets = |given: &[String]| given.iter().map(|text| wallet_address(text)).collect::<Result<Vec<_>, _>>();
        let (added, removed) = (wallets(&self.sender)?, wallets(&self.remove_sender)?);
        let (worker, merchant, told) = (app.clone(), id.clone(), !added.is_empty() || !removed.is_empty());
        let rules = app.store.write(move |tx| {
            for wallet in &added {
                senders::add(&worker, tx, &merchant, wallet, wait, &actor())?;
            }
            for wallet in &removed {
                senders::remove(&worker, tx, &merchant, wallet, wait, &actor())?;
            }
            Ok::<_, senders::SenderRefused>(change(&worker, tx, &merchant, wanted, &actor())?)
        });
        show(&rules.await?);
        show_senders(&app, &id).await?;
        if told {
            say(&format!("The merchant's notice {}", self.place.outbox()?));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(rules: &PayoutRules) {
    let approval =
        rules.approval_above.map_or("never".to_owned(), |above| format!("above {} EUR", above.decimal(2, 2)));
    say(&format!(
        "Payments of {} to {} EUR, {} EUR a day; a second person: {approval}; {} hundredths of a percent of funds are kept.",
        rules.min.decimal(2, 2),
        rules.max.decimal(2, 2),
        rules.day_max.decimal(2, 2),
        rules.spread.get()
    ));
}

async fn show_senders(app: &SharedApp, merchant: &MerchantId) -> Result<(), StoreError> {
    let now = app.now();
    let list = app.store.read(|tx| payout_senders::of_merchant(tx, merchant)).await?;
    for row in list.iter().filter(|row| row.is_listed(now)) {
        let from = match row.effective_at > now {
            true => format!(" from {} UTC on", written(row.effective_at.0)),
            false => String::new(),
        };
        let until = row.ends_at.map_or_else(String::new, |end| format!(" until {} UTC", written(end.0)));
        say(&format!("Funds come from {}{from}{until}", row.wallet));
    }
    Ok(())
}
