//! `lockgate payments`.

use std::process::ExitCode;

use clap::Subcommand;

use super::place::Place;
use super::{Outcome, say};
use crate::store::payments::{finality_name, parked, placement_name};
use crate::store::{StoreError, attempts, merchants};
use crate::wire::time::written;

#[derive(Debug, Subcommand)]
pub enum Payments {
    /// Money that counts towards no invoice (paid again, too late, wrong coin): it went to the merchant's wallet.
    Parked {
        /// The merchant's number; every merchant without it.
        #[arg(long, value_name = "N")]
        merchant: Option<i64>,
        #[command(flatten)]
        place: Place,
    },
}

impl Payments {
    pub async fn run(self) -> Outcome {
        let Payments::Parked { merchant, place } = self;
        let store = place.store()?;
        let lines = store
            .read(|tx| {
                let mut lines = Vec::new();
                for owner in merchants::list(tx)?.into_iter().filter(|m| merchant.is_none_or(|n| n == m.number)) {
                    for row in parked(tx, &owner.id, 500)? {
                        let attempt = attempts::existing(tx, &owner.id, &row.payment.attempt_id)?;
                        lines.push(format!(
                            "{} merchant {} invoice {} {} {} {} base units from {} to 0x{} in {} ({}{})",
                            written(row.seen_at.0),
                            owner.number,
                            row.invoice_number,
                            placement_name(row.payment.placement),
                            row.payment.asset,
                            row.payment.units,
                            row.sender,
                            hex::encode(attempt.address),
                            row.payment.on_chain.tx_hash,
                            finality_name(row.payment.finality),
                            if row.payment.flushed_by.is_some() { ", with the merchant" } else { "" },
                        ));
                    }
                }
                Ok::<_, StoreError>(lines)
            })
            .await?;
        if lines.is_empty() {
            say("No parked payments.");
        }
        lines.iter().for_each(|line| say(line));
        Ok(ExitCode::SUCCESS)
    }
}
