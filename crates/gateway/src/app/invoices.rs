//! Invoices: created, opened, canceled, expired.

use domain::confirmations::depth;
use domain::invoice::{Command, EXPIRES_AFTER_MILLIS, Invoice, Refused, State};
use domain::merchant::Merchant;
use domain::payment::Finality;
use domain::rate::NoRate;
use domain::{InvoiceId, Time, Units};

use super::page_token::PageToken;
use super::{App, SharedApp, attempts, events, payments as payments_case};
use crate::store::idempotency::{self, Kept};
use crate::store::invoices::{self, InvoiceRow};
use crate::store::payments::PaymentRow;
use crate::store::{StoreError, Tx, merchants, payments, settings};
use crate::wire::create::CreateRequest;
use crate::wire::{answers, status::InvoiceStatus};

/// A request to create an invoice, checked by the contract's rules.
#[derive(Debug, Clone)]
pub struct NewInvoice {
    pub request: CreateRequest,
    /// The asset the merchant chose for the payer.
    pub asset: Option<String>,
    /// S2S: the attempt is made at once, and the answer has the invoice's number.
    pub direct: bool,
    /// `Idempotency-Key`, and a hash of the request it came with.
    pub idempotency: Option<(String, String)>,
}

#[derive(Debug, thiserror::Error)]
pub enum CreateFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the key was used with another request")]
    KeyReused,
    #[error(transparent)]
    NoRate(#[from] NoRate),
    #[error("the chain {0} has not been read yet")]
    NotReadYet(String),
    #[error("the amount does not fit the coin")]
    Amount(#[from] domain::amount::AmountError),
}

impl From<attempts::OpenFailed> for CreateFailed {
    fn from(failed: attempts::OpenFailed) -> Self {
        match failed {
            attempts::OpenFailed::Store(error) => error.into(),
            attempts::OpenFailed::NoRate(error) => error.into(),
            attempts::OpenFailed::Amount(error) => error.into(),
            attempts::OpenFailed::NotReadYet(chain) => CreateFailed::NotReadYet(chain),
            other => StoreError::Inconsistent(other.to_string()).into(),
        }
    }
}

/// Creates an invoice and gives the contract's answer, the same again under the same idempotency key.
pub async fn create(app: &SharedApp, merchant: Merchant, new: NewInvoice) -> Result<String, CreateFailed> {
    let worker = app.clone();
    let is_told = merchant.callback_url.is_some();
    let answer = app.store.write(move |tx| create_in(&worker, tx, &merchant, &new)).await?;
    if is_told {
        app.wake.deliveries.notify_one();
    }
    Ok(answer)
}

fn create_in(app: &App, tx: &Tx<'_>, merchant: &Merchant, new: &NewInvoice) -> Result<String, CreateFailed> {
    if let Some((key, request_hash)) = &new.idempotency {
        match idempotency::get(tx, &merchant.id, key)? {
            Some(kept) if kept.request_hash == *request_hash => return Ok(kept.answer),
            Some(_) => return Err(CreateFailed::KeyReused),
            None => {}
        }
    }
    let now = app.now();
    let (mut row, token) = insert(app, tx, merchant, new, now)?;
    events::record(app, tx, merchant, &mut row, now)?;
    if new.direct {
        change_state(app, tx, merchant, &mut row, State::Opened, now)?;
        if let Some(asset) = new.asset.as_deref().and_then(|code| app.asset(code)) {
            attempts::open_in(app, tx, merchant, &row, asset, now)?;
        }
    } else {
        save(tx, &mut row, State::Created)?;
    }
    let url = page_url(app, &token);
    let number = u64::try_from(row.invoice.number).unwrap_or(0);
    let answer = match new.direct {
        true => answers::created_s2s(&url, InvoiceStatus::from(row.invoice.state), number),
        false => answers::created(&url),
    };
    if let Some((key, request_hash)) = &new.idempotency {
        let kept = Kept { request_hash: request_hash.clone(), answer: answer.clone() };
        idempotency::keep(tx, &merchant.id, key, &kept, now)?;
    }
    Ok(answer)
}

fn insert(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    new: &NewInvoice,
    now: Time,
) -> Result<(InvoiceRow, PageToken), StoreError> {
    let request = &new.request;
    let invoice = Invoice {
        id: InvoiceId::new(app.ulid()),
        merchant_id: merchant.id.clone(),
        number: settings::next_number(tx, "invoice")?,
        amount: Units(request.amount_minor),
        devise: request.devise.code().to_owned(),
        state: State::Created,
        created_at: now,
        status_at: now,
    };
    let secret = app.random.token_bytes::<16>();
    let token = PageToken { merchant_number: merchant.number, invoice_number: invoice.number, secret };
    let customer = serde_json::json!({ "name": request.name, "phone": request.phone, "country": request.country });
    let known = request.name.is_some() || request.phone.is_some() || request.country.is_some();
    let row = InvoiceRow {
        invoice,
        token_secret: hex::encode(secret),
        email: request.email.clone(),
        payable_currency: new.asset.clone(),
        callback_json: request.callback_json.clone(),
        success_url: request.success_url.clone(),
        cancel_url: request.cancel_url.clone(),
        pending_url: request.pending_url.clone(),
        failure_url: request.failure_url.clone(),
        customer: known.then(|| customer.to_string()),
        customer_ip: request.customer_ip.map(|ip| ip.to_string()),
        paid: None,
        settle_tx_hash: None,
        last_event: 0,
        version: 1,
    };
    invoices::insert(tx, &row)?;
    Ok((row, token))
}

/// The address of an invoice's hosted page.
pub fn page_url(app: &App, token: &PageToken) -> String {
    let token = token.encode(&app.page_key);
    let token = percent_encoding::utf8_percent_encode(&token, percent_encoding::NON_ALPHANUMERIC);
    format!("{}/widget/sale/create/?token={token}", app.base_url)
}

/// Moves an invoice to `next`: state, event and delivery, and the row itself.
pub fn change_state(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    row: &mut InvoiceRow,
    next: State,
    now: Time,
) -> Result<(), StoreError> {
    let was = row.invoice.state;
    row.invoice.state = next;
    row.invoice.status_at = now;
    events::record(app, tx, merchant, row, now)?;
    save(tx, row, was)
}

/// Writes the row back and counts its version up.
pub fn save(tx: &Tx<'_>, row: &mut InvoiceRow, was: State) -> Result<(), StoreError> {
    invoices::update(tx, row, was)?;
    row.version += 1;
    Ok(())
}

#[derive(Debug, thiserror::Error)]
pub enum CommandFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("no such invoice")]
    NotFound,
}

/// The invoice a page's token is for; `None` when the token is made up.
pub fn by_token(app: &App, tx: &Tx<'_>, token: &str) -> Result<Option<(Merchant, InvoiceRow)>, StoreError> {
    use subtle::ConstantTimeEq;
    let Some(token) = PageToken::decode(token, &app.page_key) else { return Ok(None) };
    let Some(merchant) = merchants::by_number(tx, token.merchant_number)? else { return Ok(None) };
    let Some(row) = invoices::by_number(tx, &merchant.id, token.invoice_number)? else { return Ok(None) };
    let same = hex::encode(token.secret).as_bytes().ct_eq(row.token_secret.as_bytes());
    Ok(bool::from(same).then_some((merchant, row)))
}

/// The payer has reached the page. Opening an invoice that is past that point changes nothing.
/// The first visitor's address is kept when the merchant did not say whose it is.
pub async fn open(app: &SharedApp, token: &str, visitor: std::net::IpAddr) -> Result<(), CommandFailed> {
    let (worker, token) = (app.clone(), token.to_owned());
    let opened = app
        .store
        .write(move |tx| {
            let (merchant, mut row) = by_token(&worker, tx, &token)?.ok_or(CommandFailed::NotFound)?;
            let now = worker.now();
            match row.invoice.decide(Command::Open, now) {
                Ok(next) if next != row.invoice.state => {
                    if row.customer_ip.is_none() {
                        invoices::set_customer_ip(tx, &row, &visitor.to_string())?;
                    }
                    change_state(&worker, tx, &merchant, &mut row, next, now)?;
                    Ok::<_, CommandFailed>(true)
                }
                _ => Ok(false),
            }
        })
        .await?;
    if opened {
        app.wake.deliveries.notify_one();
    }
    Ok(())
}

/// The payer gives up. Refused once money has been seen; canceling twice is canceling once.
pub async fn cancel(app: &SharedApp, token: &str) -> Result<(), CommandFailed> {
    let (worker, token) = (app.clone(), token.to_owned());
    app.store
        .write(move |tx| {
            let (merchant, mut row) = by_token(&worker, tx, &token)?.ok_or(CommandFailed::NotFound)?;
            let now = worker.now();
            let payments = payments::of_invoice(tx, &merchant.id, row.invoice.number)?;
            let money_seen = payments.iter().any(|p| may_count(&worker, p));
            let next = row.invoice.decide(Command::Cancel { money_seen }, now)?;
            if next != row.invoice.state {
                change_state(&worker, tx, &merchant, &mut row, next, now)?;
            }
            Ok::<_, CommandFailed>(())
        })
        .await?;
    app.wake.deliveries.notify_one();
    app.wake.pages.notify_waiters();
    Ok(())
}

/// Whether a payment is there, or left the chain so lately that it may well come back.
fn may_count(app: &App, row: &PaymentRow) -> bool {
    let Some(chain) = app.chains.get(&row.payment.on_chain.chain) else { return true };
    let head = chain.health().read_up_to.unwrap_or(0);
    row.payment.finality != Finality::Reversed
        || depth(head, row.payment.on_chain.block_number) <= chain.confirmations.deepest()
}

/// Whether a chain on which this invoice may have been paid cannot be read now, or is behind: money may be there.
fn is_blind(app: &App, tx: &Tx<'_>, row: &InvoiceRow) -> Result<bool, StoreError> {
    let attempts = crate::store::attempts::of_invoice(tx, &row.invoice.merchant_id, row.invoice.number)?;
    Ok(attempts.iter().any(|attempt| {
        // a chain that is no longer configured will never be read: waiting for it would be for ever
        app.chains
            .get(&attempt.chain)
            .map(super::chains::Chain::health)
            .is_some_and(|health| health.trouble.is_some() || health.head.is_none() || health.read_up_to < health.head)
    }))
}

/// Lets invoices expire whose time is up, a bounded number of them. Answers how many did.
pub async fn expire_due(app: &SharedApp) -> Result<usize, StoreError> {
    let made_by = app.now().plus(-EXPIRES_AFTER_MILLIS);
    let due = app.store.read(|tx| invoices::open_since(tx, made_by)).await?;
    let mut expired = 0;
    for row in due {
        let worker = app.clone();
        let done = app
            .store
            .write(move |tx| {
                let merchant = merchants::existing(tx, &row.invoice.merchant_id)?;
                let mut row = invoices::existing(tx, &merchant.id, row.invoice.number)?;
                let now = worker.now();
                let payments = payments::of_invoice(tx, &merchant.id, row.invoice.number)?;
                let money_pending =
                    payments.iter().any(|p| p.payment.finality != Finality::Final && may_count(&worker, p))
                        || is_blind(&worker, tx, &row)?;
                match row.invoice.decide(Command::Expire { money_pending }, now) {
                    Ok(next) => {
                        // a part that was paid went to the merchant: history shows it
                        row.paid = payments_case::paid_so_far(&worker, tx, &row)?;
                        change_state(&worker, tx, &merchant, &mut row, next, now).map(|()| true)
                    }
                    Err(_) => Ok(false),
                }
            })
            .await?;
        expired += usize::from(done);
    }
    if expired > 0 {
        app.wake.deliveries.notify_one();
        app.wake.pages.notify_waiters();
    }
    Ok(expired)
}
