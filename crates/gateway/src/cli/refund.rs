//! `lockgate refund`: money back to a payer, whatever he paid with.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use domain::coin_refund::Source;
use domain::{ChargeId, MerchantId, RefundId, Units};

use super::merchant::id_of;
use super::place::Place;
use super::who::actor;
use super::{Outcome, say};
use crate::app::App;
use crate::app::charges::refunds::{of_charge, refundable};
use crate::app::coin_refunds::wallet::{self, Due};
use crate::app::coin_refunds::{self, acts};
use crate::app::refunds::{Decided, Refused, Wanted, decide, paid_charges};
use crate::checkout::qr::eip681;
use crate::store::Tx;
use crate::store::coin_refunds::{self as rows, CoinRefundRow};
use crate::wire::time::written;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    /// The operator's treasury, for what the operator owes the merchant.
    Treasury,
    /// The merchant's own wallet: he signs, the gateway looks at the chain.
    MerchantWallet,
}

/// Give money back: card and UPI through its provider, coins to an address that only the payer names, by a link mailed to him. Without
/// --amount or another act this only looks.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("act"))]
pub struct Refund {
    /// The merchant's number.
    merchant: i64,
    /// The invoice's number.
    invoice: i64,
    /// In what the payer paid with, e.g. 409.71; `all` for what is left.
    #[arg(long, value_name = "AMOUNT", group = "act")]
    amount: Option<String>,
    /// The charge, if the invoice has several that are paid.
    #[arg(long, value_name = "ID", conflicts_with_all = ["asset", "from"])]
    charge: Option<String>,
    /// The coin, if the invoice was paid in several.
    #[arg(long, value_name = "CODE")]
    asset: Option<String>,
    /// Who gives coins back.
    #[arg(long, value_name = "WHO")]
    from: Option<From>,
    /// Send the payer another link; the one before it is dead.
    #[arg(long, value_name = "REFUND", group = "act")]
    resend: Option<String>,
    /// Call a refund of coins off.
    #[arg(long, value_name = "REFUND", group = "act")]
    cancel: Option<String>,
    /// The transaction that the merchant's wallet has to sign, once the payer has confirmed an address.
    #[arg(long, value_name = "REFUND", group = "act")]
    unsigned: Option<String>,
    /// The merchant has paid it by --tx.
    #[arg(long, value_name = "REFUND", group = "act", requires = "tx")]
    paid: Option<String>,
    /// The hash of the merchant's transaction.
    #[arg(long, value_name = "HASH", requires = "paid")]
    tx: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Refund {
    pub async fn run(self) -> Outcome {
        let app = self.place.app().await?;
        let owner = id_of(&app.store, self.merchant).await?;
        let charge = self.charge.as_deref().map(ChargeId::parse).transpose()?;
        if let Some(amount) = &self.amount {
            let from = self.from.map(|from| match from {
                From::Treasury => Source::Treasury,
                From::MerchantWallet => Source::MerchantWallet,
            });
            let (amount, asset) = (amount.clone(), self.asset.clone());
            let wanted = Wanted { merchant: owner, invoice: self.invoice, amount, charge, asset, from };
            let worker = app.clone();
            let decided = app.store.write(move |tx| decide(&worker, tx, &wanted, &actor())).await;
            match decided? {
                Decided::Charge(refund) => {
                    say(&format!("Refund {} is set aside; the running gateway sends it.", refund.id));
                }
                Decided::Coins(row) => say(&format!(
                    "Refund {} waits for the payer: a link is in the outbox (`lockgate mails`), good until {} UTC.",
                    row.id,
                    written(row.link_ends.0)
                )),
            }
            return Ok(ExitCode::SUCCESS);
        }
        let acts = [&self.resend, &self.cancel, &self.unsigned, &self.paid];
        if let Some(id) = acts.into_iter().flatten().next() {
            return self.act(&app, &owner, RefundId::parse(id)?).await;
        }
        for line in app.store.read(|tx| lines(&app, tx, &owner, self.invoice, charge.as_ref())).await? {
            say(&line);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// An act on a refund of coins that is of this invoice.
    async fn act(&self, app: &crate::app::SharedApp, owner: &MerchantId, id: RefundId) -> Outcome {
        let row = app.store.read(|tx| acts::existing(tx, (owner, self.invoice), &id)).await?;
        if self.unsigned.is_some() {
            unsigned(app, &row)?;
            return Ok(ExitCode::SUCCESS);
        }
        let (worker, resend, cancel) = (app.clone(), self.resend.is_some(), self.cancel.is_some());
        let (hash, owner, invoice) = (self.tx.clone().unwrap_or_default(), owner.clone(), self.invoice);
        let act = move |tx: &Tx<'_>| match (resend, cancel) {
            (true, _) => acts::resend(&worker, tx, (&owner, invoice), &id, &actor()),
            (_, true) => acts::cancel(&worker, tx, (&owner, invoice), &id, &actor()),
            _ => wallet::report(&worker, tx, (&owner, invoice), &id, &hash, &actor()),
        };
        let row = app.store.write(act).await?;
        say(&match (resend, cancel) {
            (true, _) => format!("Another link is in the outbox, good until {} UTC.", written(row.link_ends.0)),
            (_, true) => format!("Refund {} is called off.", row.id),
            _ => format!("Refund {}: the running gateway looks at the transaction once it is final.", row.id),
        });
        Ok(ExitCode::SUCCESS)
    }
}

fn unsigned(app: &App, row: &CoinRefundRow) -> Result<(), Box<dyn std::error::Error>> {
    let request = wallet::unsigned(app, row)?;
    let Due { chain, asset, to, .. } = wallet::due(app, row)?;
    say(&format!("{} {} to {to}, from {}", row.units.decimal(asset.decimals, 0), row.asset, row.wallet));
    say(&format!("eth_sendTransaction: {request}"));
    say(&format!("link for a wallet: {}", eip681(chain.chain_id, (&asset.kind).into(), to, row.units.0)));
    Ok(())
}

/// What can be given back of an invoice, and what was.
fn lines(
    app: &App,
    tx: &Tx<'_>,
    owner: &MerchantId,
    invoice: i64,
    charge: Option<&ChargeId>,
) -> Result<Vec<String>, Refused> {
    let mut lines = Vec::new();
    let noted = |note: &Option<String>| note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
    for row in paid_charges(tx, owner, invoice, charge)? {
        let Some(money) = &row.charge.received else { continue };
        let digits = domain::fiat::minor_digits(&money.currency).unwrap_or(2);
        let (paid, left) = (money.units.decimal(digits, digits), refundable(tx, &row)?.decimal(digits, digits));
        lines.push(format!("{}: {paid} {} paid, {left} can be given back", row.charge.id, money.currency));
        for refund in of_charge(tx, owner, &row.charge.id)? {
            let amount = refund.units.decimal(digits, digits);
            lines.push(format!(
                "    {} {amount} {}, {}{}",
                refund.id,
                money.currency,
                refund.state.words(),
                noted(&refund.note)
            ));
        }
    }
    for (code, came) in coin_refunds::received(tx, owner, invoice)? {
        let left = coin_refunds::left(tx, (owner, invoice), &code, None, app.now())?;
        let shown = |units: Units| app.asset(&code).map_or(units.to_string(), |asset| units.decimal(asset.decimals, 0));
        lines.push(format!("{code}: {} came, {} can be given back", shown(came), shown(left)));
    }
    for row in rows::of_invoice(tx, owner, invoice)? {
        lines.push(coin_line(app, &row, &noted(&row.note)));
    }
    Ok(lines)
}

fn coin_line(app: &App, row: &CoinRefundRow, note: &str) -> String {
    use domain::coin_refund::State;
    let amount = app.asset(&row.asset).map_or(row.units.to_string(), |asset| row.units.decimal(asset.decimals, 0));
    let state = match (row.state, row.source) {
        (State::Asked, _) if app.now() < row.link_ends => {
            format!("the payer's link is good until {} UTC", written(row.link_ends.0))
        }
        (State::Asked, _) => "the payer's link has run out".into(),
        (State::Confirmed, Source::Treasury) => "confirmed; the treasury sends it".into(),
        (State::Confirmed, Source::MerchantWallet) => "confirmed; the merchant has to send it (--unsigned)".into(),
        (State::Reported, _) => "sent by the merchant; not final yet".into(),
        (State::Done, _) => "arrived".into(),
        (State::Failed, _) => "failed".into(),
        (State::Canceled, _) => "called off".into(),
    };
    let to = row.destination.as_ref().map_or(String::new(), |to| format!(" to {to}"));
    let by = row.tx_hash.as_ref().map_or(String::new(), |hash| format!(" by {hash}"));
    let transfer = row.transfer_id.as_ref().map_or(String::new(), |id| format!(" ({id})"));
    format!("    {} {amount} {}{to}{by}: {state}{transfer}{note}", row.id, row.asset)
}
