//! Double-entry bookkeeping: immutable, balanced, hash-chained entries.
//!
//! Each merchant has a book; a book is a chain of entries. Corrections are opposite entries, never edits.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::amount::{AmountError, Units};
use crate::ids::MerchantId;
use crate::time::Time;

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    Operator,
    Merchant,
}

/// What an account holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Coins lying in forwarders: debit balance.
    Clearing,
    /// Owed to the merchant for credited payments: credit balance.
    Payable,
    /// Owed to the merchant from payments that count towards no invoice: credit balance.
    Parked,
    /// Owed to the operator's fee wallet: credit balance.
    Fee,
    /// Money at a payment provider, on the account of the owner: debit balance.
    Provider,
    /// Owed to the merchant, but held back by the provider for review: credit balance.
    Withheld,
    /// Set aside for refunds that are on their way: credit balance.
    Refunding,
    /// Set aside while the payer's bank disputes it: credit balance.
    Disputed,
    /// What the merchant owes, since more was taken back from it than it was owed: debit balance.
    Debt,
    /// Kept back for a while against later disputes: credit balance.
    Reserve,
    /// Converted to the merchant's coin and on its way to its wallet: credit balance.
    Settling,
    /// The merchant's pay-out balance: credit balance.
    Funds,
    /// Set aside for pay-outs that are on their way: credit balance.
    Paying,
    /// Coins in the treasury wallets, over all books together: debit balance. In one merchant's book it may be below zero, where
    /// coins were paid out against money that lies at a provider.
    Treasury,
    /// What a pay-out processor has paid for us: credit balance.
    Processor,
    /// The position from conversions: either side, see [`crate::exchange`].
    Fx,
    /// What the operator put into the treasury, less what it took out: credit balance, in the house's book.
    Capital,
    /// Came to the treasury and was not claimed by anyone yet: credit balance, in the house's book.
    Unclaimed,
}

/// The book of the operator's own house: what belongs to no merchant.
pub fn house() -> MerchantId {
    MerchantId::new(ulid::Ulid(0))
}

/// An account of a merchant's book. `asset` is an [`crate::asset::Asset::code`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    pub owner: Owner,
    pub kind: Kind,
    pub asset: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    Debit,
    Credit,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub account: Account,
    pub side: Side,
    /// Above zero.
    pub units: Units,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A payment became final.
    PaymentReceived,
    /// A final payment left the chain.
    PaymentReversed,
    /// A flush became final: the merchant and the operator were paid.
    Settled,
    /// A final flush left the chain.
    SettlementReversed,
    /// The provider proved that the payer has paid.
    ChargePaid,
    /// The provider took more than one payment on a charge.
    ChargeSurplus,
    /// The provider took a proven payment back.
    ChargeReversed,
    /// The provider holds the money back for review.
    Withheld,
    /// The review is over, and the money is free again.
    Released,
    /// The provider says that more was given back than we asked for: somebody refunded at the provider.
    RefundedElsewhere,
    /// The payer's bank disputes the charge: its amount is set aside.
    Disputed,
    DisputeWon,
    DisputeLost,
    /// More was taken back than the merchant was owed: it owes the rest.
    DebtIncurred,
    /// What the merchant is owed paid a debt.
    DebtRepaid,
    /// A charge's share was converted and set aside for settlement.
    SettlementReserved,
    /// A settlement was called off: what it converted is owed as before.
    SettlementCanceled,
    /// What was kept back is owed again.
    ReserveReleased,
    /// The provider paid a charge's money out to the merchant's own bank.
    PaidOutByProvider,
    /// That payout failed: the money is at the provider again.
    PaidOutReversed,
    /// Coins came to a treasury wallet.
    TreasuryReceived,
    /// Coins left a treasury wallet without a transfer of ours.
    TreasuryWithdrawn,
    /// A coin movement of the treasury left the chain.
    TreasuryReversed,
    /// What came to the treasury was found to be a merchant's.
    TreasuryClaimed,
    /// A fund was verified and credited.
    FundCredited,
    /// A credited fund left the chain.
    FundReversed,
    /// A transfer was decided: its amount is set aside.
    TransferReserved,
    /// A transfer arrived.
    TransferDone,
    /// A transfer will not happen: what was set aside is free again.
    TransferFailed,
    /// A transfer that had arrived left the chain.
    TransferReversed,
    /// What the merchant is owed in a currency was converted to the coins of a refund.
    RefundExchanged,
    /// That refund will not happen: what was converted is owed as before.
    RefundExchangeUndone,
}

/// A price an entry was made at, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRate {
    /// Decimal text.
    pub price: String,
    pub source: String,
    pub at: Time,
}

/// An entry before it has a place in a chain. Made only by [`Draft::new`], so it balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Unique in the book: the same cause is never entered twice.
    pub cause: String,
    pub reason: Reason,
    pub invoice_number: Option<i64>,
    pub at: Time,
    pub rate: Option<EntryRate>,
    pub postings: Vec<Posting>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    #[error("{asset}: debits are {debit}, credits are {credit}")]
    Asset { asset: String, debit: Units, credit: Units },
    #[error("an entry needs postings, each above zero")]
    Empty,
    #[error("the sum of postings is out of range")]
    OutOfRange,
}

impl From<AmountError> for Unbalanced {
    fn from(_: AmountError) -> Self {
        Unbalanced::OutOfRange
    }
}

/// Checks that debits equal credits for each asset.
///
/// # Errors
/// Names the first asset that does not balance; refuses entries without postings and postings of zero.
pub fn check_balance(postings: &[Posting]) -> Result<(), Unbalanced> {
    if postings.is_empty() || postings.iter().any(|p| p.units.is_zero()) {
        return Err(Unbalanced::Empty);
    }
    let mut sums: BTreeMap<&str, (Units, Units)> = BTreeMap::new();
    for posting in postings {
        let (debit, credit) = sums.entry(&posting.account.asset).or_default();
        let sum = if posting.side == Side::Debit { debit } else { credit };
        *sum = sum.plus(posting.units)?;
    }
    match sums.into_iter().find(|(_, (debit, credit))| debit != credit) {
        Some((asset, (debit, credit))) => Err(Unbalanced::Asset { asset: asset.to_owned(), debit, credit }),
        None => Ok(()),
    }
}

impl Draft {
    /// An entry with the zero postings left out.
    ///
    /// # Errors
    /// When it does not balance, or nothing is left.
    pub fn new(cause: String, reason: Reason, at: Time, postings: Vec<Posting>) -> Result<Draft, Unbalanced> {
        let postings: Vec<Posting> = postings.into_iter().filter(|p| !p.units.is_zero()).collect();
        check_balance(&postings)?;
        Ok(Draft { cause, reason, invoice_number: None, at, rate: None, postings })
    }

    /// The opposite entry.
    pub fn reversal(&self, cause: String, reason: Reason, at: Time) -> Draft {
        let turn =
            |p: &Posting| Posting { side: if p.side == Side::Debit { Side::Credit } else { Side::Debit }, ..p.clone() };
        Draft { cause, reason, at, postings: self.postings.iter().map(turn).collect(), ..self.clone() }
    }

    /// The hash that chains this entry as number `seq` of `book` after `previous`: SHA-256 over every field,
    /// each preceded by its length, so that no two different entries share a text.
    pub fn hash(&self, book: &str, seq: i64, previous: &[u8; 32]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(previous);
        let mut field = |text: &str| {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text.as_bytes());
        };
        field(book);
        field(&seq.to_string());
        field(&self.cause);
        field(self.reason.name());
        field(&self.invoice_number.map(|n| n.to_string()).unwrap_or_default());
        field(&self.at.0.to_string());
        if let Some(rate) = &self.rate {
            field(&rate.price);
            field(&rate.source);
            field(&rate.at.0.to_string());
        }
        for posting in &self.postings {
            field(posting.account.owner.name());
            field(posting.account.kind.name());
            field(&posting.account.asset);
            field(posting.side.name());
            field(&posting.units.to_string());
        }
        hasher.finalize().into()
    }
}

/// Names as rows hold them.
macro_rules! names {
    ($($type:ident { $($variant:ident = $name:literal),* $(,)? })*) => {$(
        impl $type {
            pub fn name(self) -> &'static str {
                match self { $($type::$variant => $name),* }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some($type::$variant),)* _ => None }
            }
        }
    )*};
}

names! {
    Owner { Operator = "operator", Merchant = "merchant" }
    Kind { Clearing = "clearing", Payable = "payable", Parked = "parked", Fee = "fee", Provider = "provider",
           Withheld = "withheld", Refunding = "refunding", Disputed = "disputed", Debt = "debt", Reserve = "reserve",
           Settling = "settling", Funds = "funds", Paying = "paying", Treasury = "treasury", Processor = "processor",
           Fx = "fx", Capital = "capital", Unclaimed = "unclaimed" }
    Side { Debit = "debit", Credit = "credit" }
    Reason {
        PaymentReceived = "payment_received",
        PaymentReversed = "payment_reversed",
        Settled = "settled",
        SettlementReversed = "settlement_reversed",
        ChargePaid = "charge_paid",
        ChargeSurplus = "charge_surplus",
        ChargeReversed = "charge_reversed",
        Withheld = "withheld",
        Released = "released",
        RefundedElsewhere = "refunded_elsewhere",
        Disputed = "disputed",
        DisputeWon = "dispute_won",
        DisputeLost = "dispute_lost",
        DebtIncurred = "debt_incurred",
        DebtRepaid = "debt_repaid",
        SettlementReserved = "settlement_reserved",
        SettlementCanceled = "settlement_canceled",
        ReserveReleased = "reserve_released",
        PaidOutByProvider = "paid_out_by_provider",
        PaidOutReversed = "paid_out_reversed",
        TreasuryReceived = "treasury_received",
        TreasuryWithdrawn = "treasury_withdrawn",
        TreasuryReversed = "treasury_reversed",
        TreasuryClaimed = "treasury_claimed",
        FundCredited = "fund_credited",
        FundReversed = "fund_reversed",
        TransferReserved = "transfer_reserved",
        TransferDone = "transfer_done",
        TransferFailed = "transfer_failed",
        TransferReversed = "transfer_reversed",
        RefundExchanged = "refund_exchanged",
        RefundExchangeUndone = "refund_exchange_undone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posting(owner: Owner, kind: Kind, asset: &str, side: Side, units: u128) -> Posting {
        Posting { account: Account { owner, kind, asset: asset.into() }, side, units: Units(units) }
    }

    fn draft(postings: Vec<Posting>) -> Result<Draft, Unbalanced> {
        Draft::new("payment:x".into(), Reason::PaymentReceived, Time(5), postings)
    }

    #[test]
    fn an_entry_balances_per_asset() {
        use {Kind::*, Owner::*, Side::*};
        let clearing = posting(Operator, Clearing, "USDT_polygon", Debit, 100);
        assert!(draft(vec![clearing.clone(), posting(Merchant, Payable, "USDT_polygon", Credit, 100)]).is_ok());
        let short = draft(vec![clearing.clone(), posting(Merchant, Payable, "USDT_polygon", Credit, 99)]);
        let asset = "USDT_polygon".to_owned();
        assert_eq!(short, Err(Unbalanced::Asset { asset, debit: Units(100), credit: Units(99) }));
        assert!(draft(vec![clearing.clone(), posting(Merchant, Payable, "USDC_polygon", Credit, 100)]).is_err());
        assert_eq!(draft(vec![]), Err(Unbalanced::Empty));
        let huge = posting(Operator, Clearing, "USDT_polygon", Debit, u128::MAX);
        assert_eq!(draft(vec![huge, clearing]), Err(Unbalanced::OutOfRange));
    }

    #[test]
    fn a_reversal_undoes_an_entry_and_every_field_is_in_the_hash() {
        use {Kind::*, Owner::*, Side::*};
        let entry =
            draft(vec![posting(Operator, Clearing, "A", Debit, 100), posting(Merchant, Payable, "A", Credit, 100)])
                .unwrap();
        let reversal = entry.reversal("reversal:payment:x".into(), Reason::PaymentReversed, Time(6));
        assert!(check_balance(&[entry.postings.clone(), reversal.postings].concat()).is_ok());

        let hash = entry.hash("mer", 1, &[0; 32]);
        let mut changed = entry.clone();
        changed.postings[1].units = Units(101);
        let later = Draft { at: Time(6), ..entry.clone() };
        let rated =
            Draft { rate: Some(EntryRate { price: "1".into(), source: "p".into(), at: Time(1) }), ..entry.clone() };
        for other in [changed, later, rated] {
            assert_ne!(other.hash("mer", 1, &[0; 32]), hash);
        }
        assert_ne!(entry.hash("mer", 2, &[0; 32]), hash);
        assert_ne!(entry.hash("mer", 1, &[1; 32]), hash);
    }
}
