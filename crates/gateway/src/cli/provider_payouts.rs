//! `lockgate provider payouts`.

use std::process::ExitCode;

use clap::Args;
use domain::ChargeId;
use domain::charge::Money;

use super::place::Place;
use super::who::actor;
use super::{Outcome, say};
use crate::app::provider_payouts::{ArrivedRefused, arrived};
use crate::store::provider_payouts::{LineState, kind_name, line_name, lines, of_merchant, state_name};
use crate::store::{StoreError, merchants};
use crate::wire::time::written;

#[derive(Debug, Args)]
pub struct Shown {
    /// The merchant's number; every merchant without it.
    #[arg(long, value_name = "N")]
    merchant: Option<i64>,
    /// Only what needs somebody's eyes.
    #[arg(long)]
    parked: bool,
    /// A charge on a merchant's own account whose money has reached his bank, though no report of the provider says so.
    #[arg(long, value_name = "CHARGE", requires = "evidence", conflicts_with_all = ["merchant", "parked"])]
    arrived: Option<String>,
    /// What shows it: a line of the bank's statement, for instance. It is written in the log of acts.
    #[arg(long, requires = "arrived")]
    evidence: Option<String>,
    #[command(flatten)]
    place: Place,
}

fn shown(money: &Money) -> String {
    let digits = domain::fiat::minor_digits(&money.currency).unwrap_or(2);
    format!("{} {}", money.units.decimal(digits, digits), money.currency)
}

impl Shown {
    pub async fn run(self) -> Outcome {
        if let (Some(charge), Some(evidence)) = (&self.arrived, &self.evidence) {
            let (charge, evidence) = (ChargeId::parse(charge)?, evidence.clone());
            let app = self.place.app().await?;
            let worker = app.clone();
            let done = app.store.write(move |tx| arrived(&worker, tx, &charge, &evidence, &actor()));
            done.await.map_err(|error: ArrivedRefused| error)?;
            say("It is booked as paid out.");
            return Ok(ExitCode::SUCCESS);
        }
        let wanted = self.merchant;
        let store = self.place.store()?;
        let said = store.read(|tx| {
            let mut said = Vec::new();
            for owner in merchants::list(tx)?.into_iter().filter(|owner| wanted.is_none_or(|n| n == owner.number)) {
                for payout in of_merchant(tx, &owner.id)? {
                    if self.parked && payout.note.is_none() {
                        continue;
                    }
                    said.push(format!(
                        "{} merchant {} {} {}: {} {}{}",
                        written(payout.seen_at.0),
                        owner.number,
                        payout.account_id,
                        payout.payout_id,
                        shown(&payout.money),
                        state_name(payout.state),
                        payout.note.as_ref().map_or(String::new(), |note| format!(" ({note})")),
                    ));
                    for line in lines(tx, &payout)? {
                        if self.parked && line.state != LineState::Parked {
                            continue;
                        }
                        said.push(format!(
                            "    {} {} of {}: {}{}",
                            kind_name(line.kind),
                            shown(&line.money),
                            line.charge_id.as_ref().map_or(line.about.clone(), ToString::to_string),
                            line_name(line.state),
                            line.note.as_ref().map_or(String::new(), |note| format!(" ({note})")),
                        ));
                    }
                }
            }
            Ok::<_, StoreError>(said)
        });
        let said = said.await?;
        if said.is_empty() {
            say("No payouts.");
        }
        said.iter().for_each(|line| say(line));
        Ok(ExitCode::SUCCESS)
    }
}
