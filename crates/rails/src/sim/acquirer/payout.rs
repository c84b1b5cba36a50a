//! Pay-outs to cards: `POST /v1/payouts`, `GET /v1/payouts?reference=`. The card's number chooses the outcome, as for payments; no
//! number is kept.

use domain::card::{CardNumber, Expiry, ShownCard};
use domain::{Time, Units};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api::{Refusal, Reply, WireRequest, answer, wanted_reference};
use super::behaviour::Behaviour;
use super::{Acquirer, Changed, card, names};

/// Milliseconds after which a payment that is pending by its card number is paid.
pub const PAYOUT_AFTER_MILLIS: i64 = 3_000;

/// The body. The connector writes it, the processor reads it; it borrows, so that no number is copied.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct CreatePayout<'a> {
    /// The merchant's, unique; the idempotency key too.
    pub(in crate::sim) reference: &'a str,
    /// Minor units, above zero.
    pub(in crate::sim) amount: u128,
    pub(in crate::sim) currency: &'a str,
    #[serde(borrow)]
    pub(in crate::sim) description: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::sim) first_name: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::sim) last_name: std::borrow::Cow<'a, str>,
    pub(in crate::sim) card: PayoutCardFields<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct PayoutCardFields<'a> {
    pub(in crate::sim) number: &'a str,
    pub(in crate::sim) expiry: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutState {
    Pending,
    Paid,
    Declined,
}

/// A payment out: what was asked, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimPayout {
    pub id: String,
    pub reference: String,
    #[serde(with = "super::record::digits")]
    pub amount: Units,
    pub currency: String,
    pub description: String,
    pub card: ShownCard,
    pub state: PayoutState,
    /// Minor units that reached the card; zero before.
    #[serde(with = "super::record::digits")]
    pub paid: Units,
    pub reason: Option<String>,
    /// When it is paid by itself.
    pub paid_at: Option<Time>,
}

impl SimPayout {
    fn same_as(&self, other: &SimPayout) -> bool {
        (self.amount, &self.currency, &self.description, &self.card)
            == (other.amount, &other.currency, &other.description, &other.card)
    }

    /// Pays what is due, when it is.
    fn pass_time(&mut self, now: Time) -> bool {
        let due = self.state == PayoutState::Pending && self.paid_at.is_some_and(|at| at <= now);
        if due {
            (self.state, self.paid) = (PayoutState::Paid, self.amount);
        }
        due
    }

    fn shown(&self) -> Value {
        let (id, reference, currency) = (&self.id, &self.reference, &self.currency);
        let (amount, paid) = (self.amount.0, self.paid.0);
        json!({ "id": id, "reference": reference, "status": self.state, "amount": amount, "paid": paid,
            "currency": currency, "reason": self.reason, "card": self.card })
    }
}

impl Acquirer {
    /// A payment out, by the merchant's reference.
    pub fn payout(&self, reference: &str) -> Option<&SimPayout> {
        self.payouts.get(reference)
    }

    /// How many payments out reached a card.
    pub fn payouts_paid(&self) -> usize {
        self.payouts.values().filter(|payout| payout.state == PayoutState::Paid).count()
    }

    pub(super) fn create_payout(&mut self, request: &WireRequest, now: Time) -> Result<Reply, Refusal> {
        let unreadable = |_| Refusal::new(400, "malformed", "the body does not fit");
        let asked: CreatePayout<'_> = serde_json::from_slice(&request.body).map_err(unreadable)?;
        if request.key()? != asked.reference {
            return Err(Refusal::new(400, "bad_key", "the idempotency key of a payment is its reference"));
        }
        let refused = |code, message: &str| Err(Refusal::new(422, code, message));
        if asked.amount == 0 || asked.currency != "EUR" {
            return refused("bad_amount", "an amount above zero in EUR is needed");
        }
        let Ok(number) = CardNumber::parse(asked.card.number) else {
            return refused("bad_card", "this is no card number");
        };
        if Expiry::parse(asked.card.expiry).is_err() {
            return refused("bad_card", "an expiry date is MM/YYYY");
        }
        let mut payout = SimPayout {
            id: names::payout_id(asked.reference),
            reference: asked.reference.to_owned(),
            amount: Units(asked.amount),
            currency: asked.currency.to_owned(),
            description: asked.description.into_owned(),
            card: number.shown(),
            state: PayoutState::Pending,
            paid: Units::ZERO,
            reason: None,
            paid_at: None,
        };
        if let Some(known) = self.payouts.get_mut(&payout.reference) {
            known.pass_time(now);
            return match known.same_as(&payout) {
                true => Ok(answer(status(known.state), &known.shown())),
                false => Err(Refusal::new(409, "not_the_same", "another payment was made under this reference")),
            };
        }
        let known = card::test_card(&number);
        let ordered = self.take_order(&payout.reference, &payout.description).and_then(|order| order.behaviour);
        match ordered {
            Some(Behaviour::Busy) => return Err(Refusal::new(429, "busy", "come again")),
            Some(Behaviour::Unavailable) => return Err(Refusal::new(503, "unavailable", "out of order")),
            Some(Behaviour::Timeout) => return Ok(Reply::HangUp),
            _ => {}
        }
        let behaviour = known.map(|known| ordered.unwrap_or(known.behaviour));
        let decline = |why: &str| (PayoutState::Declined, Units::ZERO, Some(why.to_owned()));
        let paid = payout.amount;
        (payout.state, payout.paid, payout.reason) = match behaviour {
            None => decline("Not a test card: the sandbox takes published test numbers only"),
            Some(Behaviour::Approve | Behaviour::TimeoutThenCharged | Behaviour::Chargeback) => {
                (PayoutState::Paid, paid, None)
            }
            Some(Behaviour::WrongAmount) => (PayoutState::Paid, Units(paid.0.saturating_sub(1).max(1)), None),
            Some(Behaviour::Challenge | Behaviour::AskForChallenge) => {
                payout.paid_at = Some(now.plus(PAYOUT_AFTER_MILLIS));
                (PayoutState::Pending, Units::ZERO, None)
            }
            Some(Behaviour::Pending | Behaviour::Hold) => (PayoutState::Pending, Units::ZERO, None),
            Some(Behaviour::ExpiredCard) => decline("The card has expired"),
            Some(_) => decline("Card declined by the issuer"),
        };
        let reply = answer(status(payout.state), &payout.shown());
        self.keep_payout(payout);
        Ok(if behaviour == Some(Behaviour::TimeoutThenCharged) { Reply::HangUp } else { reply })
    }

    pub(super) fn find_payout(&mut self, request: &WireRequest, now: Time) -> Result<Reply, Refusal> {
        let reference = wanted_reference(request)?;
        let found = self.payouts.get_mut(&reference);
        let shown = found.map(|payout| (payout.pass_time(now), payout.shown()));
        if shown.as_ref().is_some_and(|(changed, _)| *changed) {
            self.changed.insert(Changed::Payout(reference));
        }
        let shown: Vec<Value> = shown.map(|(_, shown)| shown).into_iter().collect();
        Ok(answer(200, &json!({ "payouts": shown })))
    }

    /// Ends a payment out that is pending: paid, or declined with a reason. False when there is none such.
    pub fn end_payout(&mut self, reference: &str, decline: Option<&str>) -> bool {
        let found = self.payouts.get(reference).filter(|payout| payout.state == PayoutState::Pending);
        let Some(mut payout) = found.cloned() else { return false };
        match decline {
            None => (payout.state, payout.paid) = (PayoutState::Paid, payout.amount),
            Some(why) => (payout.state, payout.reason) = (PayoutState::Declined, Some(why.to_owned())),
        }
        self.keep_payout(payout);
        true
    }

    /// The bank sends back what was paid, and says why. False when nothing was paid.
    pub fn take_payout_back(&mut self, reference: &str, why: &str) -> bool {
        let found = self.payouts.get(reference).filter(|payout| payout.state == PayoutState::Paid);
        let Some(mut payout) = found.cloned() else { return false };
        (payout.state, payout.paid, payout.reason) = (PayoutState::Declined, Units::ZERO, Some(why.to_owned()));
        self.keep_payout(payout);
        true
    }

    pub(super) fn keep_payout(&mut self, payout: SimPayout) {
        self.changed.insert(Changed::Payout(payout.reference.clone()));
        self.payouts.insert(payout.reference.clone(), payout);
    }
}

fn status(state: PayoutState) -> u16 {
    if state == PayoutState::Declined { 402 } else { 201 }
}
