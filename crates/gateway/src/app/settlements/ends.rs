//! How a settlement ends: it arrived, the chain took it back, or it was called off; and reserves whose time is over.

use std::collections::BTreeSet;

use domain::ledger::Reason;
use domain::settlement::{item_cause, release_cause, release_entry};
use domain::transfer::State as TransferState;
use domain::{MerchantId, Time};

use super::unbalanced;
use crate::app::payments::invoice as invoice_case;
use crate::app::{App, SharedApp};
use crate::store::settlements::{self, ItemRow, ReserveRow, ReserveState, State};
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx, charges, ledger};

/// Frees what was kept in reserve long enough: it is owed again, and settled with the next batch. Each in a transaction of its own: one
/// that cannot be freed does not hold up the others.
pub(super) async fn release_due(app: &SharedApp) -> Result<(), StoreError> {
    const ROUND: i64 = 100;
    let mut stuck: i64 = 0;
    loop {
        let (now, limit) = (app.now(), ROUND + stuck);
        let due = app.store.read(|tx| settlements::due_reserves(tx, now, limit)).await?;
        let count = due.len();
        stuck = 0;
        for row in due {
            let (settlement, charge) = (row.number, row.charge_id.clone());
            if let Err(error) = app.store.write(move |tx| release(tx, &row, now)).await {
                tracing::error!(settlement, %charge, %error, "A reserve could not be released");
                stuck += 1;
            }
        }
        // a whole page: there may be more behind those that are stuck
        if i64::try_from(count) != Ok(limit) {
            return Ok(());
        }
    }
}

fn release(tx: &Tx<'_>, row: &ReserveRow, now: Time) -> Result<(), StoreError> {
    let entry = release_entry(row.number, row.invoice_number, &row.charge_id, &row.kept, now);
    ledger::enter(tx, &row.merchant_id, &entry.map_err(unbalanced)?)?;
    let freed = ReserveRow { state: ReserveState::Released, released_at: Some(now), ..row.clone() };
    settlements::set_reserve(tx, &freed)?;
    charges::set_settled(tx, &row.merchant_id, &row.charge_id, false)
}

/// The transfer of a settlement arrived, was taken back by the chain, or ended.
pub fn transfer_changed(app: &App, tx: &Tx<'_>, transfer: &TransferRow, now: Time) -> Result<(), StoreError> {
    let merchant = &transfer.merchant_id;
    let unknown = || StoreError::Inconsistent(format!("transfer {} is of no settlement", transfer.id));
    let number: i64 = transfer.subject.parse().map_err(|_| unknown())?;
    let mut row = settlements::by_number(tx, merchant, number)?.ok_or_else(unknown)?;
    row.state = match transfer.state {
        TransferState::Done => State::Done,
        TransferState::Failed | TransferState::Canceled => State::Canceled,
        _ if row.state == State::Done => State::TakenBack,
        _ => return Ok(()),
    };
    row.changed_at = now;
    if row.state == State::Done {
        row.tx_hash.clone_from(&transfer.tx_hash);
        row.settled_at = Some(now);
    }
    settlements::update(tx, &row)?;
    match row.state {
        State::Done => {
            let items = settlements::items(tx, merchant, number)?;
            let invoices: BTreeSet<i64> = items.iter().map(|item| item.invoice_number).collect();
            for invoice in invoices {
                invoice_case::update(app, tx, merchant, invoice, now)?;
            }
            app.wake.deliveries.notify_one();
            app.wake.pages.notify_waiters();
            Ok(())
        }
        State::Canceled => call_off(tx, merchant, number, now),
        State::UnderWay | State::TakenBack => Ok(()),
    }
}

/// What a settlement has moved is owed as before, and its charges are free to be settled again.
fn call_off(tx: &Tx<'_>, merchant: &MerchantId, number: i64, now: Time) -> Result<(), StoreError> {
    for reserve in settlements::reserves(tx, merchant, number)? {
        if reserve.state == ReserveState::Released {
            reverse(tx, merchant, &release_cause(number, &reserve.charge_id), now)?;
        }
        settlements::set_reserve(tx, &ReserveRow { state: ReserveState::Void, ..reserve })?;
    }
    for ItemRow { item, .. } in settlements::items(tx, merchant, number)? {
        reverse(tx, merchant, &item_cause(number, &item.charge), now)?;
        charges::set_settled(tx, merchant, &item.charge, false)?;
    }
    Ok(())
}

/// Undoes an entry, if there is one: an item that moved nothing has none.
fn reverse(tx: &Tx<'_>, merchant: &MerchantId, cause: &str, now: Time) -> Result<(), StoreError> {
    if let Some(entry) = ledger::by_cause(tx, merchant, cause)? {
        let undone = entry.draft.reversal(format!("reversal:{cause}"), Reason::SettlementCanceled, now);
        ledger::enter(tx, merchant, &undone)?;
    }
    Ok(())
}
