//! `POST /v1/payments/{id}/refunds`

use domain::{Time, Units};
use serde::{Deserialize, Serialize};

use super::api::{Refusal, Reply, WireRequest, answer};
use super::record::{DisputeState, Refund, RefundState, State};
use super::{Acquirer, names, show};

/// The body. The connectors write it, the acquirer reads it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct CreateRefund {
    /// The merchant's, unique; the idempotency key too.
    pub(in crate::sim) reference: String,
    /// Minor units of the payment's currency, above zero.
    pub(in crate::sim) amount: u128,
}

impl Acquirer {
    pub(super) fn refund(&mut self, id: &str, request: &WireRequest, now: Time) -> Result<Reply, Refusal> {
        let unreadable = |_| Refusal::new(400, "malformed", "the body does not fit");
        let asked: CreateRefund = serde_json::from_slice(&request.body).map_err(unreadable)?;
        if request.key()? != asked.reference {
            return Err(Refusal::new(400, "bad_key", "the idempotency key of a refund is its reference"));
        }
        let mut payment = self.payment(id).cloned().ok_or_else(|| Refusal::not_found("payment"))?;
        if let Some(known) = self.refunds.get(&asked.reference) {
            let same = payment.refunds.iter().find(|refund| refund.reference == asked.reference);
            return match same.filter(|refund| *known == payment.id && refund.amount == Units(asked.amount)) {
                Some(refund) => Ok(answer(201, &show::refund(&payment, refund))),
                None => Err(Refusal::new(409, "not_the_same", "another refund was made under this reference")),
            };
        }

        let refused = |code, message: &str| Err(Refusal::new(422, code, message));
        if payment.state != State::Paid {
            return refused("not_paid", "the payment is not paid");
        }
        if payment.disputes.iter().any(|dispute| dispute.state != DisputeState::Won) {
            return refused("disputed", "the payer's bank decides on this money");
        }
        if asked.amount == 0 || Units(asked.amount) > payment.rest() {
            return refused("too_much", "there is not so much left to give back");
        }
        let state = if payment.refunds_wait { RefundState::Pending } else { RefundState::Done };
        let id = names::refund_id(&asked.reference);
        let refund = Refund { id, reference: asked.reference, amount: Units(asked.amount), state, settled: false };
        let shown = show::refund(&payment, &refund);
        payment.refunds.push(refund);
        if state == RefundState::Done {
            payment.refunds_ended("refund.done", now);
        }
        self.put(payment);
        Ok(answer(201, &shown))
    }
}
