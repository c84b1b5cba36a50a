//! What an answer means.

use std::collections::BTreeMap;

use domain::card::ShownCard;
use domain::{Time, Units};

/// What a connector wants to remember of a charge, by names of its own; kept with the charge. No secret that could move money, no
/// card data.
pub type Memory = BTreeMap<String, String>;

/// An answer about a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The provider's id of the charge, if the answer names it.
    pub reference: Option<String>,
    /// Added to what is remembered.
    pub memory: Memory,
    pub outcome: Outcome,
}

/// What became of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done so far: ask the next step.
    Next,
    /// The payer has paid; or had, and it was taken back (see [`Proof`]).
    Final(Box<Proof>),
    /// The provider or a bank works on it; nobody need act.
    Pending,
    /// The payer must act.
    NeedsPayer(NeedsPayer),
    /// Over, and no money moved.
    Declined(Decline),
    /// Nothing was begun at the provider: another one may be asked. The sentence says why.
    NotSent(String),
    /// It may or may not have been charged: from now on only ask. The sentence says what was seen.
    Unknown(String),
}

/// What the payer must do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum NeedsPayer {
    /// Go to another page: the bank's 3-D Secure page (`challenge`), or the provider's payment page.
    Visit { url: String, challenge: bool },
    /// Enter the card in the provider's own fields on our page.
    Fields { script: String, publishable_key: String, client_secret: String },
    /// Pay with a UPI app; each exactly as the provider gave it.
    Upi {
        /// `upi://pay?…`
        link: Option<String>,
        /// What the QR encodes.
        qr_text: Option<String>,
        /// The provider's drawing of it, `data:image/png;base64,…`.
        qr_image: Option<String>,
    },
}

/// What the provider says of money that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Minor units of `currency` that were taken from the payer.
    pub amount: Units,
    /// ISO 4217, upper case.
    pub currency: String,
    /// The RRN of a UPI payment; twelve digits.
    pub rrn: Option<String>,
    pub card: Option<ShownCard>,
    /// The provider holds the money back for review.
    pub held: bool,
    /// All of it went back to the payer without a refund of ours: a UPI payment that was reversed, a voided capture.
    pub reversed: bool,
    /// The sum of refunds that are done, if the answer says it.
    pub refunded: Option<Units>,
}

/// Why it was declined; decides whether another try makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decline {
    InsufficientFunds,
    /// A temporary refusal, or one that asks for 3-D Secure.
    TryAgain,
    WrongCode,
    Expired,
    /// The payer did not pass 3-D Secure.
    AuthenticationFailed,
    /// The payer gave up at the provider's page or in his app.
    Canceled,
    /// Nobody paid in time, and the provider closed it: another charge may be begun.
    TimedOut,
    /// Anything else: a second try of the same card is not invited.
    Refused,
}

impl Decline {
    /// Whether the payer may try again on the same invoice.
    pub fn invites_another_try(self) -> bool {
        matches!(
            self,
            Decline::InsufficientFunds | Decline::TryAgain | Decline::WrongCode | Decline::Expired | Decline::TimedOut
        )
    }
}

/// Answer to the question for disputes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disputes {
    Seen(Vec<DisputeSeen>),
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeSeen {
    /// The provider's id of the dispute.
    pub reference: String,
    /// Minor units of `currency`.
    pub amount: Units,
    pub currency: String,
    pub state: DisputeState,
    /// Until when evidence is to be sent, if the provider says so. Of a dispute under review it means nothing.
    pub evidence_due: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeState {
    /// Evidence may still be sent.
    Open,
    /// Open, and nothing is awaited of the merchant: the bank decides.
    UnderReview,
    Won,
    Lost,
}

/// An answer about a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAnswer {
    /// The provider's id of the refund, if the answer names it.
    pub reference: Option<String>,
    pub outcome: RefundOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The payer has, or will have, this back: minor units and currency as the provider says.
    Done {
        amount: Units,
        currency: String,
    },
    Pending,
    /// Not refunded, and it will not be. The sentence says why.
    Declined(String),
    /// Nothing was begun; from a sync: the provider has nothing under our id.
    NotSent(String),
    Unknown(String),
}

impl Answer {
    pub fn of(outcome: Outcome) -> Self {
        Self { reference: None, memory: Memory::new(), outcome }
    }

    #[must_use]
    pub fn about(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    #[must_use]
    pub fn remember(mut self, name: &str, value: impl Into<String>) -> Self {
        self.memory.insert(name.to_owned(), value.into());
        self
    }
}

impl RefundAnswer {
    pub fn of(outcome: RefundOutcome) -> Self {
        Self { reference: None, outcome }
    }

    #[must_use]
    pub fn about(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }
}
