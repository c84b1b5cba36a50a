//! The seam to payment providers: a provider is one [`Connector`], a value made of pure functions that build requests and read
//! answers. Nothing here sends anything; the gateway's one frame does (`net/provider` there).
//!
//! The rules of the seam:
//! * A capability that a provider lacks is `None`. There are no default methods: what is missing does not compile.
//! * *Unknown* is a value. After it only [`Connector::sync`] is asked, never a request that could charge again.
//! * What arrives unasked ([`Webhook`]) is a hint: it says which charge to sync, and proves nothing.
//! * Amount and currency of every [`Proof`] are compared with what was asked, by the gateway, for all providers alike.

pub mod account;
pub mod exchange;
pub mod list;
pub mod operation;
pub mod outcome;
pub mod payout;
pub mod read;
pub mod report;
pub mod sign;

pub use account::{Account, Field, Token};
pub use exchange::{HttpRequest, HttpResponse, Received, Verb};
pub use operation::{Charge, Device, Payer, Refund};
pub use outcome::{
    Answer, Decline, DisputeSeen, DisputeState, Disputes, Memory, NeedsPayer, Outcome, Proof, RefundAnswer,
    RefundOutcome,
};

pub use payout::{Payout, PayoutAnswer, PayoutCard, PayoutOutcome};
pub use report::{Line, LineKind, Lines, LinesAsk, PaidOut, PaidOutState, Payouts, ReportAsk};

use domain::Time;
use domain::card::Card;
use domain::charge::Method;

/// A payment provider.
#[derive(Debug)]
pub struct Connector {
    /// In rows, configuration and paths: lower case, `_` between words. Never changes once used.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    pub method: Method,
    /// Where its API is, without a slash at the end, unless the account says otherwise.
    pub base_url: &'static str,
    /// What an account needs beside that.
    pub fields: &'static [Field],
    /// ISO 4217 codes it can charge; `None` for any.
    pub currencies: Option<&'static [&'static str]>,
    /// For providers whose calls need a token that runs out.
    pub login: Option<Login>,
    /// Begins a charge without card data: the answer says what the payer must do. Sent in order, each step once, and only after the
    /// one before answered [`Outcome::Next`]; any other outcome is that of the charge.
    pub create: &'static [Flow<Charge, Answer>],
    /// Begins a charge with card data, for the sandbox and the operator's PCI mode.
    pub create_with_card: Option<CardFlow>,
    /// Asks what became of a charge; must work from [`Charge::id`] alone, since the answer to `create` may have been lost.
    /// [`Outcome::NotSent`] says that the provider has nothing under that id *now*: a request that is still on its way may yet
    /// begin it, so it is believed only when the request cannot be under way any more.
    pub sync: Flow<Charge, Answer>,
    /// Further questions after `sync` answered [`Outcome::Next`], each like it.
    pub sync_more: Option<Flow<Charge, Answer>>,
    /// Closes a charge that the payer has not paid; where the provider can close some kinds only, the request asks instead. The
    /// answer is read like that of `sync`.
    pub cancel: Option<Flow<Charge, Answer>>,
    /// Gives a part or all back.
    pub refund: Option<RefundFlows>,
    /// Asks for the disputes of a paid charge.
    pub disputes: Option<Flow<Charge, Disputes>>,
    /// Lists what the provider has paid out to the bank of the account's owner.
    pub report: Option<ReportFlows>,
    /// Reads what the provider posts to us.
    pub webhook: Option<Webhook>,
    /// Pays out to cards; with accounts of its own, for this alone.
    pub payout: Option<PayoutFlows>,
    /// Asks the payer's UPI app for the money by his VPA. Being withdrawn by NPCI since 2026-02-28; off unless an account names it.
    pub collect: Option<Flow<Charge, Answer>>,
}

/// A question and how its answer is read.
#[derive(Debug)]
pub struct Flow<Of: 'static, A: 'static> {
    pub request: fn(&Account, &Of) -> HttpRequest,
    /// Called for any HTTP status. What is not understood is [`Outcome::Unknown`], never an error that could be overlooked.
    pub response: fn(&Account, &Of, &HttpResponse) -> A,
}

/// As [`Flow`], with card data in the request.
#[derive(Debug)]
pub struct CardFlow {
    pub request: fn(&Account, &Charge, &Card) -> HttpRequest,
    pub response: fn(&Account, &Charge, &HttpResponse) -> Answer,
}

#[derive(Debug)]
pub struct RefundFlows {
    pub create: Flow<Refund, RefundAnswer>,
    /// Must work from [`Refund::id`] alone.
    pub sync: Flow<Refund, RefundAnswer>,
}

/// Payouts to the bank, and what is in each.
#[derive(Debug)]
pub struct ReportFlows {
    pub payouts: Flow<ReportAsk, Payouts>,
    pub lines: Flow<LinesAsk, Lines>,
}

/// Money to a card. The card is given to `create` alone, which puts it into memory that is wiped.
#[derive(Debug)]
pub struct PayoutFlows {
    /// What an account for pay-outs needs, in the place of [`Connector::fields`].
    pub fields: &'static [Field],
    /// ISO 4217 codes it can pay out.
    pub currencies: &'static [&'static str],
    /// [`Payout::id`] is the idempotency key: the same request under it pays once, however often it is sent.
    pub create: PayoutFlow,
    /// Must work from [`Payout::id`] alone. [`PayoutOutcome::NotSent`] says that there is nothing under it *now*.
    pub sync: Flow<Payout, PayoutAnswer>,
}

/// As [`Flow`], with card data in the request.
#[derive(Debug)]
pub struct PayoutFlow {
    pub request: fn(&Account, &Payout, &PayoutCard) -> HttpRequest,
    pub response: fn(&Account, &Payout, &HttpResponse) -> PayoutAnswer,
}

/// Fetches a token.
#[derive(Debug)]
pub struct Login {
    pub request: fn(&Account) -> HttpRequest,
    /// `None` when the provider refuses the account.
    pub response: fn(&HttpResponse, Time) -> Option<Token>,
}

/// Reads what the provider posts.
#[derive(Debug)]
pub struct Webhook {
    /// Checks who sent it, over the raw bytes, and finds what it is about.
    pub read: fn(&Account, &Received, Time) -> Result<Hint, Forged>,
}

/// What a checked callback is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The provider's id of the event: the same for a duplicate.
    pub event_id: String,
    /// The provider's word for what happened, for logs and people.
    pub what: String,
    /// Our charge ids and the provider's references found in it.
    pub about: Vec<String>,
}

/// Why a callback is not believed to come from the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    #[error("its signature is missing or wrong")]
    Signature,
    #[error("it was signed too long ago, or in the future")]
    Old,
    #[error("its body cannot be read")]
    Malformed,
    #[error("the account has no secret to check it with")]
    NoSecret,
}
