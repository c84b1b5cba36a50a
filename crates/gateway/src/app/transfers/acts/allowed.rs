//! Which acts about a transfer are worth offering. The act itself looks again, in its transaction.

use domain::Time;
use domain::transfer::State;

use super::MARK_AFTER_MILLIS;
use crate::store::transfers::{Approval, TransferRow};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowed {
    pub approve: bool,
    pub retry: bool,
    pub cancel: bool,
    pub mark_arrived: bool,
    pub mark_failed: bool,
}

impl Allowed {
    pub fn is_nothing(self) -> bool {
        self == Allowed::default()
    }
}

/// What an operator may do about it now.
pub fn allowed(row: &TransferRow, now: Time) -> Allowed {
    let open = row.state.is_open();
    let open_or_watched = open || (row.state == State::Done && row.account_id.is_some());
    let waits = row.state == State::Reserved && row.approval == Approval::Wanted;
    let free = row.leased_until <= now;
    let ripe = row.parked.is_some() || now.since(row.created_at) >= MARK_AFTER_MILLIS;
    let sent_over_chain = row.chain.is_some() && row.state != State::Reserved;
    let may_be_called_off = row.nonce.is_some() && matches!(row.state, State::Sending | State::Pending);
    Allowed {
        approve: waits,
        retry: open_or_watched && free && !waits && !sent_over_chain,
        cancel: row.state == State::Reserved || (row.chain.is_some() && may_be_called_off),
        mark_arrived: open && free && ripe,
        mark_failed: open_or_watched && free && ripe,
    }
}
