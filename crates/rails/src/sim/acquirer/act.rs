//! What the payer, his bank and the acquirer's staff do to a payment.

use domain::{Time, Units};
use serde::{Deserialize, Serialize};

use super::behaviour::Behaviour;
use super::record::{Dispute, DisputeState, Method, Payment, Reason, RefundState, State};
use super::{Acquirer, DISPUTE_LOST_AFTER_MILLIS, TROUBLE_AFTER_MILLIS, names};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The payer passes 3-D Secure, or a pending card payment is approved.
    Approve,
    RejectChallenge,
    PayerCancels,
    UpiPay,
    UpiFail,
    /// The payer has paid; the banks have not agreed yet.
    UpiPend,
    /// What was pending is paid.
    UpiConfirm,
    /// What was pending or paid goes back to the payer.
    UpiReverse,
    OpenDispute,
    WinDispute,
    LoseDispute,
    Hold,
    Release,
    /// Refunds from now on wait for one of the next two.
    RefundsWait,
    FinishRefunds,
    FailRefunds,
    /// Its time is over.
    Expire,
}

impl Act {
    pub const ALL: [(Act, &'static str); 17] = [
        (Act::Approve, "approve"),
        (Act::RejectChallenge, "reject_challenge"),
        (Act::PayerCancels, "payer_cancels"),
        (Act::UpiPay, "upi_pay"),
        (Act::UpiFail, "upi_fail"),
        (Act::UpiPend, "upi_pend"),
        (Act::UpiConfirm, "upi_confirm"),
        (Act::UpiReverse, "upi_reverse"),
        (Act::OpenDispute, "open_dispute"),
        (Act::WinDispute, "win_dispute"),
        (Act::LoseDispute, "lose_dispute"),
        (Act::Hold, "hold"),
        (Act::Release, "release"),
        (Act::RefundsWait, "refunds_wait"),
        (Act::FinishRefunds, "finish_refunds"),
        (Act::FailRefunds, "fail_refunds"),
        (Act::Expire, "expire"),
    ];

    pub fn name(self) -> &'static str {
        Act::ALL.iter().find(|(act, _)| *act == self).map_or("", |(_, name)| name)
    }

    pub fn from_name(name: &str) -> Option<Act> {
        Act::ALL.iter().find(|(_, known)| *known == name).map(|(act, _)| *act)
    }

    /// Whether it can be done to a payment as it stands.
    pub fn fits(self, payment: &Payment) -> bool {
        let (is_card, state) = (payment.method == Method::Card, payment.state);
        let waits = matches!(state, State::Challenge | State::AwaitingPayer);
        let refund_waits = payment.refunds.iter().any(|refund| refund.state == RefundState::Pending);
        match self {
            Act::Approve => is_card && matches!(state, State::Challenge | State::Pending),
            Act::RejectChallenge => state == State::Challenge,
            Act::PayerCancels | Act::Expire => waits,
            Act::UpiPay | Act::UpiPend => state == State::AwaitingPayer,
            Act::UpiFail => state == State::AwaitingPayer || !is_card && state == State::Pending,
            Act::UpiConfirm => !is_card && state == State::Pending,
            Act::UpiReverse => match state {
                State::Pending => !is_card,
                State::Paid => !is_card && payment.rest() == payment.taken && !payment.is_disputed(),
                _ => false,
            },
            Act::OpenDispute => state == State::Paid && !payment.is_disputed() && !payment.rest().is_zero(),
            Act::WinDispute | Act::LoseDispute => payment.is_disputed(),
            Act::Hold => state == State::Paid && !payment.held && !payment.is_given_back(),
            Act::Release => state == State::Paid && payment.held,
            Act::RefundsWait => state == State::Paid && !payment.refunds_wait,
            Act::FinishRefunds | Act::FailRefunds => refund_waits,
        }
    }

    /// Those that fit, in the order of [`Act::ALL`].
    pub fn fitting(payment: &Payment) -> impl Iterator<Item = Act> {
        Act::ALL.into_iter().map(|(act, _)| act).filter(move |act| act.fits(payment))
    }
}

/// Why an act was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActRefused {
    #[error("the acquirer knows no payment {0}")]
    Unknown(String),
    #[error("{act} does not fit: the {method} payment is {state}", act = .act.name())]
    NotNow { act: Act, method: String, state: String },
}

impl Acquirer {
    /// Does something to a payment, named by its id or the merchant's reference.
    ///
    /// # Errors
    /// `Unknown`, and `NotNow` for what does not fit the payment as it stands.
    pub fn act(&mut self, id_or_reference: &str, act: Act, now: Time) -> Result<&Payment, ActRefused> {
        self.pass_time(now);
        let unknown = || ActRefused::Unknown(id_or_reference.to_owned());
        let mut payment = self.payment(id_or_reference).cloned().ok_or_else(unknown)?;
        if !act.fits(&payment) {
            let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let (method, state) = (super::show::word(payment.method), super::show::word(payment.state));
            return Err(ActRefused::NotNow { act, method: word(method), state: word(state) });
        }
        self.change(&mut payment, act, now);
        let id = payment.id.clone();
        self.put(payment);
        self.payments.get(&id).ok_or_else(unknown)
    }

    /// Does what fits.
    pub(super) fn change(&self, payment: &mut Payment, act: Act, now: Time) {
        match act {
            Act::Approve | Act::UpiPay | Act::UpiConfirm => self.pay(payment, now),
            Act::RejectChallenge => payment.close(State::Declined, Reason::AuthenticationFailed, now),
            Act::PayerCancels => payment.close(State::Canceled, Reason::CanceledByPayer, now),
            Act::Expire => payment.close(State::Canceled, Reason::TimedOut, now),
            Act::UpiFail => payment.close(State::Declined, Reason::UpiFailed, now),
            Act::UpiReverse if payment.state == State::Pending => {
                payment.close(State::Declined, Reason::BankReversed, now);
            }
            Act::UpiPend => payment.pend(now),
            Act::UpiReverse => {
                payment.state = State::Reversed;
                payment.tell("payment.reversed", now);
            }
            Act::OpenDispute => payment.open_dispute(now),
            Act::WinDispute => payment.close_dispute(DisputeState::Won, "dispute.won", now),
            Act::LoseDispute => payment.close_dispute(DisputeState::Lost, "dispute.lost", now),
            Act::Hold | Act::Release => {
                payment.held = act == Act::Hold;
                payment.tell(if payment.held { "payment.held" } else { "payment.released" }, now);
            }
            Act::RefundsWait => payment.refunds_wait = true,
            Act::FinishRefunds => payment.end_refunds(RefundState::Done, now),
            Act::FailRefunds => payment.end_refunds(RefundState::Failed, now),
        }
    }

    /// Takes the payer's money.
    pub(super) fn pay(&self, payment: &mut Payment, now: Time) {
        payment.state = State::Paid;
        payment.reason = None;
        payment.taken = match payment.behaviour {
            Behaviour::WrongAmount if payment.amount.0 > 1 => Units(payment.amount.0 - 1),
            Behaviour::WrongAmount => Units(2),
            _ => payment.amount,
        };
        if payment.method == Method::Upi {
            payment.rrn = names::rrn(&payment.id, now, |rrn| self.rrns.contains(rrn));
        }
        payment.happenings.clear();
        match payment.behaviour {
            Behaviour::Chargeback => payment.happens(now.plus(TROUBLE_AFTER_MILLIS), Act::OpenDispute),
            Behaviour::Hold => payment.happens(now.plus(TROUBLE_AFTER_MILLIS), Act::Hold),
            _ => {}
        }
        payment.tell("payment.paid", now);
    }
}

impl Payment {
    /// Ends it without money.
    pub(super) fn close(&mut self, state: State, reason: Reason, now: Time) {
        self.state = state;
        self.reason = Some(reason);
        self.happenings.clear();
        self.tell(if state == State::Canceled { "payment.canceled" } else { "payment.declined" }, now);
    }

    /// A bank works on it: nothing runs out any more.
    pub(super) fn pend(&mut self, now: Time) {
        self.state = State::Pending;
        self.happenings.clear();
        self.tell("payment.pending", now);
    }

    fn open_dispute(&mut self, now: Time) {
        let id = names::dispute_id(&self.id, self.disputes.len());
        let due = now.plus(DISPUTE_LOST_AFTER_MILLIS);
        self.disputes.push(Dispute { id, amount: self.rest(), state: DisputeState::Open, evidence_due: Some(due) });
        self.happens(due, Act::LoseDispute);
        self.tell("dispute.opened", now);
    }

    fn close_dispute(&mut self, state: DisputeState, what: &str, now: Time) {
        self.disputes
            .iter_mut()
            .filter(|dispute| dispute.state == DisputeState::Open)
            .for_each(|dispute| dispute.state = state);
        self.happenings.retain(|happening| happening.act != Act::LoseDispute);
        self.tell(what, now);
    }

    fn end_refunds(&mut self, state: RefundState, now: Time) {
        let waiting = self.refunds.iter_mut().filter(|refund| refund.state == RefundState::Pending);
        waiting.for_each(|refund| refund.state = state);
        self.refunds_ended(if state == RefundState::Done { "refund.done" } else { "refund.failed" }, now);
    }

    /// Of a payment that was given back whole there is nothing to hold.
    pub(super) fn refunds_ended(&mut self, what: &str, now: Time) {
        self.held &= !self.is_given_back();
        self.tell(what, now);
    }
}
