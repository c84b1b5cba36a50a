//! The ledger entries of a fund: coins that lie unclaimed in the treasury become a merchant's pay-out balance.

use crate::amount::Units;
use crate::exchange::Conversion;
use crate::ids::MerchantId;
use crate::ledger::{Account, Draft, EntryRate, Kind, Owner, Posting, Reason, Side, Unbalanced};
use crate::time::Time;

/// The currency of pay-out balances.
pub const CURRENCY: &str = "EUR";

/// What the entries are about.
#[derive(Debug, Clone)]
pub struct Funded<'a> {
    pub merchant: &'a MerchantId,
    pub number: i64,
    /// An asset's code, and base units above zero.
    pub coins: (&'a str, Units),
    /// EUR cents: what they are worth, and the operator's part of that.
    pub gross: Units,
    pub spread: Units,
    /// EUR for one coin.
    pub rate: &'a EntryRate,
}

/// The cause of the entry in the house's book.
pub fn claimed_cause(merchant: &MerchantId, number: i64) -> String {
    format!("fund:{merchant}:{number}:claimed")
}

/// The cause of the entry in the merchant's book.
pub fn credited_cause(number: i64) -> String {
    format!("fund:{number}:credited")
}

/// The cause of the entry that undoes another.
pub fn reversal_cause(cause: &str) -> String {
    format!("reversal:{cause}")
}

/// In the house's book: what came unclaimed is not the house's any more.
///
/// # Errors
/// `Empty` when there are no coins.
pub fn claimed(fund: &Funded<'_>, now: Time) -> Result<Draft, Unbalanced> {
    let posting = |kind, side| Posting {
        account: Account { owner: Owner::Operator, kind, asset: fund.coins.0.to_owned() },
        side,
        units: fund.coins.1,
    };
    let postings = vec![posting(Kind::Unclaimed, Side::Debit), posting(Kind::Treasury, Side::Credit)];
    Draft::new(claimed_cause(fund.merchant, fund.number), Reason::TreasuryClaimed, now, postings)
}

/// In the merchant's book: the coins are in the treasury, and the merchant has their worth less the spread.
///
/// # Errors
/// `Empty` when there are no coins.
pub fn credited(fund: &Funded<'_>, now: Time) -> Result<Draft, Unbalanced> {
    let conversion = Conversion {
        given: (fund.coins.0.to_owned(), fund.coins.1),
        wanted: CURRENCY.to_owned(),
        gross: fund.gross,
        spread: fund.spread,
    };
    let postings = conversion.postings((Owner::Operator, Kind::Treasury), (Owner::Merchant, Kind::Funds));
    let draft = Draft::new(credited_cause(fund.number), Reason::FundCredited, now, postings)?;
    Ok(Draft { rate: Some(fund.rate.clone()), ..draft })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fund_moves_from_the_house_to_the_merchant() {
        let merchant = crate::ledger::house();
        let rate = EntryRate { price: "0.92".into(), source: "fixed".into(), at: Time(1) };
        let fund = Funded {
            merchant: &merchant,
            number: 19,
            coins: ("USDC_polygon", Units(1_000_000_000)),
            gross: Units(92_000),
            spread: Units(920),
            rate: &rate,
        };
        let (house, own) = (claimed(&fund, Time(2)).unwrap(), credited(&fund, Time(2)).unwrap());
        assert_eq!(house.postings.len(), 2);
        let funds = own.postings.iter().find(|posting| posting.account.kind == Kind::Funds).unwrap();
        assert_eq!((funds.units, funds.side), (Units(91_080), Side::Credit));
        assert_eq!(own.rate, Some(rate.clone()));
        let undone = own.reversal(reversal_cause(&own.cause), Reason::FundReversed, Time(3));
        assert_eq!(undone.cause, "reversal:fund:19:credited");
    }
}
