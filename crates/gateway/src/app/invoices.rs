//! Invoices: created, opened, canceled, expired.

use std::sync::Arc;

use domain::card::Card;
use domain::charge::{self, Method};
use domain::confirmations::depth;
use domain::invoice::{Command, EXPIRES_AFTER_MILLIS, Invoice, Refused, State};
use domain::merchant::Merchant;
use domain::payment::Finality;
use domain::rate::NoRate;
use domain::time::DAY;
use domain::{ChargeId, InvoiceId, Time, Units};
use rails::provider::{Device, NeedsPayer};

use super::acts::{Actor, record_for};
use super::charges::begin::{self, BeginFailed, Wanted};
use super::charges::{close, drive, record};
use super::merchant_stop::{IsStopped, may_go_on};
use super::page_token::PageToken;
use super::{App, SharedApp, attempts, events, payments as payments_case};
use crate::store::charges::ChargeRow;
use crate::store::idempotency::{self, Kept};
use crate::store::invoices::{self, InvoiceRow, Solution};
use crate::store::payments::PaymentRow;
use crate::store::{StoreError, Tx, charges, merchants, payments, settings};
use crate::wire::create::CreateRequest;
use crate::wire::{answers, paths, status::InvoiceStatus};

/// A request to create an invoice, checked by the contract's rules.
#[derive(Debug)]
pub struct NewInvoice {
    pub request: CreateRequest,
    /// The asset the merchant chose for the payer.
    pub asset: Option<String>,
    /// The one way to pay, if the merchant chose.
    pub solution: Option<Solution>,
    /// S2S: the attempt is made at once, and the answer has the invoice's number.
    pub direct: bool,
    /// S2S by card, where card data may be taken: the charge is made at once.
    pub card: Option<Card>,
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
    #[error("no provider takes this payment")]
    NoProvider,
    #[error("the amount does not fit the coin")]
    Amount(#[from] domain::amount::AmountError),
    #[error(transparent)]
    Stopped(#[from] IsStopped),
}

impl From<BeginFailed> for CreateFailed {
    fn from(failed: BeginFailed) -> Self {
        match failed {
            BeginFailed::Store(error) => error.into(),
            BeginFailed::NoRate(error) => error.into(),
            BeginFailed::Amount(error) => error.into(),
            BeginFailed::NotOffered => CreateFailed::NoProvider,
            other => StoreError::Inconsistent(other.to_string()).into(),
        }
    }
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
pub async fn create(app: &SharedApp, merchant: Arc<Merchant>, mut new: NewInvoice) -> Result<String, CreateFailed> {
    let is_told = merchant.callback_url.is_some();
    let card = new.card.take();
    let (with_card, key) = (card.is_some(), new.idempotency.as_ref().map(|(key, _)| key.clone()));
    let (worker, owner, new) = (app.clone(), merchant.clone(), Arc::new(new));
    let made = app.store.write(move |tx| create_in(&worker, tx, &owner, &new, with_card)).await?;
    if is_told {
        app.wake.deliveries.notify_one();
    }
    let Some(charge) = made.charge else { return Ok(made.answer) };
    // the invoice is there: what fails from here on has not changed nothing
    let row = drive::send(app, merchant.id.clone(), charge, card).await.map_err(StoreError::in_part)?;
    let worker = app.clone();
    let answer = app
        .store
        .write(move |tx| {
            let answer = direct_answer(&worker, tx, &merchant, &row, &made.page)?;
            if let Some(key) = &key {
                idempotency::set_answer(tx, &merchant.id, key, &answer)?;
            }
            Ok::<_, StoreError>(answer)
        })
        .await
        .map_err(StoreError::in_part)?;
    app.wake.deliveries.notify_one();
    Ok(answer)
}

/// Creates an invoice whose payer chooses how to pay, as part of another decision: its number, and its page's address. The caller wakes
/// who delivers.
pub(super) fn create_hosted(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    new: &NewInvoice,
) -> Result<(i64, String), CreateFailed> {
    let made = create_in(app, tx, merchant, new, false)?;
    Ok((made.number, made.page))
}

/// An invoice that somebody makes for a payer, who chooses how to pay: its number.
pub async fn create_by(
    app: &SharedApp,
    merchant: Merchant,
    new: NewInvoice,
    actor: Actor,
) -> Result<i64, CreateFailed> {
    let is_told = merchant.callback_url.is_some();
    let (worker, new) = (app.clone(), Arc::new(new));
    let number = app
        .store
        .write(move |tx| {
            let (number, _) = create_hosted(&worker, tx, &merchant, &new)?;
            record_for(&worker, tx, &actor, &merchant.id, "invoice.create", (about(number), String::new()))?;
            Ok::<_, CreateFailed>(number)
        })
        .await?;
    if is_told {
        app.wake.deliveries.notify_one();
    }
    Ok(number)
}

/// What an invoice is called in the log of acts.
pub fn about(number: i64) -> String {
    format!("invoices {number}")
}

/// The address of the page of an invoice that is there.
///
/// # Errors
/// `Damaged`, when the row has no secret that could be one.
pub fn own_page_url(app: &App, merchant: &Merchant, row: &InvoiceRow) -> Result<String, StoreError> {
    Ok(page_url(app, &token_of(merchant, row)?))
}

/// The token of an invoice that is there.
///
/// # Errors
/// `Damaged`, when the row has no secret that could be one.
pub fn token_of(merchant: &Merchant, row: &InvoiceRow) -> Result<PageToken, StoreError> {
    let secret = hex::decode(&row.token_secret).ok().and_then(|bytes| bytes.try_into().ok());
    let secret = secret.ok_or_else(|| StoreError::Damaged {
        table: "invoices",
        column: "token_secret",
        id: row.invoice.id.to_string(),
        value: "(hidden)".into(),
    })?;
    Ok(PageToken { merchant_number: merchant.number, invoice_number: row.invoice.number, secret })
}

struct Created {
    number: i64,
    answer: String,
    /// The charge to send now.
    charge: Option<ChargeId>,
    /// The hosted page's address.
    page: String,
}

fn create_in(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    new: &NewInvoice,
    with_card: bool,
) -> Result<Created, CreateFailed> {
    if let Some((key, request_hash)) = &new.idempotency {
        match idempotency::get(tx, &merchant.id, key)? {
            Some(kept) if kept.request_hash == *request_hash => {
                return Ok(Created { number: 0, answer: kept.answer, charge: None, page: String::new() });
            }
            Some(_) => return Err(CreateFailed::KeyReused),
            None => {}
        }
    }
    may_go_on(merchant)?;
    let now = app.now();
    let (mut row, token) = new_row(app, tx, merchant, new, now)?;
    events::record(app, tx, merchant, &mut row, now)?;
    invoices::insert(tx, &row)?;
    let mut charge = None;
    if new.direct {
        change_state(app, tx, merchant, &mut row, State::Opened, now)?;
        if let Some(asset) = new.asset.as_deref().and_then(|code| app.asset(code)) {
            // where the money goes is not taken from what is remembered of the merchant
            attempts::open_in(app, tx, &merchants::existing(tx, &merchant.id)?, &row, asset, now)?;
        } else if with_card {
            let wanted = Wanted { method: Method::Card, device: Device::Other, with_card };
            charge = Some(begin::begin_in(app, tx, merchant, &row, wanted, now)?.charge.id);
        }
    }
    let page = page_url(app, &token);
    let number = u64::try_from(row.invoice.number).unwrap_or(0);
    let answer = match new.direct {
        true => answers::created_s2s(&page, InvoiceStatus::from(row.invoice.state), number),
        false => answers::created(&page),
    };
    if let Some((key, request_hash)) = &new.idempotency {
        // should this end before the charge has its answer, a repeat is led to the page, which shows what became of it
        let kept = Kept { request_hash: request_hash.clone(), answer: answer.clone() };
        idempotency::keep(tx, &merchant.id, key, &kept, now)?;
    }
    Ok(Created { number: row.invoice.number, answer, charge, page })
}

/// The answer to S2S by card, once the provider has answered: where the payer's browser goes now. A decline ends the invoice: there is
/// no page on which another card could be tried.
fn direct_answer(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    charge: &ChargeRow,
    page: &str,
) -> Result<String, StoreError> {
    if let (charge::State::Declined, Some(why)) = (charge.charge.state, charge.decline) {
        record::decline_invoice(app, tx, charge, why, app.now())?;
    }
    let row = invoices::existing(tx, &merchant.id, charge.invoice_number)?;
    let own = |path: &str| format!("{}{path}", app.base_url);
    let url = match (row.invoice.state, &charge.todo) {
        (State::Received | State::Settled, _) => row.success_url.clone().unwrap_or_else(|| own(paths::SUCCESS_PAGE)),
        (State::Failed(_), _) => row.failure_url.clone().unwrap_or_else(|| page.to_owned()),
        (_, Some(NeedsPayer::Visit { url, .. })) if is_web(url) => url.clone(),
        _ => page.to_owned(),
    };
    let number = u64::try_from(row.invoice.number).unwrap_or(0);
    Ok(answers::created_s2s(&url, InvoiceStatus::from(row.invoice.state), number))
}

/// What a provider names as a page must be one.
fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

/// An invoice as it is before its first event.
fn new_row(
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
    let customer = customer(request);
    let row = InvoiceRow {
        invoice,
        token_secret: hex::encode(secret),
        email: request.email.clone(),
        solution: new.solution,
        solution_name: request.solution_name.clone(),
        chosen: None,
        payable_currency: new.asset.clone(),
        callback_json: request.callback_json.clone(),
        success_url: request.success_url.clone(),
        cancel_url: request.cancel_url.clone(),
        pending_url: request.pending_url.clone(),
        failure_url: request.failure_url.clone(),
        customer,
        customer_ip: request.customer_ip.map(|ip| ip.to_string()),
        paid: None,
        settle_tx_hash: None,
        last_event: 0,
        version: 1,
    };
    Ok((row, token))
}

/// What is known of the payer beside the e-mail, as JSON.
fn customer(request: &CreateRequest) -> Option<String> {
    let mut known = serde_json::Map::new();
    let mut keep = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            known.insert(name.into(), value.clone().into());
        }
    };
    keep("name", request.name.as_ref());
    keep("phone", request.phone.as_ref());
    keep("country", request.country.as_ref());
    keep("personal_id", request.personal_id.as_ref());
    if let Some(billing) = &request.billing {
        keep("address1", Some(&billing.address1));
        keep("address2", Some(&billing.address2));
        keep("city", Some(&billing.city));
        keep("state", billing.state.as_ref());
        keep("postcode", Some(&billing.postcode));
        keep("date_of_birth", Some(&billing.date_of_birth));
    }
    (!known.is_empty()).then(|| serde_json::Value::Object(known).to_string())
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
    end(app, token, None).await
}

/// As [`cancel`], by somebody of the merchant's.
pub async fn cancel_by(
    app: &SharedApp,
    merchant: &Merchant,
    row: &InvoiceRow,
    actor: Actor,
) -> Result<(), CommandFailed> {
    end(app, &token_of(merchant, row)?.encode(&app.page_key), Some(actor)).await
}

async fn end(app: &SharedApp, token: &str, by: Option<Actor>) -> Result<(), CommandFailed> {
    close::before_another(app, token, None).await?;
    let (worker, token) = (app.clone(), token.to_owned());
    app.store
        .write(move |tx| {
            let (merchant, mut row) = by_token(&worker, tx, &token)?.ok_or(CommandFailed::NotFound)?;
            let now = worker.now();
            let payments = payments::of_invoice(tx, &merchant.id, row.invoice.number)?;
            let charges = charges::of_invoice(tx, &merchant.id, row.invoice.number)?;
            let money_seen = payments.iter().any(|p| may_count(&worker, p))
                || charges.iter().any(|row| {
                    row.charge.state.is_unresolved() || row.charge.counts() || begin::may_be_paid_now(row, now)
                });
            let next = row.invoice.decide(Command::Cancel { money_seen }, now)?;
            if next != row.invoice.state {
                for mut charge in charges {
                    if charge.charge.state == charge::State::NeedsPayer {
                        let who = if by.is_some() { "the merchant canceled" } else { "the payer canceled" };
                        begin::lapse(tx, &mut charge, who, now)?;
                    }
                }
                if let Some(actor) = &by {
                    let of = (about(row.invoice.number), String::new());
                    record_for(&worker, tx, actor, &merchant.id, "invoice.cancel", of)?;
                }
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

/// How long a charge that nobody decides keeps its invoice from expiring; what comes later is recorded as late.
pub const UNDECIDED_MILLIS: i64 = 3 * DAY;

/// Whether money of a charge may be on its way.
fn holds_expiry(row: &ChargeRow, now: Time) -> bool {
    let undecided = row.charge.state.is_unresolved() && now < row.charge.created_at.plus(UNDECIDED_MILLIS);
    undecided || begin::may_be_paid_now(row, now)
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
                let charges = charges::of_invoice(tx, &merchant.id, row.invoice.number)?;
                let money_pending =
                    payments.iter().any(|p| p.payment.finality != Finality::Final && may_count(&worker, p))
                        || is_blind(&worker, tx, &row)?
                        || charges.iter().any(|row| holds_expiry(row, now));
                match row.invoice.decide(Command::Expire { money_pending }, now) {
                    Ok(next) => {
                        for mut charge in charges {
                            if charge.charge.state == charge::State::NeedsPayer {
                                begin::lapse(tx, &mut charge, "the invoice has expired", now)?;
                            }
                        }
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
