//! An invoice's life. Source of states and transitions: contract, webhooks.md.

use crate::amount::Units;
use crate::ids::{InvoiceId, MerchantId};
use crate::time::{DAY, Time};

/// An invoice left created or opened for longer than this expires (contract, payin.md section 2).
pub const EXPIRES_AFTER_MILLIS: i64 = 14 * DAY;

/// Where an invoice stands. *Received*: the payer has paid. *Settled*: the merchant has been paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Created,
    Opened,
    Received,
    Settled,
    Failed(Failure),
    Expired,
    Withheld,
    Chargeback,
}

/// Why an invoice failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The payer pressed cancel.
    Canceled,
    /// A payment that was final left the chain and did not come back.
    PaymentReversed,
    /// The provider or the payer's bank said no, and another try was not invited.
    Declined,
}

impl State {
    /// Whether money may still be expected.
    pub fn is_open(self) -> bool {
        matches!(self, State::Created | State::Opened)
    }

    /// Whether the contract's table allows `self` → `next`.
    pub fn may_become(self, next: State) -> bool {
        use State::*;
        match self {
            Created => matches!(next, Opened | Failed(_) | Expired),
            Opened => matches!(next, Received | Failed(_) | Expired),
            Received => matches!(next, Settled | Failed(_) | Withheld | Chargeback),
            Settled => matches!(next, Chargeback),
            Withheld => matches!(next, Settled | Chargeback | Failed(_)),
            Failed(_) | Expired | Chargeback => false,
        }
    }
}

/// What the rules need to know of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub id: InvoiceId,
    pub merchant_id: MerchantId,
    /// The contract's integer id.
    pub number: i64,
    /// Minor units of `devise`.
    pub amount: Units,
    pub devise: String,
    pub state: State,
    pub created_at: Time,
    pub status_at: Time,
}

/// Something asked for; it may be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The payer has reached the payment page.
    Open,
    /// The payer gives up. Refused once money has been seen.
    Cancel { money_seen: bool },
    /// The time is up. Refused before that, and while money is waiting to become final.
    Expire { money_pending: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the invoice is past that point")]
    WrongState,
    #[error("a payment has been seen")]
    MoneySeen,
    #[error("the invoice has not run out of time")]
    NotYet,
}

impl Invoice {
    pub fn expires_at(&self) -> Time {
        self.created_at.plus(EXPIRES_AFTER_MILLIS)
    }

    /// The state a command leads to. Opening an open invoice is no change, and so answers its own state.
    pub fn decide(&self, command: Command, now: Time) -> Result<State, Refused> {
        match command {
            Command::Open if self.state == State::Created => Ok(State::Opened),
            Command::Open if self.state == State::Opened => Ok(State::Opened),
            Command::Cancel { money_seen: true } if self.state.is_open() => Err(Refused::MoneySeen),
            Command::Cancel { .. } if self.state.is_open() => Ok(State::Failed(Failure::Canceled)),
            Command::Cancel { .. } if self.state == State::Failed(Failure::Canceled) => Ok(self.state),
            Command::Expire { .. } if self.state.is_open() && now < self.expires_at() => Err(Refused::NotYet),
            Command::Expire { money_pending: true } if self.state.is_open() => Err(Refused::MoneySeen),
            Command::Expire { .. } if self.state.is_open() => Ok(State::Expired),
            _ => Err(Refused::WrongState),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(state: State) -> Invoice {
        let (id, merchant_id) = (InvoiceId::new(ulid::Ulid(1)), MerchantId::new(ulid::Ulid(2)));
        let (created_at, status_at) = (Time(0), Time(0));
        Invoice { id, merchant_id, number: 1, amount: Units(100), devise: "USD".into(), state, created_at, status_at }
    }

    #[test]
    fn commands_are_decided_by_state_money_and_time() {
        use Command::*;
        let late = Time(EXPIRES_AFTER_MILLIS);
        let (money, none) = (true, false);
        let canceled = State::Failed(Failure::Canceled);
        let cases: &[(State, Command, Time, Result<State, Refused>)] = &[
            (State::Created, Open, Time(1), Ok(State::Opened)),
            (State::Opened, Open, Time(1), Ok(State::Opened)),
            (State::Received, Open, Time(1), Err(Refused::WrongState)),
            (State::Expired, Open, Time(1), Err(Refused::WrongState)),
            (State::Opened, Cancel { money_seen: none }, Time(1), Ok(canceled)),
            (State::Created, Cancel { money_seen: none }, Time(1), Ok(canceled)),
            (State::Opened, Cancel { money_seen: money }, Time(1), Err(Refused::MoneySeen)),
            (canceled, Cancel { money_seen: none }, Time(1), Ok(canceled)),
            (State::Received, Cancel { money_seen: money }, Time(1), Err(Refused::WrongState)),
            (State::Settled, Cancel { money_seen: money }, Time(1), Err(Refused::WrongState)),
            (State::Opened, Expire { money_pending: none }, Time(1), Err(Refused::NotYet)),
            (State::Opened, Expire { money_pending: none }, late, Ok(State::Expired)),
            (State::Opened, Expire { money_pending: money }, late, Err(Refused::MoneySeen)),
            (State::Received, Expire { money_pending: none }, late, Err(Refused::WrongState)),
        ];
        for (state, command, now, expected) in cases {
            assert_eq!(invoice(*state).decide(*command, *now), *expected, "{state:?} {command:?}");
        }
    }

    #[test]
    fn a_decision_never_leaves_the_contracts_table() {
        use Command::*;
        let states = [State::Created, State::Opened, State::Received, State::Settled, State::Expired, State::Withheld];
        for state in states {
            for command in [Open, Cancel { money_seen: false }, Expire { money_pending: false }] {
                if let Ok(next) = invoice(state).decide(command, Time(EXPIRES_AFTER_MILLIS)) {
                    assert!(next == state || state.may_become(next), "{state:?} {command:?}");
                }
            }
        }
    }
}
