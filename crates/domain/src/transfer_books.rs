//! The ledger entries of a transfer: set aside, arrived, not going to arrive.

use crate::amount::Units;
use crate::ids::TransferId;
use crate::ledger::{Account, Draft, Kind as AccountKind, Owner, Posting, Reason, Side, Unbalanced};
use crate::time::Time;
use crate::transfer::Kind;

/// What happens to a transfer's amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Reserved,
    Done,
    Failed,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy)]
pub struct Moved<'a> {
    pub id: &'a TransferId,
    pub kind: Kind,
    /// The merchant's account it was taken from. A settlement's amount is set aside by the entries of its items instead
    /// (`crate::settlement`), so it has no `Reserved` and no `Failed` of its own.
    pub from: AccountKind,
    /// Whose account outside gets smaller, and which: the treasury, a processor, a provider's account.
    pub outside: (Owner, AccountKind),
    /// An asset's or a currency's code.
    pub asset: &'a str,
    /// Base units, above zero.
    pub units: Units,
    pub invoice_number: Option<i64>,
    /// How many times it had arrived: counts up when the chain took it back.
    pub round: u32,
}

/// The unique cause of a transfer's entry.
pub fn cause(id: &TransferId, step: Step, round: u32) -> String {
    match step {
        Step::Reserved => format!("transfer:{id}:reserved"),
        Step::Done => format!("transfer:{id}:done:{round}"),
        Step::Failed => format!("transfer:{id}:failed"),
    }
}

/// The entry of a step.
///
/// # Errors
/// `Empty` when the amount is zero.
pub fn entry(moved: &Moved<'_>, step: Step, now: Time) -> Result<Draft, Unbalanced> {
    let free = (Owner::Merchant, moved.from);
    let held = (Owner::Merchant, moved.kind.held_in());
    let (from, to, reason) = match step {
        Step::Reserved => (free, held, Reason::TransferReserved),
        Step::Done => (held, moved.outside, Reason::TransferDone),
        Step::Failed => (held, free, Reason::TransferFailed),
    };
    let posting = |(owner, kind): (Owner, AccountKind), side| Posting {
        account: Account { owner, kind, asset: moved.asset.to_owned() },
        side,
        units: moved.units,
    };
    let postings = vec![posting(from, Side::Debit), posting(to, Side::Credit)];
    let draft = Draft::new(cause(moved.id, step, moved.round), reason, now, postings)?;
    Ok(Draft { invoice_number: moved.invoice_number, ..draft })
}
