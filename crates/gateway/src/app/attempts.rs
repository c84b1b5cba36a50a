//! Payment attempts: a coin, a deposit address of its own, a locked price.

use alloy_primitives::{Address, B256};
use domain::asset::Asset;
use domain::attempt::{Attempt, QUOTE_MILLIS};
use domain::charge;
use domain::invoice::State;
use domain::merchant::{Merchant, Wallet};
use domain::rate::NoRate;
use domain::standing::Standing;
use domain::time::DAY;
use domain::{AttemptId, Time, Units};
use rails::evm::forwarder::{ForwarderTerms, deposit_address};

use super::charges::{begin, close};
use super::offers::Begun;
use super::{App, SharedApp, invoices};
use crate::store::attempts::{self, Watched};
use crate::store::invoices::{InvoiceRow, Solution, set_chosen};
use crate::store::{StoreError, Tx, blocks, charges, payments, storefronts};

/// How long after it was made an attempt's address is watched: payments come late, and must not be lost.
pub const WATCH_MILLIS: i64 = 400 * DAY;

#[derive(Debug, thiserror::Error)]
pub enum OpenFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NoRate(#[from] NoRate),
    #[error(transparent)]
    Amount(#[from] domain::amount::AmountError),
    #[error("no such invoice")]
    NotFound,
    #[error("the invoice no longer takes payments")]
    Ended,
    #[error("the invoice is paid in full")]
    NothingLeft,
    #[error("a charge is not decided yet")]
    Unresolved,
    #[error("the chain {0} has not been read yet")]
    NotReadYet(String),
    #[error("this coin cannot be chosen for this invoice")]
    NotOffered,
}

impl OpenFailed {
    /// The coin itself may be chosen, and may have a price in a minute.
    pub fn is_for_want_of_a_price(&self) -> bool {
        matches!(self, OpenFailed::NoRate(_) | OpenFailed::Amount(_))
    }
}

/// The payer has chosen a coin, or wants a new price for the one chosen: an attempt for what is left to pay.
///
/// An attempt in that coin whose price still holds and whose amount is still right is used again.
pub async fn open(app: &SharedApp, token: &str, asset: &str) -> Result<(), OpenFailed> {
    close::before_another(app, token, None).await?;
    let (worker, token, wanted) = (app.clone(), token.to_owned(), asset.to_owned());
    let made = app
        .store
        .write(move |tx| {
            let (merchant, row) = invoices::by_token(&worker, tx, &token)?.ok_or(OpenFailed::NotFound)?;
            let offered = row.payable_currency.as_deref().is_none_or(|only| only.eq_ignore_ascii_case(&wanted));
            let asset = worker.payable_assets().find(|asset| asset.is_called(&wanted)).filter(|_| offered);
            let asset = asset.ok_or(OpenFailed::NotOffered)?;
            let now = worker.now();
            if !is_offered(tx, &merchant, &row, asset, now)? {
                return Err(OpenFailed::NotOffered);
            }
            open_in(&worker, tx, &merchant, &row, asset, now)
        })
        .await?;
    drop(made);
    app.wake.pages.notify_waiters();
    Ok(())
}

/// Whether the merchant lets payers choose this coin. An invoice that names its coin keeps it, and so does a payer who has begun with one;
/// where coins are off altogether, only while he is in the middle of paying with it.
fn is_offered(
    tx: &Tx<'_>,
    merchant: &Merchant,
    row: &InvoiceRow,
    asset: &Asset,
    now: Time,
) -> Result<bool, StoreError> {
    let is_off = merchant.off().coins;
    let chosen = || Ok::<_, StoreError>(!storefronts::of(tx, &merchant.id)?.coins_off.contains(&asset.code));
    if !is_off && (row.payable_currency.is_some() || chosen()?) {
        return Ok(true);
    }
    let begun = attempts::of_invoice(tx, &merchant.id, row.invoice.number)?;
    let has_begun = begun.iter().any(|attempt| attempt.asset == asset.code);
    if !has_begun || !is_off {
        return Ok(has_begun);
    }
    let seen = payments::of_invoice(tx, &merchant.id, row.invoice.number)?;
    let seen: Vec<_> = seen.into_iter().map(|row| row.payment).collect();
    Ok(Begun::of(&[], &begun, &seen, now).coins)
}

pub fn open_in(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    row: &InvoiceRow,
    asset: &Asset,
    now: Time,
) -> Result<Attempt, OpenFailed> {
    let invoice = &row.invoice;
    if !matches!(invoice.state, State::Created | State::Opened) {
        return Err(OpenFailed::Ended);
    }
    // prices are in dollars; and what the merchant has ruled out stays so, whatever a page posts
    let ruled_out = row.solution.is_some_and(|only| only != Solution::Crypto)
        || row.solution_name.as_ref().is_some_and(|chain| *chain != asset.chain);
    if invoice.devise != "USD" || ruled_out {
        return Err(OpenFailed::NotOffered);
    }
    let earlier = attempts::of_invoice(tx, &merchant.id, invoice.number)?;
    let seen: Vec<_> =
        payments::of_invoice(tx, &merchant.id, invoice.number)?.into_iter().map(|row| row.payment).collect();
    let charges = charges::of_invoice(tx, &merchant.id, invoice.number)?;
    if charges.iter().any(|row| row.charge.state.is_unresolved()) {
        return Err(OpenFailed::Unresolved);
    }
    let standing = Standing::of(&earlier, &seen)?.with_charges(charges.iter().map(|row| &row.charge))?;
    let left = standing.left_to_pay(invoice.amount);
    if left.is_zero() {
        return Err(OpenFailed::NothingLeft);
    }
    // what happens on a chain that has never been read cannot be seen later
    if !blocks::is_begun(tx, &asset.chain)? {
        return Err(OpenFailed::NotReadYet(asset.chain.clone()));
    }
    if charges.iter().any(|row| begin::may_be_paid_now(row, now)) {
        return Err(OpenFailed::Unresolved);
    }
    for mut row in charges {
        if row.charge.state == charge::State::NeedsPayer {
            begin::lapse(tx, &mut row, "the payer pays in coins", now)?;
        }
    }
    set_chosen(tx, &merchant.id, invoice.number, Solution::Crypto)?;
    let watched = |attempt: &Attempt| Watched {
        merchant_id: merchant.id.clone(),
        attempt_id: attempt.id.clone(),
        invoice_number: invoice.number,
    };
    let unused = |attempt: &Attempt| !seen.iter().any(|payment| payment.attempt_id == attempt.id);
    let same = |attempt: &&Attempt| {
        attempt.asset == asset.code && attempt.due_minor == left && now < attempt.quote_expires_at && unused(attempt)
    };
    if let Some(attempt) = earlier.iter().rev().find(same) {
        return Ok(attempt.clone());
    }
    let salt = salt(app, merchant.number, invoice.number, earlier.len());
    let attempt = make(app, merchant, invoice.devise.as_str(), asset, left, salt, now)?;
    attempts::insert(tx, &merchant.id, invoice.number, &attempt)?;
    // before the commit, in the write itself: the caller may go away, the write does not. An address that is watched without
    // being stored does no harm, since nobody learns of it.
    if let Some(chain) = app.chains.get(&attempt.chain) {
        chain.addresses.insert(attempt.address, &watched(&attempt));
    }
    Ok(attempt)
}

/// The CREATE2 salt of an invoice's `nth` attempt: nobody can guess it, and whoever keeps the master key can make it again by
/// counting, and with it the address, should the database be lost.
fn salt(app: &App, merchant: i64, invoice: i64, nth: usize) -> [u8; 32] {
    *app.master_key.derive(&format!("forwarder salt {merchant} {invoice} {nth}"))
}

fn make(
    app: &App,
    merchant: &Merchant,
    devise: &str,
    asset: &Asset,
    due_minor: Units,
    salt: [u8; 32],
    now: Time,
) -> Result<Attempt, OpenFailed> {
    let chain = app.chains.get(&asset.chain).ok_or(OpenFailed::NotOffered)?;
    let Wallet::Active(wallet) = &merchant.wallet else { return Err(OpenFailed::NotOffered) };
    let wallet: Address = wallet
        .parse()
        .map_err(|_| StoreError::Inconsistent(format!("the wallet of merchant {} is no address", merchant.id)))?;
    let rate = app.rates.rate(asset, now)?;
    let minor_digits = domain::fiat::minor_digits(devise).ok_or(OpenFailed::NotOffered)?;
    let due_units = rate.coins_for(due_minor, minor_digits, asset.decimals)?;
    let id = AttemptId::new(app.ulid());
    let terms = ForwarderTerms { merchant: wallet, fee_wallet: chain.fee_wallet, fee_bps: merchant.fee.get() };
    // an address whose terms the factory refuses would keep the payer's money for ever
    terms.check().map_err(|error| StoreError::Inconsistent(format!("forwarder terms: {error}")))?;
    Ok(Attempt {
        address: deposit_address(&terms, B256::from(salt)).0.0,
        asset: asset.code.clone(),
        chain: asset.chain.clone(),
        salt,
        merchant_wallet: wallet.0.0,
        fee_wallet: chain.fee_wallet.0.0,
        fee: merchant.fee,
        due_minor,
        due_units,
        rate,
        at_par: asset.at_par,
        quote_expires_at: now.plus(QUOTE_MILLIS),
        created_at: now,
        id,
    })
}
