//! Money on its way out: settlements, card pay-outs, refunds. One life for all of them.
//!
//! Reserve in the ledger → decide the bytes → store them → send → ask → record. The same bytes may be sent again; other bytes only after
//! proof that the old ones are dead.

use crate::ledger::Kind as Account;

/// What a transfer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Coins from the treasury to the merchant's wallet, for card and UPI money that came to the operator's accounts.
    Settlement,
    /// EUR to a payment card, through a pay-out processor.
    CardPayout,
    /// Coins from the treasury back to a payer.
    CoinRefund,
    /// Card or UPI money back to the payer, through the provider that took it.
    ChargeRefund,
}

impl Kind {
    pub const ALL: [(Kind, &'static str); 4] = [
        (Kind::Settlement, "settlement"),
        (Kind::CardPayout, "card_payout"),
        (Kind::CoinRefund, "coin_refund"),
        (Kind::ChargeRefund, "charge_refund"),
    ];

    pub fn name(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// The merchant's account that holds what is set aside for it.
    pub fn held_in(self) -> Account {
        match self {
            Kind::Settlement => Account::Settling,
            Kind::CardPayout => Account::Paying,
            Kind::CoinRefund | Kind::ChargeRefund => Account::Refunding,
        }
    }
}

/// Where a transfer stands. That it needs a person is not a state: a parked transfer may still arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Its amount is set aside. Nothing has been sent, and nothing else can have been.
    Reserved,
    /// Decided, and waiting for a signature made elsewhere; what is signed may be sent by whoever has it.
    Signing,
    /// Its bytes are stored, and may have been sent. From here on it is asked about; only the same bytes go again.
    Sending,
    /// The other side has it and works on it.
    Pending,
    /// It arrived.
    Done,
    /// It will not arrive: what was set aside is free again.
    Failed,
    /// Called off by a person before it could arrive; as failed.
    Canceled,
}

impl State {
    pub const ALL: [(State, &'static str); 7] = [
        (State::Reserved, "reserved"),
        (State::Signing, "signing"),
        (State::Sending, "sending"),
        (State::Pending, "pending"),
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

    /// In plain words, for people.
    pub fn words(self) -> &'static str {
        match self {
            State::Reserved => "set aside, not sent yet",
            State::Signing => "waiting to be signed",
            State::Sending => "sent, or about to be; not confirmed",
            State::Pending => "on its way",
            State::Done => "arrived",
            State::Failed => "failed; the amount is free again",
            State::Canceled => "called off; the amount is free again",
        }
    }

    /// Whether its amount is still set aside.
    pub fn is_open(self) -> bool {
        !matches!(self, State::Done | State::Failed | State::Canceled)
    }

    /// Whether its amount counts as given away: it arrived, or still may.
    pub fn takes(self) -> bool {
        self.is_open() || self == State::Done
    }

    /// Whether `self` may be followed by `next`. Back to `Reserved` only with proof that what was sent is dead; `Done` is left only when
    /// the chain takes it back.
    pub fn may_become(self, next: State) -> bool {
        use State::{Canceled, Done, Failed, Pending, Reserved, Sending, Signing};
        match (self, next) {
            (was, next) if was == next => false,
            (Reserved, Signing | Sending | Failed | Canceled | Done) => true,
            (Signing, Reserved | Sending | Pending | Done | Failed | Canceled) => true,
            (Sending, Reserved | Pending | Done | Failed | Canceled) => true,
            (Pending, Reserved | Done | Failed | Canceled) => true,
            (Done, Pending) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_ends_are_ends() {
        for (kind, name) in Kind::ALL {
            assert_eq!((kind.name(), Kind::from_name(name)), (name, Some(kind)));
        }
        for (state, name) in State::ALL {
            assert_eq!((state.name(), State::from_name(name)), (name, Some(state)));
            for (next, _) in State::ALL {
                if !state.is_open() {
                    assert_eq!(state.may_become(next), (state, next) == (State::Done, State::Pending));
                }
                assert!(!(state != State::Reserved && next == State::Signing && state.may_become(next)));
            }
        }
        // what may have been sent never silently counts as new
        assert!(!State::Pending.may_become(State::Sending));
    }
}
