//! Everything that happened to a payment out, or to a fund: one list, oldest first.

use domain::MerchantId;
use domain::fund_books;
use domain::transfer_books::{Step, cause};

use crate::app::timeline::{Item, What, told};
use crate::app::transfers::acts::{ASKED, about as about_transfer};
use crate::store::events::About;
use crate::store::funds::FundRow;
use crate::store::payouts::PayoutRow;
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx, audit_log, ledger, transfers};

/// A payment's transfer, and all that happened to both.
pub fn of_payment(tx: &Tx<'_>, row: &PayoutRow) -> Result<(TransferRow, Vec<Item>), StoreError> {
    let (merchant, mut items) = (&row.merchant_id, Vec::new());
    told(tx, merchant, About::payment(row.number), (row.last_event, row.created_at), &mut items)?;
    let transfer = transfers::existing(tx, merchant, &row.transfer_id)?;
    if let Some(actor) = row.asked_by.clone() {
        let what = What::Act { actor, act: "payment.asked".into(), detail: String::new() };
        items.push(Item { at: row.created_at, what });
    }
    if let Some(at) = transfer.sent_at {
        items.push(Item { at, what: What::Sent { reference: transfer.reference.clone() } });
    }
    let done = (1..=transfer.round).map(|round| cause(&transfer.id, Step::Done, round));
    let undone = (1..=transfer.round).map(|round| format!("reversal:{}", cause(&transfer.id, Step::Done, round)));
    let ends = [cause(&transfer.id, Step::Reserved, 0), cause(&transfer.id, Step::Failed, 0)];
    entries(tx, merchant, ends.into_iter().chain(done).chain(undone), &mut items)?;
    acts(tx, merchant, &about_transfer(&transfer.id), &mut items)?;
    items.sort_by_key(|item| item.at);
    Ok((transfer, items))
}

/// All that happened to a fund.
pub fn of_fund(tx: &Tx<'_>, row: &FundRow) -> Result<Vec<Item>, StoreError> {
    let (merchant, mut items) = (&row.merchant_id, Vec::new());
    told(tx, merchant, About::fund(row.number), (row.last_event, row.created_at), &mut items)?;
    let credited = fund_books::credited_cause(row.number);
    let undone = fund_books::reversal_cause(&credited);
    entries(tx, merchant, [credited, undone].into_iter(), &mut items)?;
    acts(tx, merchant, &crate::app::funds::about(row.number), &mut items)?;
    items.sort_by_key(|item| item.at);
    Ok(items)
}

fn entries(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    causes: impl Iterator<Item = String>,
    items: &mut Vec<Item>,
) -> Result<(), StoreError> {
    for cause in causes {
        if let Some(entry) = ledger::by_cause(tx, merchant, &cause)? {
            let (seq, draft) = (entry.seq, entry.draft);
            let what = What::Entry { seq, reason: draft.reason, postings: draft.postings, rate: draft.rate };
            items.push(Item { at: draft.at, what });
        }
    }
    Ok(())
}

/// What the merchant's people did; who asked is told already.
fn acts(tx: &Tx<'_>, merchant: &MerchantId, about: &str, items: &mut Vec<Item>) -> Result<(), StoreError> {
    for act in audit_log::about_of(tx, merchant, about)?.into_iter().filter(|act| act.act != ASKED) {
        items.push(Item { at: act.at, what: What::Act { actor: act.actor, act: act.act, detail: String::new() } });
    }
    Ok(())
}
