//! Money back to a payer, whatever he paid with: one act for people, whoever asks them (command line, dashboard).

use std::collections::BTreeMap;

use domain::charge::State;
use domain::coin_refund::{Source, State as CoinState};
use domain::transfer::State as TransferState;
use domain::{ChargeId, MerchantId, Units};

use super::acts::{Actor, record_for};
use super::balances::decimals;
use super::charges::refunds as charge_refunds;
use super::transfers::acts::{ASKED, about};
use super::{App, SharedApp, coin_refunds};
use crate::store::charges::{self, ChargeRow};
use crate::store::coin_refunds::{self as coins, CoinRefundRow};
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx, idempotency};
use crate::wire::answers;

/// What is to be given back.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub merchant: MerchantId,
    pub invoice: i64,
    /// In what the payer paid with, as decimal text; `all` for what is left.
    pub amount: String,
    /// Which charge, if several are paid.
    pub charge: Option<ChargeId>,
    /// Which coin, if several were paid.
    pub asset: Option<String>,
    /// Who gives coins back.
    pub from: Option<Source>,
}

#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Charge(#[from] charge_refunds::RefundRefused),
    #[error(transparent)]
    Coins(#[from] coin_refunds::Refused),
    #[error("the amount: {0}")]
    Amount(#[from] domain::amount::AmountError),
    #[error("several charges are paid: name one with --charge")]
    SeveralCharges,
    #[error("no charge of this invoice is paid, and no coins came that are final")]
    Nothing,
    #[error("this invoice was paid in coins and by a charge: name the charge, or the coin and who pays it")]
    Both,
    #[error(
        "say who gives the coins back: --from merchant-wallet (the merchant got them) or --from treasury (from what the operator owes him)"
    )]
    FromWhom,
}

/// What was decided.
#[derive(Debug, Clone)]
pub enum Decided {
    /// Through the provider that took the money: the running gateway sends it.
    Charge(Box<TransferRow>),
    /// The payer has a link and says where the coins go.
    Coins(Box<CoinRefundRow>),
}

/// The paid charges of an invoice that are meant.
pub fn paid_charges(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    invoice: i64,
    charge: Option<&ChargeId>,
) -> Result<Vec<ChargeRow>, StoreError> {
    let mut rows = charges::of_invoice(tx, merchant, invoice)?;
    rows.retain(|row| row.charge.state == State::Paid && charge.is_none_or(|id| *id == row.charge.id));
    Ok(rows)
}

/// All refunds of an invoice: of its charges, and of coins.
pub fn of_invoice(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Vec<Decided>, StoreError> {
    let mut all = Vec::new();
    for row in charges::of_invoice(tx, merchant, invoice)? {
        let refunds = charge_refunds::of_charge(tx, merchant, &row.charge.id)?;
        all.extend(refunds.into_iter().map(|refund| Decided::Charge(Box::new(refund))));
    }
    all.extend(coins::of_invoice(tx, merchant, invoice)?.into_iter().map(|row| Decided::Coins(Box::new(row))));
    Ok(all)
}

/// What of an invoice's payments was given back and has arrived, by currency or asset.
pub fn given_back(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<BTreeMap<String, Units>, StoreError> {
    let mut sums: BTreeMap<String, Units> = BTreeMap::new();
    let mut add = |asset: &str, units: Units| {
        let sum = sums.entry(asset.to_owned()).or_default();
        *sum = sum.plus(units).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        Ok::<_, StoreError>(())
    };
    for row in charges::of_invoice(tx, merchant, invoice)?.iter().filter(|row| row.charge.counts()) {
        if let Some(received) = &row.charge.received {
            add(&received.currency, row.refunded_elsewhere)?;
        }
        for refund in charge_refunds::of_charge(tx, merchant, &row.charge.id)? {
            if refund.state == TransferState::Done {
                add(&refund.asset, refund.units)?;
            }
        }
    }
    for refund in coins::of_invoice(tx, merchant, invoice)?.iter().filter(|row| row.state == CoinState::Done) {
        add(&refund.asset, refund.units)?;
    }
    sums.retain(|_, units| !units.is_zero());
    Ok(sums)
}

#[derive(Debug, thiserror::Error)]
pub enum AskFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the key was used with another request")]
    KeyReused,
}

/// A refund that a merchant asks for, by his server or in a form: decided once under an idempotency key, and answered in the wire's words.
pub async fn ask(
    app: &SharedApp,
    wanted: Wanted,
    idempotency: Option<(String, String)>,
    actor: Actor,
) -> Result<String, AskFailed> {
    let worker = app.clone();
    let answer = app
        .store
        .write(move |tx| {
            if let Some((key, request_hash)) = &idempotency
                && let Some(kept) = idempotency::get(tx, &wanted.merchant, key)?
            {
                return if kept.request_hash == *request_hash { Ok(kept.answer) } else { Err(AskFailed::KeyReused) };
            }
            let answer = answer(&worker, &decide(&worker, tx, &wanted, &actor)?);
            if let Some((key, request_hash)) = idempotency {
                let kept = idempotency::Kept { request_hash, answer: answer.clone() };
                idempotency::keep(tx, &wanted.merchant, &key, &kept, worker.now())?;
            }
            Ok(answer)
        })
        .await?;
    app.wake.providers.notify_one();
    Ok(answer)
}

fn answer(app: &App, decided: &Decided) -> String {
    let (id, kind, asset, units, state) = match decided {
        Decided::Charge(row) => (row.id.as_str(), "charge", &row.asset, row.units, row.state.name()),
        Decided::Coins(row) => (row.id.as_str(), "coins", &row.asset, row.units, row.state.name()),
    };
    answers::refund(id, kind, asset, &units.decimal(decimals(app, asset), 0), state)
}

/// Decides on a refund, and writes down who did.
pub fn decide(app: &App, tx: &Tx<'_>, wanted: &Wanted, actor: &Actor) -> Result<Decided, Refused> {
    let (merchant, invoice) = (&wanted.merchant, wanted.invoice);
    let coins_meant = wanted.asset.is_some() || wanted.from.is_some();
    let paid = match coins_meant && wanted.charge.is_none() {
        true => Vec::new(),
        false => paid_charges(tx, merchant, invoice, wanted.charge.as_ref())?,
    };
    let has_coins = wanted.charge.is_none() && !coin_refunds::received(tx, merchant, invoice)?.is_empty();
    match paid.as_slice() {
        [] if !has_coins => Err(Refused::Nothing),
        [] => {
            let source = wanted.from.ok_or(Refused::FromWhom)?;
            let wanted = coin_refunds::Wanted {
                merchant: merchant.clone(),
                invoice,
                asset: wanted.asset.clone(),
                amount: wanted.amount.clone(),
                source,
            };
            Ok(Decided::Coins(Box::new(coin_refunds::ask(app, tx, &wanted, actor)?)))
        }
        [_, ..] if has_coins => Err(Refused::Both),
        [row] => {
            let currency = row.charge.received.as_ref().map_or("", |money| money.currency.as_str());
            let units = match wanted.amount.as_str() {
                "all" => charge_refunds::refundable(tx, row)?,
                text => Units::parse(text, domain::fiat::minor_digits(currency).unwrap_or(2))?,
            };
            let refund = charge_refunds::reserve(app, tx, merchant, &row.charge.id, units)?;
            let detail = format!("{} {} smallest units of charge {}", refund.units, refund.asset, row.charge.id);
            record_for(app, tx, actor, merchant, ASKED, (about(&refund.id), detail))?;
            Ok(Decided::Charge(Box::new(refund)))
        }
        [_, _, ..] => Err(Refused::SeveralCharges),
    }
}
