//! The ledger entries of what moves in the treasury's wallets. All of them are in the house's book ([`crate::ledger::house`]);
//! what a transfer of ours moves is entered by the transfer ([`crate::transfer_books`]).

use crate::amount::Units;
use crate::books::cause;
use crate::ledger::{Account, Draft, Kind, Owner, Posting, Reason, Side, Unbalanced};
use crate::payment::OnChain;
use crate::time::Time;

/// Coins that came to the treasury, or left it without a transfer of ours.
#[derive(Debug, Clone, Copy)]
pub struct Moved<'a> {
    pub on_chain: &'a OnChain,
    /// An asset's code.
    pub asset: &'a str,
    /// Base units, above zero.
    pub units: Units,
    /// How many times it became final; the entry is of this time.
    pub round: u32,
}

/// The unique cause of a move's entry.
pub fn move_cause(moved: &Moved<'_>) -> String {
    cause("treasury", moved.on_chain, moved.round)
}

/// The unique cause of the entry that says whose an incoming move is.
pub fn claim_cause(moved: &Moved<'_>) -> String {
    cause("treasury-claim", moved.on_chain, moved.round)
}

fn draft(
    cause: String,
    reason: Reason,
    moved: &Moved<'_>,
    debit: Kind,
    credit: Kind,
    now: Time,
) -> Result<Draft, Unbalanced> {
    let posting = |kind, side| Posting {
        account: Account { owner: Owner::Operator, kind, asset: moved.asset.to_owned() },
        side,
        units: moved.units,
    };
    Draft::new(cause, reason, now, vec![posting(debit, Side::Debit), posting(credit, Side::Credit)])
}

/// Coins came, and nobody has said yet whose they are.
///
/// # Errors
/// `Empty` when the amount is zero.
pub fn received(moved: &Moved<'_>, now: Time) -> Result<Draft, Unbalanced> {
    draft(move_cause(moved), Reason::TreasuryReceived, moved, Kind::Treasury, Kind::Unclaimed, now)
}

/// Coins left that no transfer of ours moved: the operator took them.
///
/// # Errors
/// `Empty` when the amount is zero.
pub fn withdrawn(moved: &Moved<'_>, now: Time) -> Result<Draft, Unbalanced> {
    draft(move_cause(moved), Reason::TreasuryWithdrawn, moved, Kind::Capital, Kind::Treasury, now)
}

/// What came is the operator's own.
///
/// # Errors
/// `Empty` when the amount is zero.
pub fn topped_up(moved: &Moved<'_>, now: Time) -> Result<Draft, Unbalanced> {
    draft(claim_cause(moved), Reason::TreasuryClaimed, moved, Kind::Unclaimed, Kind::Capital, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_unclaimed_until_somebody_says_whose_it_is() {
        let on_chain = OnChain {
            chain: "polygon".into(),
            tx_hash: "0x1".into(),
            log_index: 3,
            block_number: 9,
            block_hash: "0x9".into(),
            block_time: Time(1),
        };
        let moved = Moved { on_chain: &on_chain, asset: "USDC_polygon", units: Units(5), round: 1 };
        let entries = [received(&moved, Time(2)), topped_up(&moved, Time(3)), withdrawn(&moved, Time(4))];
        let entries = entries.map(Result::unwrap);
        let sum = |kind, side| -> u128 {
            let postings = entries.iter().flat_map(|entry| &entry.postings);
            postings.filter(|p| p.account.kind == kind && p.side == side).map(|p| p.units.0).sum()
        };
        for kind in [Kind::Treasury, Kind::Unclaimed, Kind::Capital] {
            assert_eq!((sum(kind, Side::Debit), sum(kind, Side::Credit)), (5, 5), "{kind:?}");
        }
        assert_eq!(entries[0].cause, "treasury:polygon:0x1:3:0x9:1");
        assert_ne!(entries[0].cause, entries[1].cause);
        assert!(received(&Moved { units: Units(0), ..moved }, Time(1)).is_err());
    }
}
