//! Money out, whatever it is for: reserve → decide the bytes → store them → send → ask → record.
//!
//! A transfer is decided with its ledger entry in one transaction ([`reserve`]). Transfers to providers and processors are driven by
//! [`drive`], those over a chain by the treasury's worker. Whoever learns of an end comes to [`arrived`] or [`ended`]: the only places where
//! a transfer's entries are made.

pub mod acts;
mod charge_refund;
pub mod drive;
mod leg;
#[cfg(test)]
mod tests;

use domain::ledger::{Kind as AccountKind, Owner, Unbalanced};
use domain::transfer::{Kind, State};
use domain::transfer_books::{self, Moved, Step};
use domain::{AccountId, MerchantId, Time, TransferId, Units};

use super::{App, payouts};
use crate::store::transfers::{self, Approval, TransferRow};
use crate::store::{StoreError, Tx, ledger, provider_accounts};
use crate::telemetry::decided::{Decided, decided};
use crate::telemetry::metrics;

/// What is decided.
#[derive(Debug, Clone)]
pub struct NewTransfer {
    pub merchant: MerchantId,
    pub kind: Kind,
    pub subject: String,
    pub invoice_number: Option<i64>,
    pub taken_from: AccountKind,
    pub asset: String,
    pub units: Units,
    pub rail: Rail,
    pub destination: String,
    /// A second person must agree before anything is sent.
    pub needs_approval: bool,
}

/// What a transfer goes over.
#[derive(Debug, Clone)]
pub enum Rail {
    Chain(String),
    Account(AccountId),
}

/// Counts a step of a transfer's life.
fn came_to(row: &TransferRow, end: &'static str) {
    decided(Decided::Transfer(metrics::Transfer { kind: row.kind.name(), end }));
}

fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// Decides a transfer and sets its amount aside. That there is enough is for the caller to look at, in the same transaction.
pub fn reserve(app: &App, tx: &Tx<'_>, new: NewTransfer) -> Result<TransferRow, StoreError> {
    let now = app.now();
    let (chain, account_id) = match new.rail {
        Rail::Chain(chain) => (Some(chain), None),
        Rail::Account(id) => (None, Some(id)),
    };
    let row = TransferRow {
        merchant_id: new.merchant,
        id: TransferId::new(app.ulid()),
        kind: new.kind,
        subject: new.subject,
        invoice_number: new.invoice_number,
        taken_from: new.taken_from,
        asset: new.asset,
        units: new.units,
        chain,
        account_id,
        destination: new.destination,
        state: State::Reserved,
        approval: if new.needs_approval { Approval::Wanted } else { Approval::NotNeeded },
        approved_by: None,
        round: 0,
        fence: 1,
        leased_until: Time(0),
        due_at: Some(now),
        asked: 0,
        reference: None,
        request_hash: None,
        sender: None,
        nonce: None,
        tx_hash: None,
        alone: false,
        called_off: false,
        parked: None,
        note: None,
        sent_at: None,
        created_at: now,
        changed_at: now,
    };
    transfers::insert(tx, &row)?;
    came_to(&row, "reserved");
    enter(tx, &row, Step::Reserved, now)?;
    Ok(row)
}

/// Where the money goes from our books when it arrives.
fn outside(tx: &Tx<'_>, row: &TransferRow) -> Result<(Owner, AccountKind), StoreError> {
    Ok(match row.kind {
        Kind::Settlement | Kind::CoinRefund => (Owner::Operator, AccountKind::Treasury),
        Kind::CardPayout => (Owner::Operator, AccountKind::Processor),
        Kind::ChargeRefund => {
            let id = row.account_id.as_ref();
            let id = id.ok_or_else(|| StoreError::Inconsistent(format!("transfer {} names no account", row.id)))?;
            (provider_accounts::existing(tx, id)?.owner, AccountKind::Provider)
        }
    })
}

/// What a step's entry is about; the auditor makes the same.
pub fn moved<'r>(tx: &Tx<'_>, row: &'r TransferRow) -> Result<Moved<'r>, StoreError> {
    Ok(Moved {
        id: &row.id,
        kind: row.kind,
        from: row.taken_from,
        outside: outside(tx, row)?,
        asset: &row.asset,
        units: row.units,
        invoice_number: row.invoice_number,
        round: row.round,
    })
}

fn enter(tx: &Tx<'_>, row: &TransferRow, step: Step, now: Time) -> Result<(), StoreError> {
    // what a settlement sets aside, and frees, are the entries of its items
    if row.kind == Kind::Settlement && step != Step::Done {
        return Ok(());
    }
    let entry = transfer_books::entry(&moved(tx, row)?, step, now).map_err(unbalanced)?;
    ledger::enter(tx, &row.merchant_id, &entry).map(|_| ())
}

/// Moves on, if that is a step there is; the caller writes the row.
pub fn become_(row: &mut TransferRow, next: State, now: Time) -> bool {
    let may = row.state.may_become(next);
    if may {
        row.state = next;
        row.changed_at = now;
        row.asked = 0;
    }
    may
}

/// The other side proved that it arrived: entry, state, and what hangs on it.
pub fn arrived(app: &App, tx: &Tx<'_>, row: &mut TransferRow, now: Time) -> Result<(), StoreError> {
    if !become_(row, State::Done, now) {
        return Ok(());
    }
    row.round += 1;
    came_to(row, "arrived");
    (row.due_at, row.parked, row.note) = (drive::watch(row, now), None, None);
    enter(tx, row, Step::Done, now)?;
    transfers::update(tx, row)?;
    tracing::info!(transfer = %row.id, kind = row.kind.name(), "A transfer arrived");
    changed(app, tx, row, now)
}

/// It is proven that it will not arrive (`State::Failed`), or a person called it off (`State::Canceled`).
pub fn ended(
    app: &App,
    tx: &Tx<'_>,
    row: &mut TransferRow,
    end: State,
    why: &str,
    now: Time,
) -> Result<(), StoreError> {
    if !matches!(end, State::Failed | State::Canceled) || !become_(row, end, now) {
        return Ok(());
    }
    came_to(row, if end == State::Canceled { "canceled" } else { "failed" });
    (row.due_at, row.parked, row.note) = (None, None, Some(why.to_owned()));
    enter(tx, row, Step::Failed, now)?;
    transfers::update(tx, row)?;
    tracing::warn!(transfer = %row.id, kind = row.kind.name(), why, "A transfer ended; its amount is free again");
    changed(app, tx, row, now)
}

/// A transfer that had arrived left the chain: it is on its way again, with the same bytes.
pub fn taken_back(app: &App, tx: &Tx<'_>, row: &mut TransferRow, now: Time) -> Result<(), StoreError> {
    if !undo_arrival(tx, row, now)? {
        return Ok(());
    }
    row.note = Some("it had arrived, and left the chain".into());
    transfers::update(tx, row)?;
    changed(app, tx, row, now)
}

/// A transfer that had arrived came back, as its provider says: the arrival is undone, and the amount is free again.
pub(super) fn returned(app: &App, tx: &Tx<'_>, row: &mut TransferRow, why: &str, now: Time) -> Result<(), StoreError> {
    if !undo_arrival(tx, row, now)? {
        return Ok(());
    }
    tracing::error!(transfer = %row.id, kind = row.kind.name(), why, "A transfer that had arrived came back");
    ended(app, tx, row, State::Failed, why, now)
}

/// From done to on its way, with the opposite of the entry of its arrival; false when it has not arrived.
fn undo_arrival(tx: &Tx<'_>, row: &mut TransferRow, now: Time) -> Result<bool, StoreError> {
    let cause = transfer_books::cause(&row.id, Step::Done, row.round);
    if row.state != State::Done || !become_(row, State::Pending, now) {
        return Ok(false);
    }
    came_to(row, "taken_back");
    let entry = ledger::by_cause(tx, &row.merchant_id, &cause)?
        .ok_or_else(|| StoreError::Inconsistent(format!("transfer {} is done but has no entry", row.id)))?;
    let reason = domain::ledger::Reason::TransferReversed;
    ledger::enter(tx, &row.merchant_id, &entry.draft.reversal(format!("reversal:{cause}"), reason, now))?;
    Ok(true)
}

/// The other side has it and works on it.
fn under_way(tx: &Tx<'_>, row: &TransferRow) -> Result<(), StoreError> {
    match row.kind {
        Kind::CardPayout => payouts::forget_card(tx, row),
        Kind::Settlement | Kind::CoinRefund | Kind::ChargeRefund => Ok(()),
    }
}

/// Sets a transfer aside for a person, with the reason. It is still asked about.
pub fn park(row: &mut TransferRow, why: String) {
    if row.parked.as_ref() != Some(&why) {
        tracing::error!(transfer = %row.id, kind = row.kind.name(), state = row.state.name(), why, "A transfer is parked");
    }
    row.parked = Some(why);
}

/// What hangs on a transfer that changed: the settlement, the pay-out, the refund it is for.
fn changed(app: &App, tx: &Tx<'_>, row: &TransferRow, now: Time) -> Result<(), StoreError> {
    match row.kind {
        Kind::CardPayout => payouts::transfer_changed(app, tx, row, now),
        Kind::Settlement => super::settlements::transfer_changed(app, tx, row, now),
        Kind::CoinRefund => super::coin_refunds::transfer_changed(tx, row, now),
        // one that failed leaves an invoice what it was paid with
        Kind::ChargeRefund => match row.invoice_number {
            Some(number) => super::payments::invoice::update(app, tx, &row.merchant_id, number, now),
            None => Ok(()),
        },
    }
}
