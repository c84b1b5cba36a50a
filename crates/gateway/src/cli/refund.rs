//! `lockgate refund`: giving card and UPI money back through its provider.

use std::process::ExitCode;

use clap::Args;
use domain::charge::State;
use domain::{ChargeId, Units};

use super::merchant::id_of;
use super::place::Place;
use super::who::actor;
use super::{Outcome, say};
use crate::app::acts;
use crate::app::charges::refunds::{RefundRefused, of_charge, refundable, reserve};
use crate::app::transfers::acts::{ASKED, about};
use crate::store::{StoreError, Tx, charges};

/// Give card or UPI money back through its provider. The running gateway sends it; without --amount this only looks.
#[derive(Debug, Args)]
pub struct Refund {
    /// The merchant's number.
    merchant: i64,
    /// The invoice's number.
    invoice: i64,
    /// In the currency the payer was charged in, e.g. 409.71; `all` for what is left.
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
    /// The charge, if the invoice has several that are paid.
    #[arg(long, value_name = "ID")]
    charge: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Refund {
    pub async fn run(self) -> Outcome {
        let app = self.place.app().await?;
        let owner = id_of(&app.store, self.merchant).await?;
        let wanted = self.charge.as_deref().map(ChargeId::parse).transpose()?;
        let paid = app
            .store
            .read(|tx| {
                let mut paid = Vec::new();
                for row in charges::of_invoice(tx, &owner, self.invoice)? {
                    let is_wanted = wanted.as_ref().is_none_or(|id| *id == row.charge.id);
                    if row.charge.state == State::Paid && is_wanted {
                        paid.push((refundable(tx, &row)?, of_charge(tx, &owner, &row.charge.id)?, row));
                    }
                }
                Ok::<_, StoreError>(paid)
            })
            .await?;
        for (left, refunds, row) in &paid {
            let Some(money) = &row.charge.received else { continue };
            let digits = domain::fiat::minor_digits(&money.currency).unwrap_or(2);
            let (paid, left) = (money.units.decimal(digits, digits), left.decimal(digits, digits));
            say(&format!("{}: {paid} {} paid, {left} can be given back", row.charge.id, money.currency));
            for refund in refunds {
                let note = refund.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
                let amount = refund.units.decimal(digits, digits);
                say(&format!("    {} {amount} {}, {}{note}", refund.id, money.currency, refund.state.words()));
            }
        }
        let Some(amount) = &self.amount else { return Ok(ExitCode::SUCCESS) };
        let [(left, _, row)] = &paid[..] else {
            return Err(match paid.len() {
                0 => "no charge of this invoice is paid; coins are given back from the merchant's wallet".into(),
                _ => "several charges are paid: name one with --charge".into(),
            });
        };
        let currency = row.charge.received.as_ref().map_or("", |money| money.currency.as_str());
        let units = match amount.as_str() {
            "all" => *left,
            text => Units::parse(text, domain::fiat::minor_digits(currency).unwrap_or(2))?,
        };
        let (worker, charge) = (app.clone(), row.charge.id.clone());
        let decide = move |tx: &Tx<'_>| {
            let refund = reserve(&worker, tx, &owner, &charge, units)?;
            let detail = format!("{} {} smallest units of charge {charge}", refund.units, refund.asset);
            acts::record(&worker, tx, &actor(), ASKED, about(&refund.id), detail)?;
            Ok::<_, RefundRefused>(refund)
        };
        let refund = app.store.write(decide).await?;
        say(&format!("Refund {} is set aside; the running gateway sends it.", refund.id));
        Ok(ExitCode::SUCCESS)
    }
}
