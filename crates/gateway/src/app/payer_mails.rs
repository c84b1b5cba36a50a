//! What payers are sent about an invoice: once for each press of a button, or once by itself when it is paid, and never many.

use domain::invoice::State;
use domain::merchant::Merchant;
use domain::time::DAY;
use domain::{MerchantId, Time, Units};

use super::App;
use super::acts::{Actor, record_for};
use super::invoices::about;
use super::payments::left_to_ask;
use crate::store::invoices::{self, InvoiceRow};
use crate::store::mails::{self, File};
use crate::store::payer_mails::{self, DueMail, State as Asked};
use crate::store::{StoreError, Tx, storefronts};

/// About one invoice within 24 hours, and by one merchant.
pub const MOST_ABOUT_ONE: i64 = 3;
pub const MOST_OF_A_MERCHANT: i64 = 1_000;
/// What causes the mail that goes out by itself: one is written in an invoice's life.
const PAID: &str = "paid";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Receipt,
    /// The payer's page, to pay there.
    Invoice,
}

impl Kind {
    /// As the log has it.
    fn act(self) -> &'static str {
        match self {
            Kind::Receipt => "receipt.mail",
            Kind::Invoice => "invoice.mail",
        }
    }

    /// What an invoice's state has to be sent. Of an open one there may be nothing to ask for: see [`to_send`].
    pub fn of(row: &InvoiceRow) -> Option<Kind> {
        match row.invoice.state {
            State::Received | State::Settled if row.paid.is_some() => Some(Kind::Receipt),
            state if state.is_open() => Some(Kind::Invoice),
            _ => None,
        }
    }
}

/// What there is to send of an invoice now, and the amount that it names: what was asked for in all, or what is left of it. Nothing
/// while a payment that would cover it is being confirmed.
pub fn to_send(tx: &Tx<'_>, row: &InvoiceRow) -> Result<Option<(Kind, Units)>, StoreError> {
    Ok(match Kind::of(row) {
        Some(Kind::Invoice) => {
            let left = left_to_ask(tx, row)?;
            (!left.is_zero()).then_some((Kind::Invoice, left))
        }
        kind => kind.map(|kind| (kind, row.invoice.amount)),
    })
}

/// A mail in words.
#[derive(Clone)]
pub struct Letter {
    pub subject: String,
    pub body: String,
    pub file: Option<File>,
}

/// It holds a link to pay at.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(…)")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is nothing of this kind to send now")]
    NotNow,
    #[error("enough was sent within a day")]
    Enough,
}

/// A person sends a mail; `cause` tells one press from the next, and a press that comes twice sends once.
pub fn send(
    app: &App,
    tx: &Tx<'_>,
    (merchant, number): (&Merchant, i64),
    (kind, letter): (Kind, &Letter),
    cause: &str,
    actor: &Actor,
) -> Result<(), Refused> {
    let row = invoices::existing(tx, &merchant.id, number)?;
    if to_send(tx, &row)?.is_none_or(|(now, _)| now != kind) {
        return Err(Refused::NotNow);
    }
    let at = (&merchant.id, number);
    match press(tx, at, cause, app.now())? {
        Press::First => Ok(post(app, tx, at, &row, kind, letter, actor)?),
        Press::Again => Ok(()),
        Press::TooMany => Err(Refused::Enough),
    }
}

/// What a person's press of a button that mails a payer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// It is counted: the mail goes, in the same transaction.
    First,
    /// The same as before: its mail went then.
    Again,
    /// One too many. What it counted is undone with its transaction.
    TooMany,
}

/// Counts a press; `cause` tells one from the next.
pub fn press(tx: &Tx<'_>, at: (&MerchantId, i64), cause: &str, now: Time) -> Result<Press, StoreError> {
    if !payer_mails::insert(tx, at, cause, Asked::Written, now)? {
        return Ok(Press::Again);
    }
    // with this one
    let since = now.plus(-DAY);
    // those that go by themselves, one for each payment, stop no press
    let in_all = payer_mails::count_all(tx, at.0, since, PAID)?;
    let about_it = payer_mails::count_since(tx, at, since)?;
    match about_it > MOST_ABOUT_ONE || in_all > MOST_OF_A_MERCHANT {
        true => Ok(Press::TooMany),
        false => Ok(Press::First),
    }
}

/// Into the outbox, the invoice's timeline and the log.
fn post(
    app: &App,
    tx: &Tx<'_>,
    (merchant, number): (&MerchantId, i64),
    row: &InvoiceRow,
    kind: Kind,
    letter: &Letter,
    actor: &Actor,
) -> Result<(), StoreError> {
    mails::insert_with(tx, &row.email, (&letter.subject, &letter.body), letter.file.as_ref(), app.now())?;
    record_for(app, tx, actor, merchant, kind.act(), (about(number), String::new()))
}

/// An invoice is paid: where the merchant wants that, its receipt is due. In the transaction that says so.
pub fn paid(tx: &Tx<'_>, merchant: &MerchantId, number: i64, now: Time) -> Result<(), StoreError> {
    let at = (merchant, number);
    if storefronts::of(tx, merchant)?.receipts && !payer_mails::insert(tx, at, PAID, Asked::Due, now)? {
        // one that was dropped because the money was held back; one that was written stays the only one
        payer_mails::again(tx, at, PAID, now)?;
    }
    Ok(())
}

/// Ends one that was due: with its letter, or with nothing if there is none to write any more.
pub fn write(app: &App, tx: &Tx<'_>, due: &DueMail, letter: Option<&Letter>) -> Result<(), StoreError> {
    let (merchant, number) = (&due.merchant_id, due.invoice_number);
    let row = invoices::by_number(tx, merchant, number)?.filter(|row| Kind::of(row) == Some(Kind::Receipt));
    match (row, letter) {
        // another node may have been quicker
        (Some(row), Some(letter)) if payer_mails::end(tx, due, Asked::Written)? => {
            post(app, tx, (merchant, number), &row, Kind::Receipt, letter, &Actor("lockgate".into()))
        }
        // free again since there was nothing to write: it stays due, and the next look finds it
        (Some(_), _) => Ok(()),
        (None, _) => payer_mails::end(tx, due, Asked::Dropped).map(|_| ()),
    }
}
