//! `POST /v1/payments`

use domain::card::{CardNumber, ShownCard};
use domain::{Time, Units, fiat};
use serde::{Deserialize, Serialize};

use super::act::Act;
use super::api::{Refusal, Reply, WireRequest};
use super::behaviour::{Behaviour, Order};
use super::card::test_card;
use super::record::{Method, Payment, Reason, State};
use super::{Acquirer, UPI_PAYER_AFTER_MILLIS, names, show};

/// The body. The connectors write it, the acquirer reads it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct Create<'a> {
    /// The merchant's, unique; 1 to 35 letters, digits, `_` and `-`, as a UPI link's `tr` needs it.
    pub(in crate::sim) reference: String,
    pub(in crate::sim) method: Method,
    /// Minor units, above zero.
    pub(in crate::sim) amount: u128,
    /// ISO 4217, upper case.
    pub(in crate::sim) currency: String,
    pub(in crate::sim) description: String,
    pub(in crate::sim) payee: String,
    pub(in crate::sim) return_url: String,
    pub(in crate::sim) callback_url: String,
    /// Milliseconds since 1970.
    pub(in crate::sim) expires_at: i64,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(in crate::sim) card: Option<CardFields<'a>>,
}

/// Borrowed from the request's memory, which is wiped.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct CardFields<'a> {
    pub(in crate::sim) number: &'a str,
    /// `MM/YYYY`
    pub(in crate::sim) expiry: &'a str,
    pub(in crate::sim) code: &'a str,
    #[serde(borrow)]
    pub(in crate::sim) holder: std::borrow::Cow<'a, str>,
}

impl Acquirer {
    pub(super) fn create(&mut self, request: &WireRequest, now: Time) -> Result<Reply, Refusal> {
        let key = request.key()?;
        // the reader's own words could repeat what stands in the body
        let unreadable = |_| Refusal::new(400, "malformed", "the body does not fit");
        let asked: Create<'_> = serde_json::from_slice(&request.body).map_err(unreadable)?;
        asked.check()?;
        let (card, by_number) = asked.card()?;
        let mut payment = self.drafted(key, &asked, card, now);
        if let Some(known) = self.keys.get(key).or(Some(&payment.id)).and_then(|id| self.payments.get(id)) {
            return known.repeated(&payment);
        }

        let is_card = payment.method == Method::Card;
        let behaviour = match by_number {
            None if is_card => None,
            by_number => {
                payment.order = self.take_order(&payment.reference, &payment.description).unwrap_or_default();
                payment.order.behaviour.or(by_number).or(Some(Behaviour::Challenge))
            }
        };
        match behaviour {
            Some(Behaviour::Timeout) => return Ok(Reply::HangUp),
            Some(Behaviour::Busy) => return Err(Refusal::new(429, "busy", "too many requests")),
            Some(Behaviour::Unavailable) => return Err(Refusal::new(503, "unavailable", "try later")),
            _ => {}
        }
        match behaviour {
            None => payment.close(State::Declined, Reason::NotATestCard, now),
            Some(behaviour) => {
                payment.behaviour = behaviour;
                if is_card { self.begin_card(&mut payment, now) } else { begin_upi(&mut payment, now) }
            }
        }
        let status = if payment.state == State::Declined { 402 } else { 201 };
        payment.answer = (status, show::payment(&payment, &self.settings).to_string());
        let (status, body) = payment.answer.clone();
        self.put(payment);
        Ok(match behaviour {
            Some(Behaviour::TimeoutThenCharged) => Reply::HangUp,
            _ => Reply::Answer { status, body },
        })
    }

    /// The payment before anything has happened to it.
    fn drafted(&self, key: &str, asked: &Create<'_>, card: Option<ShownCard>, now: Time) -> Payment {
        let method = asked.method;
        Payment {
            id: names::payment_id(&asked.reference),
            seq: u64::try_from(self.in_order.len()).unwrap_or(u64::MAX),
            key: key.to_owned(),
            answer: (0, String::new()),
            reference: asked.reference.clone(),
            method,
            amount: Units(asked.amount),
            currency: asked.currency.clone(),
            description: asked.description.clone(),
            payee: asked.payee.clone(),
            return_url: asked.return_url.clone(),
            callback_url: asked.callback_url.clone(),
            created_at: now,
            expires_at: Time(asked.expires_at),
            card,
            behaviour: Behaviour::Decline,
            order: Order::default(),
            state: if method == Method::Upi { State::AwaitingPayer } else { State::Challenge },
            reason: None,
            taken: Units::ZERO,
            rrn: None,
            held: false,
            refunds_wait: false,
            refunds: Vec::new(),
            disputes: Vec::new(),
            happenings: Vec::new(),
            webhooks: Vec::new(),
            events: 0,
            settled: false,
        }
    }

    fn begin_card(&self, payment: &mut Payment, now: Time) {
        let declined = |reason| (State::Declined, reason);
        let (state, reason) = match payment.behaviour {
            Behaviour::Challenge => return payment.happens(payment.expires_at, Act::Expire),
            Behaviour::AskForChallenge if self.asked_for_challenge(payment) => {
                return payment.happens(payment.expires_at, Act::Expire);
            }
            Behaviour::AskForChallenge => declined(Reason::AuthenticationRequired),
            Behaviour::Decline => declined(Reason::Refused),
            Behaviour::InsufficientFunds => declined(Reason::InsufficientFunds),
            Behaviour::WrongCode => declined(Reason::WrongCode),
            Behaviour::ExpiredCard => declined(Reason::ExpiredCard),
            Behaviour::Pending => return payment.pend(now),
            _ => return self.pay(payment, now),
        };
        payment.close(state, reason, now);
    }

    /// Whether the same card was declined softly before for the same thing.
    fn asked_for_challenge(&self, payment: &Payment) -> bool {
        self.payments.values().any(|other| {
            other.reason == Some(Reason::AuthenticationRequired)
                && (&other.card, &other.description, &other.payee)
                    == (&payment.card, &payment.description, &payment.payee)
        })
    }
}

/// Shows the link; what was ordered is done by the payer a moment later.
fn begin_upi(payment: &mut Payment, now: Time) {
    payment.happens(payment.expires_at, Act::Expire);
    let act = match payment.behaviour {
        Behaviour::Challenge | Behaviour::AskForChallenge => return,
        Behaviour::Pending => Act::UpiPend,
        Behaviour::Decline | Behaviour::InsufficientFunds | Behaviour::WrongCode | Behaviour::ExpiredCard => {
            Act::UpiFail
        }
        _ => Act::UpiPay,
    };
    payment.happens(now.plus(UPI_PAYER_AFTER_MILLIS), act);
}

impl Create<'_> {
    fn check(&self) -> Result<(), Refusal> {
        let refused = |code, message: &str| Err(Refusal::new(422, code, message));
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !(1..=35).contains(&self.reference.len()) || !self.reference.bytes().all(is_name) {
            return refused("bad_reference", "a reference has 1 to 35 letters, digits, _ and -");
        }
        if self.amount == 0 || self.amount > u128::from(u64::MAX) {
            return refused("bad_amount", "the amount is out of range");
        }
        if fiat::minor_digits(&self.currency).is_none() {
            return refused("bad_currency", "the currency is not one of ISO 4217");
        }
        match (self.method, &self.card) {
            (Method::Upi, _) if self.currency != "INR" => refused("bad_currency", "UPI takes INR only"),
            (Method::Upi, Some(_)) => refused("card_not_wanted", "UPI takes no card"),
            (Method::Card, None) => refused("card_needed", "this acquirer has no card page: it needs the card's data"),
            _ => Ok(()),
        }
    }

    /// What may be kept of a test card, and how it behaves. Of any other number nothing is kept.
    fn card(&self) -> Result<(Option<ShownCard>, Option<Behaviour>), Refusal> {
        let Some(card) = &self.card else { return Ok((None, None)) };
        let bad_number = |_| Refusal::new(422, "bad_number", "the card number is not right");
        let number = CardNumber::parse(card.number).map_err(bad_number)?;
        let known = test_card(&number);
        Ok((known.map(|_| number.shown()), known.map(|card| card.behaviour)))
    }
}

impl Payment {
    /// The answer to a repeat of the request that made this payment.
    fn repeated(&self, again: &Payment) -> Result<Reply, Refusal> {
        let told = |payment: &Payment| {
            let Payment { key, reference, method, amount, currency, .. } = payment.clone();
            let Payment { description, payee, return_url, callback_url, expires_at, card, .. } = payment.clone();
            (
                (key, reference, method, amount, currency),
                (description, payee, return_url, callback_url, expires_at, card),
            )
        };
        if told(self) != told(again) {
            let message = "another payment was made under this key or reference";
            return Err(Refusal::new(409, "not_the_same", message));
        }
        let (status, body) = self.answer.clone();
        Ok(Reply::Answer { status, body })
    }
}
