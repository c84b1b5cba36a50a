//! What of the merchant's money at the operator pays for coins that the treasury gives back.

use std::collections::BTreeSet;

use domain::asset::Asset;
use domain::charge::{Rounding, convert};
use domain::coin_refund::Funding;
use domain::ledger::{EntryRate, Kind, Owner};
use domain::rate::Rate;
use domain::{MerchantId, Units};

use super::Refused;
use crate::app::App;
use crate::store::ledger::AccountRow;
use crate::store::{StoreError, Tx, ledger};

/// The currencies in which the merchant is owed something, with how much the operator really has: what lies on the merchant's own
/// accounts at providers is not the operator's to give.
pub(in crate::app) fn held(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<(String, Units)>, StoreError> {
    let accounts = ledger::accounts(tx, merchant)?;
    let currencies: BTreeSet<_> = accounts
        .iter()
        .filter(|row| row.account.kind == Kind::Payable && domain::fiat::minor_digits(&row.account.asset).is_some())
        .map(|row| row.account.asset.clone())
        .collect();
    let mut held = Vec::new();
    for currency in currencies {
        let owed = ledger::balance(tx, merchant, Owner::Merchant, Kind::Payable, &currency)?;
        let own = accounts.iter().find(|row| {
            (row.account.owner, row.account.kind, &row.account.asset) == (Owner::Merchant, Kind::Provider, &currency)
        });
        // given back of parked money that had been paid out: the provider keeps it from what it pays out next
        let parked = accounts.iter().find(|row| {
            (row.account.owner, row.account.kind, &row.account.asset) == (Owner::Merchant, Kind::Parked, &currency)
        });
        let below = |row: Option<&AccountRow>| row.map_or(Units::ZERO, |row| row.debit.less(row.credit));
        let there = owed.less(below(own)).less(below(parked));
        held.push((currency, there));
    }
    // dollars first: coins at par need no rate
    held.sort_by_key(|(currency, _)| (currency != "USD", currency.clone()));
    Ok(held)
}

/// What so many coins cost in a currency. Rounded up: the operator gives the coins and keeps no spread.
fn cost(app: &App, asset: &Asset, units: Units, currency: &str) -> Result<Option<Funding>, StoreError> {
    let Some(digits) = domain::fiat::minor_digits(currency) else { return Ok(None) };
    let now = app.now();
    let rate = match app.rates.fiat("USD", currency, now) {
        Ok(rate) => rate.unwrap_or_else(|| Rate::par(now)),
        Err(error) => {
            tracing::info!(currency, %error, "A refund cannot be paid for in a currency without a rate");
            return Ok(None);
        }
    };
    let minor = convert(units, asset.decimals, digits, &rate, Rounding::Up).map_err(super::out_of_range)?;
    let rate = EntryRate { price: rate.price.to_string(), source: rate.source, at: rate.at };
    Ok(Some(Funding { currency: currency.to_owned(), minor, rate }))
}

/// The first currency that pays for the coins alone.
pub(super) fn find(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    asset: &Asset,
    units: Units,
) -> Result<Option<Funding>, StoreError> {
    for (currency, there) in held(tx, merchant)? {
        let cost = cost(app, asset, units, &currency)?;
        if let Some(funding) = cost.filter(|funding| funding.minor <= there) {
            return Ok(Some(funding));
        }
    }
    Ok(None)
}

/// Refuses early what is surely not covered. Without a rate for a currency it cannot be known: the answer comes when the payer confirms.
pub(super) fn seems_enough(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    asset: &Asset,
    units: Units,
) -> Result<(), Refused> {
    if find(app, tx, merchant, asset, units)?.is_some() {
        return Ok(());
    }
    let held: Vec<_> = held(tx, merchant)?.into_iter().filter(|(_, units)| !units.is_zero()).collect();
    for (currency, _) in &held {
        if cost(app, asset, units, currency)?.is_none() {
            return Ok(());
        }
    }
    let shown = held.iter().map(|(currency, units)| {
        let digits = domain::fiat::minor_digits(currency).unwrap_or(2);
        format!("{} {currency}", units.decimal(digits, digits))
    });
    let shown: Vec<_> = shown.collect();
    let has = if shown.is_empty() { "nothing".to_owned() } else { shown.join(", ") };
    Err(Refused::NotByTreasury(format!(
        "the operator holds {has} for the merchant, and the coins cost more; use --from merchant-wallet"
    )))
}
