//! Coins back to a payer. The operator or merchant decides how much; only the payer says to where, by a link mailed to the invoice's
//! address ([`confirm`]). Then the treasury pays for what it owes the merchant (`funding`), or the merchant's wallet does ([`wallet`]).

pub mod acts;
pub mod address;
pub mod confirm;
pub(in crate::app) mod funding;
pub mod wallet;

use std::collections::BTreeMap;

use domain::amount::AmountError;
use domain::asset::{Asset, Kind as AssetKind};
use domain::coin_refund::{Source, State, exchange_cause};
use domain::ledger::Reason;
use domain::payment::Finality;
use domain::time::DAY;
use domain::transfer::State as TransferState;
use domain::{MerchantId, RefundId, Time, Units};
use sha2::{Digest, Sha256};

use super::App;
use super::acts::{Actor, record_for};
use super::news::tell_payer;
use crate::store::coin_refunds::{self, CoinRefundRow};
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx, attempts, invoices, ledger, merchants, payments};
use crate::wire::email;
use crate::wire::time::written;

/// How long a payer's link may be used.
pub const LINK_MILLIS: i64 = 7 * DAY;
/// Where the payer's page is; the token follows.
pub const PAGE_PATH: &str = "/refund/";

/// What somebody wants given back.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub merchant: MerchantId,
    pub invoice: i64,
    /// An asset's code, if the invoice was paid in several coins.
    pub asset: Option<String>,
    /// Whole coins as decimal text; `all` for what is left.
    pub amount: String,
    pub source: Source,
}

#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no invoice {0} of this merchant")]
    NoInvoice(i64),
    #[error("no coins came for this invoice that are final")]
    NothingReceived,
    #[error("this invoice was paid in several coins: name one of {} with --asset", .0.join(", "))]
    SeveralCoins(Vec<String>),
    #[error("{0} is no coin of the configuration any more")]
    UnknownCoin(String),
    #[error("the amount: {0}")]
    Amount(#[from] AmountError),
    #[error("a refund is above zero")]
    Nothing,
    #[error("at most {left} {symbol} of this invoice can still be given back")]
    TooMuch { left: String, symbol: String },
    #[error(
        "the invoice has no e-mail address that a link could be sent to, and nobody but the payer says where coins go: nothing can be done here"
    )]
    NoEmail,
    #[error("the treasury cannot pay this: {0}")]
    NotByTreasury(String),
    #[error("there is no coin refund {0}")]
    NotThere(RefundId),
    #[error("it is {}: {why}", .state.name())]
    NotNow { state: State, why: &'static str },
    #[error(
        "it is confirmed: the merchant may have sent it: it can be called off seven days after the payer confirmed, if none was reported"
    )]
    MaybeSent,
    #[error("it is confirmed: call its transfer off: `lockgate transfers cancel`")]
    ByTransfer,
    #[error("this is no transaction hash: 0x and 64 hex digits")]
    NoHash,
    #[error("enough mails about this invoice were sent within a day")]
    EnoughMails,
}

/// What came for an invoice in coins and is final, by asset. What was parked counts like what was credited.
pub fn received(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<BTreeMap<String, Units>, StoreError> {
    let mut sums: BTreeMap<String, Units> = BTreeMap::new();
    for row in payments::of_invoice(tx, merchant, invoice)? {
        if row.payment.finality == Finality::Final {
            let sum = sums.entry(row.payment.asset).or_default();
            *sum = sum.plus(row.payment.units).map_err(out_of_range)?;
        }
    }
    Ok(sums)
}

/// What of an invoice's coins can still be given back; `but` is a refund that does not count.
pub fn left(
    tx: &Tx<'_>,
    (merchant, invoice): (&MerchantId, i64),
    asset: &str,
    but: Option<&RefundId>,
    now: Time,
) -> Result<Units, StoreError> {
    let received = received(tx, merchant, invoice)?.get(asset).copied().unwrap_or(Units::ZERO);
    let mut given = Units::ZERO;
    for row in coin_refunds::of_invoice(tx, merchant, invoice)? {
        if row.asset == asset && Some(&row.id) != but && row.state.takes(row.link_ends, now) {
            given = given.plus(row.units).map_err(out_of_range)?;
        }
    }
    Ok(received.less(given))
}

fn out_of_range(error: AmountError) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// What a refund is called in the log of acts.
pub fn about(id: &RefundId) -> String {
    format!("coin_refunds {id}")
}

/// What rows hold of a token.
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn token(app: &App) -> String {
    hex::encode(app.random.token_bytes::<32>())
}

/// Decides that coins are given back, and sends the payer the link. Nothing is set aside until the payer says where they are to go.
pub fn ask(app: &App, tx: &Tx<'_>, wanted: &Wanted, actor: &Actor) -> Result<CoinRefundRow, Refused> {
    let (merchant, number, now) = (&wanted.merchant, wanted.invoice, app.now());
    let invoice = invoices::by_number(tx, merchant, number)?.ok_or(Refused::NoInvoice(number))?;
    // where several write at once, one refund of an invoice is decided after the other
    invoices::touch(tx, merchant, number)?;
    let received = received(tx, merchant, number)?;
    let code = match (&wanted.asset, received.keys().collect::<Vec<_>>().as_slice()) {
        (Some(code), _) if received.contains_key(code) => code.clone(),
        (None, [code]) => (*code).clone(),
        (None, [_, _, ..]) => return Err(Refused::SeveralCoins(received.into_keys().collect())),
        _ => return Err(Refused::NothingReceived),
    };
    let asset = app.asset(&code).ok_or_else(|| Refused::UnknownCoin(code.clone()))?;
    let left = left(tx, (merchant, number), &code, None, now)?;
    let units = match wanted.amount.as_str() {
        "all" => left,
        text => Units::parse(text, asset.decimals)?,
    };
    check_amount(asset, units, left)?;
    if !email::is_valid(&invoice.email) {
        return Err(Refused::NoEmail);
    }
    let wallet = wallet_of(tx, merchant, number, &code)?;
    if wanted.source == Source::Treasury {
        by_treasury(app, asset)?;
        funding::seems_enough(app, tx, merchant, asset, units)?;
    }
    let token = token(app);
    let row = CoinRefundRow {
        merchant_id: merchant.clone(),
        id: RefundId::new(app.ulid()),
        invoice_number: number,
        asset: code,
        chain: asset.chain.clone(),
        units,
        source: wanted.source,
        wallet,
        state: State::Asked,
        token_hash: token_hash(&token),
        link_ends: now.plus(LINK_MILLIS),
        destination: None,
        confirmed_at: None,
        transfer_id: None,
        funding: None,
        tx_hash: None,
        log_index: None,
        note: None,
        created_at: now,
        changed_at: now,
        version: 1,
    };
    coin_refunds::insert(tx, &row)?;
    send_link(app, tx, &row, asset, &token)?;
    let detail = format!("{units} {} smallest units of invoice {number}, from {}", row.asset, row.source.name());
    record_for(app, tx, actor, &row.merchant_id, "coin_refund.asked", (about(&row.id), detail))?;
    Ok(row)
}

fn check_amount(asset: &Asset, units: Units, left: Units) -> Result<(), Refused> {
    if units > left {
        let (left, symbol) = (left.decimal(asset.decimals, 0), asset.symbol.clone());
        return Err(Refused::TooMuch { left, symbol });
    }
    if units.is_zero() { Err(Refused::Nothing) } else { Ok(()) }
}

/// The wallet that the invoice's last payment in a coin went to.
fn wallet_of(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64, asset: &str) -> Result<String, Refused> {
    let rows = payments::of_invoice(tx, merchant, invoice)?;
    let last = rows.iter().rev().find(|row| row.payment.asset == asset && row.payment.finality == Finality::Final);
    let last = last.ok_or(Refused::NothingReceived)?;
    let attempt = attempts::existing(tx, merchant, &last.payment.attempt_id)?;
    Ok(alloy_primitives::Address::from(attempt.merchant_wallet).to_string())
}

fn by_treasury(app: &App, asset: &Asset) -> Result<(), Refused> {
    let chain = app.chains.get(&asset.chain);
    if chain.is_none_or(|chain| chain.treasury.is_none()) {
        return Err(Refused::NotByTreasury(format!("there is none on {}", asset.chain)));
    }
    if !asset.at_par || asset.kind == AssetKind::Native {
        return Err(Refused::NotByTreasury(format!(
            "it sends tokens that count as one US dollar only, and {} is none",
            asset.code
        )));
    }
    Ok(())
}

fn send_link(app: &App, tx: &Tx<'_>, row: &CoinRefundRow, asset: &Asset, token: &str) -> Result<(), StoreError> {
    let merchant = merchants::existing(tx, &row.merchant_id)?;
    let invoice = invoices::existing(tx, &row.merchant_id, row.invoice_number)?;
    let chain = app.chains.get(&row.chain).map_or(row.chain.as_str(), |chain| chain.title.as_str());
    let amount = row.units.decimal(asset.decimals, 0);
    let (number, page) = (row.invoice_number.to_string(), format!("{}{PAGE_PATH}{token}", app.base_url));
    let until = written(row.link_ends.0);
    let said = [
        ("amount", amount.as_str()),
        ("coin", &asset.symbol),
        ("number", &number),
        ("chain", chain),
        ("page", &page),
        ("until", &until),
    ];
    tell_payer(app, tx, &merchant, &invoice.email, "news-refund-link", &said)
}

/// The treasury's transfer for a refund changed.
pub fn transfer_changed(tx: &Tx<'_>, transfer: &TransferRow, now: Time) -> Result<(), StoreError> {
    let Ok(id) = RefundId::parse(&transfer.subject) else { return Ok(()) };
    let Some(mut row) = coin_refunds::by_id(tx, &transfer.merchant_id, &id)? else { return Ok(()) };
    row.state = match transfer.state {
        TransferState::Done => State::Done,
        TransferState::Failed => State::Failed,
        TransferState::Canceled => State::Canceled,
        _ => State::Confirmed,
    };
    row.tx_hash.clone_from(&transfer.tx_hash);
    (row.note, row.changed_at) = (transfer.note.clone(), now);
    coin_refunds::update(tx, &mut row)?;
    if matches!(row.state, State::Failed | State::Canceled) {
        let cause = exchange_cause(&id);
        let missing = || StoreError::Inconsistent(format!("coin refund {id} has no entry {cause}"));
        let entry = ledger::by_cause(tx, &row.merchant_id, &cause)?.ok_or_else(missing)?;
        let undone = entry.draft.reversal(format!("reversal:{cause}"), Reason::RefundExchangeUndone, now);
        ledger::enter(tx, &row.merchant_id, &undone)?;
    }
    Ok(())
}
