//! Coins back to a payer: by the operator's treasury, for what the merchant is owed, or by the merchant's own wallet.

use crate::amount::Units;
use crate::exchange::Conversion;
use crate::ids::RefundId;
use crate::ledger::{Draft, EntryRate, Kind, Owner, Reason, Unbalanced};
use crate::time::Time;

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The operator's treasury, for what it owes the merchant.
    Treasury,
    /// The merchant, who has the coins: he signs, the gateway looks.
    MerchantWallet,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The payer has a link and has not said yet where the coins are to go.
    Asked,
    /// The payer confirmed an address. The treasury's transfer is on its way, or the merchant has to send.
    Confirmed,
    /// The merchant named the transaction; the chain is asked about it.
    Reported,
    /// The coins arrived, finally.
    Done,
    /// The treasury's transfer failed.
    Failed,
    /// Called off.
    Canceled,
}

impl Source {
    pub const ALL: [(Source, &'static str); 2] =
        [(Source::Treasury, "treasury"), (Source::MerchantWallet, "merchant_wallet")];

    pub fn name(self) -> &'static str {
        Source::ALL.iter().find(|(source, _)| *source == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<Source> {
        Source::ALL.iter().find(|(_, known)| *known == name).map(|(source, _)| *source)
    }
}

impl State {
    pub const ALL: [(State, &'static str); 6] = [
        (State::Asked, "asked"),
        (State::Confirmed, "confirmed"),
        (State::Reported, "reported"),
        (State::Done, "done"),
        (State::Failed, "failed"),
        (State::Canceled, "canceled"),
    ];

    pub fn name(self) -> &'static str {
        State::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<State> {
        State::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }

    /// Whether its amount counts as given away: it arrived, or still may. A link that ran out takes nothing.
    pub fn takes(self, link_ends: Time, now: Time) -> bool {
        match self {
            State::Asked => now < link_ends,
            State::Confirmed | State::Reported | State::Done => true,
            State::Failed | State::Canceled => false,
        }
    }
}

/// What of the merchant's money in a currency pays for the coins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funding {
    /// ISO 4217.
    pub currency: String,
    /// Minor units of it, above zero.
    pub minor: Units,
    /// Coins cost so much of it.
    pub rate: EntryRate,
}

/// The unique cause of the entry that converts a refund's money.
pub fn exchange_cause(id: &RefundId) -> String {
    format!("coin_refund:{id}:exchanged")
}

/// The merchant's money becomes `units` of the coin, owed to it; the transfer then sets them aside. The operator keeps no spread.
///
/// # Errors
/// `Empty` when an amount is zero.
pub fn exchanged(
    id: &RefundId,
    asset: &str,
    units: Units,
    funding: &Funding,
    invoice: i64,
    now: Time,
) -> Result<Draft, Unbalanced> {
    let conversion = Conversion {
        given: (funding.currency.clone(), funding.minor),
        wanted: asset.to_owned(),
        gross: units,
        spread: Units::ZERO,
    };
    if units.is_zero() || funding.minor.is_zero() {
        return Err(Unbalanced::Empty);
    }
    let owed = (Owner::Merchant, Kind::Payable);
    let draft = Draft::new(exchange_cause(id), Reason::RefundExchanged, now, conversion.postings(owed, owed))?;
    Ok(Draft { invoice_number: Some(invoice), rate: Some(funding.rate.clone()), ..draft })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Side, check_balance};

    #[test]
    fn names_read_back_and_an_old_link_takes_nothing() {
        for (source, name) in Source::ALL {
            assert_eq!((source.name(), Source::from_name(name)), (name, Some(source)));
        }
        for (state, name) in State::ALL {
            assert_eq!((state.name(), State::from_name(name)), (name, Some(state)));
        }
        assert!(State::Asked.takes(Time(10), Time(9)) && !State::Asked.takes(Time(10), Time(10)));
        assert!(State::Confirmed.takes(Time(10), Time(99)) && !State::Failed.takes(Time(10), Time(1)));
    }

    #[test]
    fn money_becomes_coins_and_nothing_is_lost() {
        let id = RefundId::new(ulid::Ulid(1));
        let rate = EntryRate { price: "1.05".into(), source: "test".into(), at: Time(1) };
        let funding = Funding { currency: "EUR".into(), minor: Units(105), rate };
        let draft = exchanged(&id, "USDC_polygon", Units(1_000_000), &funding, 7, Time(2)).unwrap();
        assert_eq!(check_balance(&draft.postings), Ok(()));
        let owed: Vec<_> = draft.postings.iter().filter(|posting| posting.account.kind == Kind::Payable).collect();
        assert_eq!((owed[0].side, owed[0].units), (Side::Debit, Units(105)));
        assert_eq!((owed[1].side, owed[1].units), (Side::Credit, Units(1_000_000)));
        let nothing = Funding { minor: Units(0), ..funding };
        assert!(exchanged(&id, "USDC_polygon", Units(1), &nothing, 7, Time(2)).is_err());
    }
}
