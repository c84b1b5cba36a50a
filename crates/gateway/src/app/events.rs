//! Telling the merchant: an event with its final bytes, and a delivery if there is somewhere to send it.

use domain::invoice::{Failure, State};
use domain::merchant::Merchant;
use domain::scope::Scope;
use domain::{EventId, Time};

use super::App;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::events::{self, About, EventRow};
use crate::store::invoices::{InvoiceRow, Solution};
use crate::store::{StoreError, Tx, merchants};
use crate::telemetry::decided::{Decided, decided};
use crate::telemetry::metrics::Reached;
use crate::wire::amount::Quantity;
use crate::wire::callback::{InvoiceCallback, Money};
use crate::wire::signature::{Scheme, x_signature};
use crate::wire::status::{CANCELED_BY_CUSTOMER, InvoiceStatus, words};

/// What the wire calls the invoice's state, with all that is known about it.
pub fn callback(row: &InvoiceRow) -> InvoiceCallback<'_> {
    let invoice = &row.invoice;
    let digits = domain::fiat::minor_digits(&invoice.devise).unwrap_or(2);
    let invoiced = Money { amount: Quantity::new(invoice.amount.0, digits), currency: &invoice.devise };
    // a part of an invoice that is over was not what it asked for: history shows it, the callback speaks of the invoice
    let counts = matches!(invoice.state, State::Received | State::Settled | State::Withheld | State::Chargeback);
    let paid = row.paid.as_ref().filter(|_| counts);
    InvoiceCallback {
        status: InvoiceStatus::from(invoice.state),
        id: u64::try_from(invoice.number).unwrap_or(0),
        invoiced,
        description: description(row),
        callback_json: row.callback_json.as_deref(),
        charged: paid.map(|paid| match &paid.charged {
            Some(charged) => {
                let digits = domain::fiat::minor_digits(&charged.currency).unwrap_or(2);
                Money { amount: Quantity::new(charged.units.0, digits), currency: &charged.currency }
            }
            None => invoiced,
        }),
        settled: paid
            .map(|paid| Money { amount: Quantity::new(paid.merchant_units.0, paid.decimals), currency: &paid.symbol }),
        at_ms: Some(invoice.status_at.0),
    }
}

fn description(row: &InvoiceRow) -> Option<&'static str> {
    let at_provider = matches!(row.chosen, Some(Solution::Card | Solution::Upi));
    match row.invoice.state {
        State::Failed(Failure::Canceled) => Some(CANCELED_BY_CUSTOMER),
        State::Failed(Failure::PaymentReversed) if at_provider => Some("The payment was reversed by the bank"),
        State::Failed(Failure::PaymentReversed) => Some("The payment was reversed by the blockchain"),
        State::Failed(Failure::Declined) => Some("The payment was declined"),
        _ => None,
    }
}

/// Records that the invoice has reached its state. Counts up `row.last_event`; the caller writes the row.
pub fn record(app: &App, tx: &Tx<'_>, merchant: &Merchant, row: &mut InvoiceRow, now: Time) -> Result<(), StoreError> {
    row.last_event += 1;
    let silent = row.invoice.state == State::Expired && !merchant.callback_on_expiry;
    let told = Told {
        about: About::invoice(row.invoice.number),
        seq: row.last_event,
        status: words(InvoiceStatus::from(row.invoice.state)).value,
        body: callback(row).body(),
        silent,
    };
    tell(app, tx, merchant, told, now)
}

/// What a merchant is told.
#[derive(Debug)]
pub struct Told {
    pub about: About,
    /// From 1, without a gap.
    pub seq: i64,
    /// The wire's status.
    pub status: &'static str,
    /// The callback's bytes.
    pub body: String,
    /// Recorded only, not sent.
    pub silent: bool,
}

/// Keeps an event, and a delivery if the merchant has somewhere to send it.
pub fn tell(app: &App, tx: &Tx<'_>, merchant: &Merchant, told: Told, now: Time) -> Result<(), StoreError> {
    let event = EventRow {
        merchant_id: merchant.id.clone(),
        about: told.about,
        seq: told.seq,
        id: EventId::new(app.ulid()),
        status: told.status.to_owned(),
        body: told.body,
        at: now,
    };
    events::insert(tx, &event)?;
    decided(Decided::Reached(Reached { subject: told.about.subject.name(), status: told.status }));
    let Some(url) = merchant.callback_url.as_ref().filter(|_| !told.silent) else { return Ok(()) };
    let delivery = DeliveryRow {
        merchant_id: event.merchant_id,
        about: event.about,
        seq: event.seq,
        event_id: event.id,
        url: url.clone(),
        signature: signature(app, tx, merchant, event.body.as_bytes(), now)?,
        body: event.body,
        state: "due".into(),
        failed: 0,
        due_at: now,
    };
    deliveries::insert(tx, &delivery)
}

/// Signs with the merchant's newest valid key that is for callbacks: the only secret the contract gives both sides. Who holds another key, made for
/// less, cannot sign in our name with it.
pub(crate) fn signature(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    body: &[u8],
    now: Time,
) -> Result<String, StoreError> {
    let keys = merchants::keys(tx, &merchant.id)?;
    let Some(key) = keys.iter().rev().find(|key| key.is_valid(now) && key.scopes.has(Scope::Callbacks)) else {
        // without a valid key nobody can check a signature; the delivery still goes out, unsigned
        return Ok(String::new());
    };
    let secret = app
        .master_key
        .open(key.id.as_str(), &key.sealed)
        .map_err(|error| StoreError::Unusable(format!("API key {}: {error}", key.id)))?;
    Ok(x_signature(Scheme::default(), &secret, body))
}
