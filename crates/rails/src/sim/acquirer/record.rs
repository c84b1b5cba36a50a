//! What is kept of a payment. No card number and no code: neither has a place here.

use std::collections::VecDeque;

use domain::card::ShownCard;
use domain::{Time, Units};
use serde::{Deserialize, Serialize};

use super::act::Act;
use super::behaviour::{Behaviour, Order};
use super::payout::SimPayout;
use super::settlement::SimSettlement;
use super::webhook::Webhook;

/// A row of its own for whoever stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    Payment(Box<Payment>),
    Payout(Box<SimPayout>),
    Settlement(Box<SimSettlement>),
    /// What is still ordered for payments about something; none once it is used up.
    Orders {
        about: String,
        orders: VecDeque<Order>,
    },
}

impl Record {
    /// Names the row: a newer record with this id replaces the older.
    pub fn id(&self) -> String {
        match self {
            Record::Payment(payment) => payment.id.clone(),
            Record::Payout(payout) => payout.id.clone(),
            Record::Settlement(settlement) => settlement.id.clone(),
            Record::Orders { about, .. } => format!("orders {about}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Card,
    Upi,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The payer must pass 3-D Secure.
    Challenge,
    /// The payer must pay in a UPI app.
    AwaitingPayer,
    Pending,
    Paid,
    /// Was paid, and went back to the payer.
    Reversed,
    Declined,
    /// Closed before anybody paid.
    Canceled,
}

/// Why it was declined or canceled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Refused,
    InsufficientFunds,
    WrongCode,
    ExpiredCard,
    AuthenticationRequired,
    AuthenticationFailed,
    NotATestCard,
    UpiFailed,
    /// The payer's bank took the debit back before it reached the payee.
    BankReversed,
    CanceledByPayer,
    CanceledByMerchant,
    TimedOut,
}

/// A payment: what was asked, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub id: String,
    /// Counts payments, from 0.
    pub seq: u64,
    /// The idempotency key it was made with, and the answer it was given.
    pub key: String,
    pub answer: (u16, String),
    /// The merchant's, unique.
    pub reference: String,
    pub method: Method,
    /// Minor units that were asked for.
    #[serde(with = "digits")]
    pub amount: Units,
    /// ISO 4217, upper case.
    pub currency: String,
    pub description: String,
    pub payee: String,
    pub return_url: String,
    pub callback_url: String,
    pub created_at: Time,
    pub expires_at: Time,
    /// Of a test card.
    pub card: Option<ShownCard>,
    /// How it behaves, and how its webhooks do.
    pub behaviour: Behaviour,
    pub order: Order,
    pub state: State,
    pub reason: Option<Reason>,
    /// Minor units that were taken from the payer; zero before.
    #[serde(with = "digits")]
    pub taken: Units,
    pub rrn: Option<String>,
    pub held: bool,
    /// Refunds wait for an order instead of being done at once.
    pub refunds_wait: bool,
    pub refunds: Vec<Refund>,
    pub disputes: Vec<Dispute>,
    pub happenings: Vec<Happening>,
    /// Not yet posted.
    pub webhooks: Vec<Webhook>,
    /// Counts webhooks, posted ones included.
    pub events: u32,
    /// It is in a settlement to the bank.
    #[serde(default)]
    pub settled: bool,
}

/// Something that happens by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    pub at: Time,
    pub act: Act,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    /// The merchant's, unique.
    pub reference: String,
    #[serde(with = "digits")]
    pub amount: Units,
    pub state: RefundState,
    /// It was kept from a settlement to the bank.
    #[serde(default)]
    pub settled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    Pending,
    Done,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    pub id: String,
    #[serde(with = "digits")]
    pub amount: Units,
    pub state: DisputeState,
    /// Lost then; nothing for one that was opened before this was kept.
    #[serde(default)]
    pub evidence_due: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    Open,
    Won,
    Lost,
}

impl Payment {
    /// Minor units of refunds in that state.
    pub fn refunded(&self, state: RefundState) -> Units {
        let of_state = self.refunds.iter().filter(|refund| refund.state == state);
        // refunds are never above what was taken, so that the sum is exact
        Units(of_state.fold(0, |sum, refund| sum.saturating_add(refund.amount.0)))
    }

    /// Minor units that can still be given back.
    pub fn rest(&self) -> Units {
        self.taken.less(self.refunded(RefundState::Done)).less(self.refunded(RefundState::Pending))
    }

    /// Whether the payer has all of it back.
    pub fn is_given_back(&self) -> bool {
        !self.taken.is_zero() && self.refunded(RefundState::Done) >= self.taken
    }

    pub fn is_disputed(&self) -> bool {
        self.disputes.iter().any(|dispute| dispute.state == DisputeState::Open)
    }

    pub(super) fn happens(&mut self, at: Time, act: Act) {
        self.happenings.push(Happening { at, act });
    }
}

/// Amounts as their digits.
pub(super) mod digits {
    use domain::Units;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::sim::acquirer) fn serialize<S: Serializer>(units: &Units, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(units)
    }

    pub(in crate::sim::acquirer) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Units, D::Error> {
        Units::from_digits(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
