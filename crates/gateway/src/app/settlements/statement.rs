//! A settlement's statement: the rows of its items, tied out to the ledger line by line. One that does not tie out is not given.

use std::collections::BTreeMap;

use domain::charge::Charge;
use domain::charge_books::paid_cause;
use domain::ledger::{Draft, Kind, Owner, Side};
use domain::settlement::{item_cause, item_entry};
use domain::transfer_books::{Step, cause as transfer_cause};
use domain::{ChargeId, MerchantId, Units};

use crate::store::settlements::{self, ItemRow, SettlementRow, State};
use crate::store::transfers::{self, TransferRow};
use crate::store::{StoreError, Tx, charges, ledger, ledger_pages};

/// A settlement with its items and its transfer, proven against the entries.
#[derive(Debug, Clone)]
pub struct Statement {
    pub settlement: SettlementRow,
    pub items: Vec<ItemRow>,
    pub transfer: TransferRow,
}

#[derive(Debug, thiserror::Error)]
pub enum NoStatement {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("this merchant has no settlement {0}")]
    NotFound(i64),
    #[error("the rows and the ledger disagree: {0}; run `lockgate audit`")]
    Disagrees(String),
}

/// What an entry posts to an account's side, in all.
fn posted(entry: &Draft, owner: Owner, kind: Kind, asset: &str, side: Side) -> Option<Units> {
    let at = |p: &&domain::ledger::Posting| {
        (p.account.owner, p.account.kind, p.account.asset.as_str(), p.side) == (owner, kind, asset, side)
    };
    entry.postings.iter().filter(at).try_fold(Units::ZERO, |sum, posting| sum.plus(posting.units).ok())
}

/// Computes the statement of a settlement from the entries and from the rows.
pub fn statement(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Statement, NoStatement> {
    let settlement = settlements::by_number(tx, merchant, number)?.ok_or(NoStatement::NotFound(number))?;
    let items = settlements::items(tx, merchant, number)?;
    let transfer = transfers::existing(tx, merchant, &settlement.transfer_id)?;
    let books = Books {
        charges: charges::of_settlement(tx, merchant, number)?
            .into_iter()
            .map(|row| (row.charge.id.clone(), row.charge))
            .collect(),
        entries: ledger_pages::of_settlement(tx, merchant, number)?,
    };
    let mut sum = Some(Units::ZERO);
    for row in &items {
        let set_aside = check_item(&books, row, settlement.state)?;
        sum = sum.and_then(|sum| sum.plus(set_aside).ok());
    }
    if sum != Some(settlement.units) || transfer.units != settlement.units || transfer.destination != settlement.wallet
    {
        return Err(NoStatement::Disagrees("the items, the settlement and its transfer are not over the same".into()));
    }
    let done = ledger::by_cause(tx, merchant, &transfer_cause(&transfer.id, Step::Done, transfer.round))?;
    let left =
        done.and_then(|row| posted(&row.draft, Owner::Operator, Kind::Treasury, &settlement.asset, Side::Credit));
    if settlement.state == State::Done && (left != Some(settlement.units) || settlement.tx_hash != transfer.tx_hash) {
        return Err(NoStatement::Disagrees("what arrived is not what was set aside".into()));
    }
    Ok(Statement { settlement, items, transfer })
}

/// What a settlement's items are tied out to, read at once however many there are.
struct Books {
    charges: BTreeMap<ChargeId, Charge>,
    /// By cause.
    entries: BTreeMap<String, Draft>,
}

/// Ties an item out to its entry and to the entry of its charge; answers what was set aside for it, in coins.
fn check_item(books: &Books, row: &ItemRow, state: State) -> Result<Units, NoStatement> {
    let disagrees = |what: &str| NoStatement::Disagrees(format!("charge {}: {what}", row.item.charge));
    let item = &row.item;
    let moved = item.reserve.plus(item.contribution).and_then(|pay| pay.plus(item.fee)?.plus(item.deducted));
    if moved != Ok(item.gross) {
        return Err(disagrees("its amounts do not add up"));
    }
    let charge = books.charges.get(&item.charge).ok_or_else(|| disagrees("it is not there"))?;
    let paid = books.entries.get(&paid_cause(&charge.id, charge.round));
    // what came free again later has paid its fee already
    if !item.fee.is_zero()
        && let Some(paid) = paid
    {
        let fee = posted(paid, Owner::Operator, Kind::Fee, &item.currency, Side::Credit);
        let gross = posted(paid, charge.owner, Kind::Provider, &item.currency, Side::Debit);
        if (gross, fee) != (Some(item.gross), Some(item.fee)) {
            return Err(disagrees("the entry of its payment says another amount or fee"));
        }
    }
    let cause = item_cause(row.number, &item.charge);
    let entry = books.entries.get(&cause);
    let at = entry.map_or(domain::Time(0), |entry| entry.at);
    let expected = item_entry(row.number, row.invoice_number, item, &row.rate, at);
    if expected.as_ref().map(Option::as_ref) != Ok(entry) {
        return Err(disagrees("its entry says something else"));
    }
    let Some(entry) = entry else { return Ok(Units::ZERO) };
    let undone = books.entries.contains_key(&format!("reversal:{cause}"));
    if undone != (state == State::Canceled) {
        return Err(disagrees("called off on one side only"));
    }
    posted(entry, Owner::Merchant, Kind::Settling, &item.asset, Side::Credit).ok_or_else(|| disagrees("out of range"))
}
