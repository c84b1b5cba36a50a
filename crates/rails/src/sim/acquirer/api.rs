//! The acquirer's API: from a request to an answer.
//!
//! | call | answer |
//! | --- | --- |
//! | `POST /v1/payments` | 201, or 402 for a decline: the payment |
//! | `GET /v1/payments?reference=` | `{"payments": […]}`, none or one |
//! | `POST /v1/payments/{id}/cancel` | 200: the payment as it stands now; a reference will do for the id |
//! | `POST /v1/payments/{id}/refunds` | 201: the refund; 422 when there is not so much left |
//! | `GET /v1/refunds?reference=` | `{"refunds": […]}`, none or one |
//! | `POST /v1/payouts` | 201, or 402 for a decline: the payment out |
//! | `GET /v1/settlements?account=` | `{"settlements": […]}`: what was paid out to the bank behind an account, oldest first |
//! | `GET /v1/settlements/{id}/lines` | `{"lines": […]}`: the payments and refunds in one |
//! | `GET /v1/payouts?reference=` | `{"payouts": […]}`, none or one |
//!
//! Errors are `{"error": {"code", "message"}}`: 400, 401, 404, 405, 422, 429 and 503 did nothing; 409 says that something else was
//! done under this key or reference.

use std::fmt;

use domain::Time;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::record::{Reason, State};
use super::{Acquirer, show};

/// A request as it came in.
#[derive(Clone, Default)]
pub struct WireRequest {
    /// `GET`, `POST`
    pub method: String,
    /// Begins with `/v1/`.
    pub path: String,
    /// Without the question mark.
    pub query: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for WireRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireRequest({} {}, {} bytes)", self.method, self.path, self.body.len())
    }
}

/// What the caller gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// JSON.
    Answer { status: u16, body: String },
    /// The connection is closed without an answer.
    HangUp,
}

/// A refusal that did nothing.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(404, "not_found", format!("there is no such {what}"))
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let body = json!({ "error": { "code": refusal.code, "message": refusal.message } });
        Reply::Answer { status: refusal.status, body: body.to_string() }
    }
}

pub(super) fn answer(status: u16, body: &Value) -> Reply {
    Reply::Answer { status, body: body.to_string() }
}

impl WireRequest {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    /// The `idempotency-key`: 1 to 100 signs.
    pub(super) fn key(&self) -> Result<&str, Refusal> {
        let key = self.header("idempotency-key").filter(|key| (1..=100).contains(&key.len()));
        key.ok_or_else(|| Refusal::new(400, "no_idempotency_key", "an idempotency-key of 1 to 100 signs is needed"))
    }
}

impl Acquirer {
    /// Answers a request. Same state, request and time: same answer and same new state.
    pub fn handle(&mut self, request: &WireRequest, now: Time) -> Reply {
        self.pass_time(now);
        if !self.is_allowed(request) {
            return Refusal::new(401, "unauthorized", "the bearer token is missing or wrong").into();
        }
        let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        let reply = match (request.method.as_str(), path.as_slice()) {
            ("POST", ["v1", "payments"]) => self.create(request, now),
            ("GET", ["v1", "payments"]) => self.find_payment(request),
            ("POST", ["v1", "payments", id, "cancel"]) => self.cancel(id, now),
            ("POST", ["v1", "payments", id, "refunds"]) => self.refund(id, request, now),
            ("GET", ["v1", "refunds"]) => self.find_refund(request),
            ("POST", ["v1", "payouts"]) => self.create_payout(request, now),
            ("GET", ["v1", "payouts"]) => self.find_payout(request, now),
            ("GET", ["v1", "settlements"]) => self.list_settlements(request, now),
            ("GET", ["v1", "settlements", id, "lines"]) => self.settlement_lines(id),
            _ => Err(Refusal::not_found("call")),
        };
        reply.unwrap_or_else(Reply::from)
    }

    fn is_allowed(&self, request: &WireRequest) -> bool {
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        // digests, so that the time to compare says nothing of the key
        Sha256::digest(token) == Sha256::digest(self.settings.api_key.as_bytes())
    }

    fn find_payment(&self, request: &WireRequest) -> Result<Reply, Refusal> {
        let reference = wanted_reference(request)?;
        let found = self.payment(&reference).filter(|payment| payment.reference == reference);
        let shown: Vec<Value> = found.map(|payment| show::payment(payment, &self.settings)).into_iter().collect();
        Ok(answer(200, &json!({ "payments": shown })))
    }

    fn find_refund(&self, request: &WireRequest) -> Result<Reply, Refusal> {
        let reference = wanted_reference(request)?;
        let payment = self.refunds.get(&reference).and_then(|id| self.payments.get(id));
        let found = payment.and_then(|payment| {
            let refund = payment.refunds.iter().find(|refund| refund.reference == reference)?;
            Some(show::refund(payment, refund))
        });
        Ok(answer(200, &json!({ "refunds": found.into_iter().collect::<Vec<_>>() })))
    }

    /// Closes what nobody has paid yet; the rest stays as it is.
    fn cancel(&mut self, id: &str, now: Time) -> Result<Reply, Refusal> {
        let mut payment = self.payment(id).cloned().ok_or_else(|| Refusal::not_found("payment"))?;
        if matches!(payment.state, State::Challenge | State::AwaitingPayer) {
            payment.close(State::Canceled, Reason::CanceledByMerchant, now);
            self.put(payment.clone());
        }
        Ok(answer(200, &show::payment(&payment, &self.settings)))
    }
}

pub(super) fn wanted_reference(request: &WireRequest) -> Result<String, Refusal> {
    let given = request.parameter("reference").filter(|reference| !reference.is_empty());
    given.ok_or_else(|| Refusal::new(400, "no_reference", "name the reference: ?reference=…"))
}
