//! What a provider says it has paid out to the bank of whoever owns the account: its payouts, and what is in each.

use domain::{Time, Units};

/// Asks for the payouts of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportAsk {
    /// Those made since then; the provider may answer with older ones too.
    pub since: Time,
    /// Where the list goes on, as [`Payouts::Seen`] said.
    pub after: Option<String>,
}

/// Asks for what is in one payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinesAsk {
    /// The provider's id of it.
    pub payout: String,
    /// Where the list goes on, as [`Lines::Seen`] said.
    pub after: Option<String>,
}

/// How far a payout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidOutState {
    /// On its way to the bank.
    Pending,
    /// At the bank. It may still fail, days later.
    Paid,
    /// It came back, or was called off.
    Failed,
}

/// A payout to the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidOut {
    /// The provider's, unique in the account.
    pub id: String,
    pub state: PaidOutState,
    /// Minor units that reached the bank: net of fees and refunds.
    pub amount: Units,
    /// ISO 4217, of the bank account.
    pub currency: String,
}

/// A page of payouts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payouts {
    Seen {
        payouts: Vec<PaidOut>,
        /// There is a further page, which begins after this.
        more: Option<String>,
    },
    /// The answer is not understood; nothing of it is used.
    Unknown(String),
}

/// What a line of a payout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// A payment of a payer.
    Charge,
    /// Money that was given back, and so was kept from the payout.
    Refund,
    /// A refund failed, and its money was paid out again.
    RefundBack,
    /// Kept from the payout for a dispute of a payer's bank.
    Dispute,
    /// A dispute was won, and its money was paid out again.
    DisputeBack,
    /// Anything else: an adjustment, a fee of its own.
    Other,
}

/// A line of a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The provider's, unique in the payout.
    pub id: String,
    pub kind: LineKind,
    /// The provider's word for it.
    pub what: String,
    /// Our charge ids and the provider's references found in it, what names the charge best first.
    pub about: Vec<String>,
    /// Minor units of what the payer paid or got back, before the provider's fee.
    pub amount: Units,
    /// ISO 4217, in which the payer paid.
    pub currency: String,
}

/// A page of a payout's lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    Seen {
        lines: Vec<Line>,
        /// There is a further page, which begins after this.
        more: Option<String>,
    },
    /// The answer is not understood; nothing of it is used.
    Unknown(String),
}
