//! A card payment, as the page shows it. There is no field for a card's number or code: what is not here cannot be echoed.

use super::{Amount, Label, OtherWays};

#[derive(Debug, Clone)]
pub struct CardPay {
    /// What the card is charged.
    pub amount: Amount,
    pub step: CardStep,
    /// The last try was declined and another may be made.
    pub declined: Option<Decline>,
    pub other: OtherWays,
    pub may_cancel: bool,
}

#[derive(Debug, Clone)]
pub enum CardStep {
    /// Our own form: the sandbox, or the operator's PCI mode. After a refused entry: its errors, and what may be shown again.
    Form {
        errors: Vec<CardError>,
        /// As it was entered; not shown again if it could be a card's number.
        holder: Option<Label>,
        /// As it was entered; not shown again unless it could be a date.
        expiry: Option<String>,
        /// Offers the sandbox's test cards.
        test_cards: bool,
    },
    /// The provider's own fields in our page; card data never reaches us. Stripe so far.
    Fields {
        provider: Label,
        /// Address of the provider's script: https, or a peer on loopback. Otherwise the page says that this way is closed.
        script: String,
        publishable_key: String,
        client_secret: String,
        /// Where the payer goes when the provider's script is done: our page again.
        return_url: String,
    },
    /// Another page takes over: the bank's 3-D Secure page (`challenge`), or the provider's payment page.
    Continue {
        /// Only http and https are followed.
        url: String,
        challenge: bool,
        provider: Label,
    },
    /// A button that makes the provider's page be asked for (action `pay-card` without numbers).
    Start { provider: Label },
}

/// What is wrong with an entry; one field may have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardError {
    NumberMissing,
    NumberInvalid,
    ExpiryMissing,
    ExpiryInvalid,
    ExpiryPast,
    CodeMissing,
    /// `digits`: how many the card's brand has, three or four.
    CodeInvalid {
        digits: u8,
    },
    HolderMissing,
    /// A card's number in the wrong field.
    HolderLooksLikeNumber,
}

/// Why a card was declined, as far as the payer can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decline {
    InsufficientFunds,
    TryAgain,
    WrongCode,
    Expired,
    AuthenticationFailed,
    Other,
}
