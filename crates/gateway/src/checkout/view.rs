//! What a payer's page shows, as plain values. Whoever knows the invoice fills this in; nothing here asks for more.
//!
//! Amounts come as the exact digits to show. Times are milliseconds since 1970, UTC.

use super::brand::Brand;
use super::label::Label;

mod card;
mod upi;

pub use card::{CardError, CardPay, CardStep, Decline};
pub use upi::{RrnError, UpiKind, UpiPay};

#[derive(Debug, Clone)]
pub struct PageView {
    /// As in the page's address, not percent-encoded.
    pub token: String,
    /// Grows with each change of the invoice; the page fetches itself again when the event stream names another.
    pub version: u64,
    /// The invoice's number, which payer and merchant both know it by.
    pub number: u64,
    pub now_ms: i64,
    pub merchant: Label,
    pub brand: Brand,
    /// As invoiced, for example 15.04 USD.
    pub price: Amount,
    pub description: Option<Label>,
    pub payer_email: Option<Label>,
    /// Where the merchant wants the payer back in this state; shown only if it is http or https.
    pub return_url: Option<String>,
    /// Nowhere the merchant named: our own page, which speaks the payer's language.
    pub returns_to_us: bool,
    /// The payer asked (`stay=1`) not to be taken back automatically.
    pub stay: bool,
    pub sandbox: bool,
    /// Lead the payer on by itself: he has just pressed the button that leads to another page. Nothing else may set this, or
    /// a payer who comes back is sent away again.
    pub go: bool,
    /// The coin the payer, or the merchant, has just chosen has no price at the moment.
    pub no_price: bool,
    /// The way the payer has just chosen is not possible at the moment: no provider could be reached.
    pub unavailable: bool,
    pub notices: Vec<Notice>,
    pub state: State,
}

#[derive(Debug, Clone)]
pub struct Amount {
    /// Decimal digits with a point, exactly as they should be paid.
    pub digits: String,
    pub symbol: Label,
}

#[derive(Debug, Clone)]
pub enum State {
    Choose {
        methods: Vec<Method>,
        /// Coins.
        options: Vec<CurrencyOption>,
    },
    /// In crypto.
    Pay(Box<Pay>),
    Card(Box<CardPay>),
    Upi(Box<UpiPay>),
    /// With the provider: pending there, or sent and not yet answered. The payer need not act, and must not pay again.
    Processing {
        method: Method,
    },
    /// All that was asked is seen, and the network has yet to confirm it.
    Confirming {
        payments: Vec<SeenPayment>,
    },
    /// The payer has paid.
    Received,
    /// The merchant has been paid.
    Settled,
    Failed {
        /// The provider or the payer's bank said no; otherwise a payment that was seen was undone.
        declined: bool,
    },
    /// By the payer.
    Canceled,
    Expired,
    Withheld,
    Chargeback,
}

/// A way to pay that is not a coin; comes back as `method` of action `method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Card,
    Upi,
}

/// What a payer who has chosen may still turn to; nothing if both are empty.
#[derive(Debug, Clone)]
pub struct OtherWays {
    pub methods: Vec<Method>,
    /// Coins.
    pub options: Vec<CurrencyOption>,
}

/// A coin on a network.
#[derive(Debug, Clone)]
pub struct CurrencyOption {
    /// The contract's value, for example `USDT_polygon`; comes back as `currency` of action `select`.
    pub value: String,
    pub symbol: Label,
    /// For reading: `Polygon`.
    pub network: Label,
}

#[derive(Debug, Clone)]
pub struct Pay {
    pub currency: CurrencyOption,
    /// Digits, in the coin: all that is asked at this price.
    pub total: String,
    /// Digits: what has been seen so far; `None` before the first payment.
    pub paid: Option<String>,
    /// Digits: what is still to be sent.
    pub due: String,
    pub address: String,
    /// A link for wallets, for `due` (`qr::eip681`). Without one there is no QR code.
    pub uri: Option<String>,
    pub quote: Quote,
    pub payments: Vec<SeenPayment>,
    pub other: OtherWays,
    pub may_cancel: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    Locked {
        until_ms: i64,
    },
    /// The amount and address are no longer shown; the payer must ask for a new price.
    Expired,
}

#[derive(Debug, Clone)]
pub struct SeenPayment {
    pub amount: Amount,
    /// The chain's transaction hash.
    pub chain_tx: String,
    /// Where to look it up; shown only if it is http or https.
    pub explorer_url: Option<String>,
    pub progress: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Confirming {
        seen: u32,
        needed: u32,
    },
    Final,
    /// A reorganisation or replacement undid it.
    Reversed,
}

/// Money that is recorded although the invoice did not ask for it.
#[derive(Debug, Clone)]
pub enum Notice {
    OverPaid {
        excess: Amount,
    },
    Late {
        amount: Amount,
    },
    WrongToken {
        amount: Amount,
        network: Label,
    },
    /// A card or UPI payment over another amount than was asked: it counts for nothing, and must not be repeated.
    OtherAmount {
        amount: Amount,
    },
}

/// Pages that know of no invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainPage {
    /// For an unknown or foreign token; HTTP status 404.
    NotFound,
    /// HTTP status 429.
    TooManyRequests,
    /// `/service/pay/success/`
    Success,
    /// `/service/pay/cancel/`
    Cancel,
    /// `/service/pay/pending/`
    Pending,
}
