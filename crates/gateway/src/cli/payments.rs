//! `lockgate payments`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::payments_claim::claim;
use super::place::Place;
use super::{Outcome, say};
use crate::store::charges::ChargeRow;
use crate::store::payments::{finality_name, parked, placement_name};
use crate::store::{StoreError, attempts, charges, merchants};
use crate::wire::time::written;

#[derive(Debug, Subcommand)]
pub enum Payments {
    /// Money that counts towards no invoice (paid again, too late, wrong coin or amount): coins went to the merchant's wallet, card and
    /// UPI money lies at the provider.
    Parked {
        /// The merchant's number; every merchant without it.
        #[arg(long, value_name = "N")]
        merchant: Option<i64>,
        #[command(flatten)]
        place: Place,
    },
    /// A payer says that he has paid, and nothing is recorded: compare the invoice's addresses with the chain.
    Claim {
        /// The merchant's number.
        #[arg(long, value_name = "N")]
        merchant: i64,
        #[arg(long, value_name = "N")]
        invoice: i64,
        /// The transaction the payer names: why it counts, or not.
        #[arg(long, value_name = "HASH")]
        tx: Option<String>,
        /// Move unexplained money to the merchant's and the fee wallet, which also records it.
        #[arg(long)]
        flush: bool,
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

impl Payments {
    pub async fn run(self) -> Outcome {
        let (merchant, place) = match self {
            Payments::Parked { merchant, place } => (merchant, place),
            Payments::Claim { merchant, invoice, tx, flush, config } => {
                return claim(&config, merchant, invoice, tx.as_deref(), flush).await;
            }
        };
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
        let charged = store
            .read(|tx| {
                let mut lines = Vec::new();
                for owner in merchants::list(tx)?.into_iter().filter(|m| merchant.is_none_or(|n| n == m.number)) {
                    for row in charges::parked(tx, &owner.id, 500)? {
                        lines.extend(charge_line(owner.number, &row));
                    }
                    for row in charges::surpluses(tx, &owner.id, 500)? {
                        lines.extend(surplus_line(owner.number, &row));
                    }
                }
                Ok::<_, StoreError>(lines)
            })
            .await?;
        let lines = [lines, charged].concat();
        if lines.is_empty() {
            say("No parked payments.");
        }
        lines.iter().for_each(|line| say(line));
        Ok(ExitCode::SUCCESS)
    }
}

/// What a provider took beyond a charge: only there it can be given back.
fn surplus_line(merchant: i64, row: &ChargeRow) -> Option<String> {
    let money = row.charge.received.as_ref()?;
    let digits = domain::fiat::minor_digits(&money.currency).unwrap_or(2);
    Some(format!(
        "{} merchant {merchant} invoice {} surplus {} {} by {} ({}; give it back there)",
        written(row.changed_at.0),
        row.invoice_number,
        row.surplus_left().decimal(digits, digits),
        money.currency,
        row.charge.id,
        row.charge.provider,
    ))
}

/// A card or UPI payment that counts towards nothing: it lies at the provider and can be given back with `lockgate refund`.
fn charge_line(merchant: i64, row: &ChargeRow) -> Option<String> {
    let (money, placement) = (row.charge.received.as_ref()?, row.charge.placement?);
    let digits = domain::fiat::minor_digits(&money.currency).unwrap_or(2);
    Some(format!(
        "{} merchant {merchant} invoice {} {} {} {} by {} ({}, {})",
        written(row.changed_at.0),
        row.invoice_number,
        placement.name(),
        money.units.decimal(digits, digits),
        money.currency,
        row.charge.id,
        row.charge.provider,
        row.charge.state.name(),
    ))
}
