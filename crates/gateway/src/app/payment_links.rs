//! Payment links: made by a merchant, used by payers. Using one makes an invoice in the same transaction that looks whether it may be used.

use domain::invoice::State;
use domain::merchant::Merchant;
use domain::{MerchantId, Time};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::acts::{Actor, record_for};
use super::invoices::{self as invoice_case, CreateFailed, NewInvoice};
use super::page_token::PageToken;
use super::{App, SharedApp};
use crate::store::payment_links::{self, Asks, LinkRow};
use crate::store::{StoreError, Tx, idempotency, invoices, merchants, settings};

/// What a link's address begins with, after the gateway's own.
pub const PAGE_PATH: &str = "/pay/";

/// What a merchant asks for; checked by the rules of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    pub devise: String,
    pub asks: Asks,
    pub title: String,
    pub description: Option<String>,
    pub reusable: bool,
    pub expires_at: Option<Time>,
}

#[derive(Debug, thiserror::Error)]
pub enum LinkFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no such payment link")]
    NotFound,
    #[error("the key was used with another request")]
    KeyReused,
}

/// Why a link cannot be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The merchant switched it off, or is stopped.
    Off,
    Expired,
    /// It was for one payment, and is paid.
    Paid,
}

/// Makes a link; under an idempotency key the same one again.
pub async fn create(
    app: &SharedApp,
    merchant: MerchantId,
    new: NewLink,
    idempotency: Option<(String, String)>,
    actor: Actor,
) -> Result<LinkRow, LinkFailed> {
    let worker = app.clone();
    app.store
        .write(move |tx| {
            if let Some((key, request_hash)) = &idempotency
                && let Some(kept) = idempotency::get(tx, &merchant, key)?
            {
                let same = kept.request_hash == *request_hash;
                let number = kept.answer.parse().ok().filter(|_| same).ok_or(LinkFailed::KeyReused)?;
                return payment_links::by_number(tx, &merchant, number)?.ok_or(LinkFailed::NotFound);
            }
            let row = LinkRow {
                number: settings::next_number(tx, "payment_link")?,
                secret: hex::encode(worker.random.token_bytes::<16>()),
                devise: new.devise.clone(),
                asks: new.asks,
                title: new.title.clone(),
                description: new.description.clone(),
                reusable: new.reusable,
                expires_at: new.expires_at,
                active: true,
                invoices: 0,
                invoice_number: None,
                created_at: worker.now(),
                version: 1,
                merchant_id: merchant.clone(),
            };
            payment_links::insert(tx, &row)?;
            record_for(&worker, tx, &actor, &merchant, "payment_link.create", (about(&row), String::new()))?;
            if let Some((key, request_hash)) = idempotency {
                let kept = idempotency::Kept { request_hash, answer: row.number.to_string() };
                idempotency::keep(tx, &merchant, &key, &kept, row.created_at)?;
            }
            Ok(row)
        })
        .await
}

/// Switches a link off, for good. One that is off stays so.
pub async fn deactivate(
    app: &SharedApp,
    merchant: MerchantId,
    number: i64,
    actor: Actor,
) -> Result<LinkRow, LinkFailed> {
    let worker = app.clone();
    app.store
        .write(move |tx| {
            let mut row = payment_links::by_number(tx, &merchant, number)?.ok_or(LinkFailed::NotFound)?;
            if row.active {
                row.active = false;
                payment_links::update(tx, &mut row)?;
                record_for(&worker, tx, &actor, &merchant, "payment_link.deactivate", (about(&row), String::new()))?;
            }
            Ok(row)
        })
        .await
}

/// What a link is called in the log of acts.
fn about(row: &LinkRow) -> String {
    format!("payment_links {} {}", row.merchant_id, row.number)
}

/// Masks the numbers in a link's address: another key than that of payment pages, so that neither opens the other.
fn key(app: &App) -> [u8; 32] {
    Sha256::new().chain_update(b"payment link").chain_update(app.page_key).finalize().into()
}

/// The address to give to payers.
pub fn url(app: &App, merchant: &Merchant, row: &LinkRow) -> String {
    format!("{}{PAGE_PATH}{}", app.base_url, token(app, merchant, row))
}

/// The part of the address that is the link's own.
pub fn token(app: &App, merchant: &Merchant, row: &LinkRow) -> String {
    let mut secret = [0; 16];
    // rows hold what `create` put there; a damaged one gives an address that leads nowhere
    let _ = hex::decode_to_slice(&row.secret, &mut secret);
    let token = PageToken { merchant_number: merchant.number, invoice_number: row.number, secret };
    token.encode(&key(app)).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// The link an address is for; `None` when the address is made up.
pub fn by_token(app: &App, tx: &Tx<'_>, token: &str) -> Result<Option<(Merchant, LinkRow)>, StoreError> {
    let standard = format!("{}=", token.replace('-', "+").replace('_', "/"));
    let Some(token) = PageToken::decode(&standard, &key(app)) else { return Ok(None) };
    let Some(merchant) = merchants::by_number(tx, token.merchant_number)? else { return Ok(None) };
    let Some(row) = payment_links::by_number(tx, &merchant.id, token.invoice_number)? else { return Ok(None) };
    let same = hex::encode(token.secret).as_bytes().ct_eq(row.secret.as_bytes());
    Ok(bool::from(same).then_some((merchant, row)))
}

/// Where a link leads now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// To the form.
    Form,
    /// It is for one payment, which was begun: to the page of its invoice.
    Invoice(String),
    Nowhere(Closed),
}

/// Where a link leads at `now`.
pub fn leads(app: &App, tx: &Tx<'_>, merchant: &Merchant, row: &LinkRow, now: Time) -> Result<Leads, StoreError> {
    let begun = match row.invoice_number.filter(|_| !row.reusable) {
        Some(number) => Some(invoices::existing(tx, &merchant.id, number)?),
        None => None,
    };
    Ok(match begun {
        Some(invoice)
            if matches!(
                invoice.invoice.state,
                State::Received | State::Settled | State::Withheld | State::Chargeback
            ) =>
        {
            Leads::Nowhere(Closed::Paid)
        }
        // what was begun may be finished, also when the link is over since
        Some(invoice) if invoice.invoice.state.is_open() => {
            Leads::Invoice(invoice_case::own_page_url(app, merchant, &invoice)?)
        }
        _ if !row.active || merchant.stopped.is_some() => Leads::Nowhere(Closed::Off),
        _ if row.expires_at.is_some_and(|end| now >= end) => Leads::Nowhere(Closed::Expired),
        _ => Leads::Form,
    })
}

#[derive(Debug, thiserror::Error)]
pub enum PayFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Create(#[from] CreateFailed),
    #[error("there is no such payment link")]
    NotFound,
    #[error("the link cannot be used: {0:?}")]
    Closed(Closed),
}

/// A payer uses a link: makes the invoice, or finds the one that was begun. Answers its page's address.
pub async fn pay(app: &SharedApp, token: &str, new: NewInvoice) -> Result<String, PayFailed> {
    let (worker, token, new) = (app.clone(), token.to_owned(), std::sync::Arc::new(new));
    let (page, is_told) = app
        .store
        .write(move |tx| {
            let (merchant, mut row) = by_token(&worker, tx, &token)?.ok_or(PayFailed::NotFound)?;
            match leads(&worker, tx, &merchant, &row, worker.now())? {
                Leads::Form => {}
                Leads::Invoice(page) => return Ok((page, false)),
                Leads::Nowhere(closed) => return Err(PayFailed::Closed(closed)),
            }
            let (number, page) = invoice_case::create_hosted(&worker, tx, &merchant, &new)?;
            row.invoices += 1;
            row.invoice_number = Some(number);
            payment_links::update(tx, &mut row)?;
            Ok::<_, PayFailed>((page, merchant.callback_url.is_some()))
        })
        .await?;
    if is_told {
        app.wake.deliveries.notify_one();
    }
    Ok(page)
}
